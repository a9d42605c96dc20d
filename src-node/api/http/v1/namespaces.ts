/** `/v1/console/namespaces` (nacos-http 12.1): a bare `true` or `false` for changes, whatever was wrong with them; a RestResult for the list. */

import type { ServerResponse } from 'node:http'
import { type Answer, caused, missingParameter, refuse } from '../errors.ts'
import { descriptionCharactersMax } from '../namespaces/namespace-names.ts'
import type { NamespaceProblem, Namespaces } from '../namespaces/namespaces.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import { jsonAnswer, restResultAnswer, sendIfThere } from '../result.ts'
import type { Handler, Route } from '../router.ts'

/** Far above what is allowed: what is too long is judged in the namespace's own words. */
const textCharactersMax = 1_024

const defaultId = ''

const required = (parameters: Parameters, name: string): string =>
  parameters.has(name) ? limitedText(parameters, name, textCharactersMax) : refuse(missingParameter(name, 'String'))

const optional = (parameters: Parameters, name: string): string => limitedText(parameters, name, textCharactersMax)

/** What keeps a namespace from going is said in words; everything else is `false`, as in Nacos. */
const tell =
  (response: ServerResponse) =>
  (problem: NamespaceProblem | null): void => {
    const holds = problem?.why === 'namespace-holds-configs' || problem?.why === 'namespace-holds-services'
    sendIfThere(response, problem !== null && holds ? caused(409, problem.words) : jsonAnswer(problem === null))
  }

/** HTML-escaped in Nacos, as all that its console-wide handler says. */
const unknown = (id: string): Answer => caused(500, `namespaceId [ ${id.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)} ] not exist`)

export const createNamespacesRoute = (namespaces: Namespaces): Route => {
  const get: Handler = (_request, response, parameters) => {
    if (optional(parameters, 'show') === 'all') {
      const id = required(parameters, 'namespaceId')
      namespaces.detail(response, { id, defaultId }, (found) => (found === undefined ? unknown(id) : jsonAnswer(found)))
    } else if (optional(parameters, 'checkNamespaceIdExist') === 'true') {
      const id = required(parameters, 'customNamespaceId').trim()
      sendIfThere(response, jsonAnswer(id !== '' && namespaces.exists(id)))
    } else namespaces.list(response, defaultId, (list) => restResultAnswer(list))
  }
  return {
    access: 'admin',
    accessTo: { GET: 'signed-in' },
    GET: get,
    POST: (_request, response, parameters) => {
      const name = required(parameters, 'namespaceName')
      const description = limitedText(parameters, 'namespaceDesc', descriptionCharactersMax)
      namespaces.create(response, { id: optional(parameters, 'customNamespaceId'), name, description }, tell(response))
    },
    PUT: (_request, response, parameters) => {
      const id = required(parameters, 'namespace')
      const name = required(parameters, 'namespaceShowName')
      namespaces.update(response, { id, name, description: limitedText(parameters, 'namespaceDesc', descriptionCharactersMax) }, tell(response))
    },
    DELETE: (_request, response, parameters) => namespaces.remove(response, required(parameters, 'namespaceId'), tell(response)),
  }
}
