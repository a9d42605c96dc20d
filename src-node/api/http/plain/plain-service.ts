/**
 * From a plain request to the handler that its route has for it: guard, route, parameters, gate, in the order in which all others go. Whatever ends before a handler is
 * chosen is left to node:http, with nothing done, so that refusals have one home.
 */

import { createEntrance, type Found } from '../entrance.ts'
import { envelop, send } from '../errors.ts'
import { decodeForm, decodeQuery, type Field, type FormResult, noFields } from '../form.ts'
import type { Guard } from '../guard.ts'
import { createParameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { type Router, splitTarget } from '../router.ts'
import type { PlainConnectionParts } from './plain-connection.ts'
import type { PlainRequest, PlainResponse } from './plain-port.ts'

/** null: they cannot be read. */
const fieldsOf = (result: FormResult): readonly Field[] | null => (result.ok ? result.fields : null)

export const createPlainService = (parts: HttpParts, guard: Guard, match: Router): PlainConnectionParts['serve'] => {
  const { admit, safely } = createEntrance<PlainRequest, PlainResponse>(parts, (_request, response, answer) => {
    if (!response.destroyed) send(response, answer)
  })
  const serve: PlainConnectionParts['serve'] = (request, response) => {
    if (guard.check(request.headers) !== null) return false
    const { path, query } = splitTarget(request.url)
    const route = match(request.method, path)
    if (route.kind === 'answer' || route.plain === null) return false
    const asked = query === '' ? noFields : fieldsOf(decodeQuery(query))
    const form = route.readsBody ? fieldsOf(decodeForm(request.body)) : noFields
    if (asked === null || form === null) return false
    const parameters = createParameters(asked, form, null)
    const handler = route.plain(parameters)
    if (handler === null) return false
    if (route.enveloped) envelop(response)
    const found: Found = { path, query, demand: route.demand }
    admit(
      request,
      response,
      found,
      (caller) => (caller === undefined ? parameters : createParameters(asked, form, null, caller)),
      (admitted) => handler(request, response, admitted),
    )
    return true
  }
  return (request, response) => {
    let isServed = true
    safely(request, response, request.url, () => {
      isServed = serve(request, response)
    })
    return isServed
  }
}
