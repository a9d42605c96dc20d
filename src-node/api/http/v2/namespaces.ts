/**
 * Namespaces in v2 and v3 (nacos-http 12.1, 14.2, 14.3): the same in three places, with two names of the id of a new one, and other names for the
 * default namespace.
 */

import type { ServerResponse } from 'node:http'
import type { ErrorName } from '../error-codes.ts'
import { type Answer, caused, missingParameter, refuse } from '../errors.ts'
import { descriptionCharactersMax } from '../namespaces/namespace-names.ts'
import type { NamespaceProblem, Namespaces } from '../namespaces/namespaces.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import { resultAnswer, sendIfThere, sendResult } from '../result.ts'
import type { Route } from '../router.ts'

const textCharactersMax = 1_024

interface Dialect {
  /** What the default namespace is called. */
  readonly defaultId: '' | 'public'
  /** Parameter of the id of a new one. */
  readonly newId: 'namespaceId' | 'customNamespaceId'
}

const required = (parameters: Parameters, name: string): string =>
  parameters.has(name) ? limitedText(parameters, name, textCharactersMax) : refuse(missingParameter(name, 'String'))

const descriptionOf = (parameters: Parameters): string => limitedText(parameters, 'namespaceDesc', descriptionCharactersMax)

const failures: Readonly<Record<NamespaceProblem['why'], readonly [status: number, name: ErrorName]>> = {
  illegal: [400, 'illegal namespace'],
  'is-default': [400, 'illegal namespace'],
  'namespace-exists': [500, 'namespace already exist'],
  'namespace-unknown': [404, 'namespace not exist'],
  'namespace-holds-configs': [409, 'resource conflict'],
  'namespace-holds-services': [409, 'resource conflict'],
  'too-many-namespaces': [409, 'resource conflict'],
}

const failure = ({ why, words }: NamespaceProblem): Answer => caused(failures[why][0], words, failures[why][1])

const tell =
  (response: ServerResponse) =>
  (problem: NamespaceProblem | null): void =>
    sendIfThere(response, problem === null ? resultAnswer(true) : failure(problem))

const unknown = (id: string): Answer => failure({ why: 'namespace-unknown', words: `namespaceId [ ${id} ] not exist` })

const routeOf = (namespaces: Namespaces, { defaultId, newId }: Dialect): Route => ({
  access: 'admin',
  accessTo: { GET: 'signed-in' },
  GET: (_request, response, parameters) => {
    const id = required(parameters, 'namespaceId')
    namespaces.detail(response, { id, defaultId }, (found) => (found === undefined ? unknown(id) : resultAnswer(found)))
  },
  POST: (_request, response, parameters) => {
    const id = limitedText(parameters, newId, textCharactersMax)
    const name = required(parameters, 'namespaceName')
    namespaces.create(response, { id, name, description: descriptionOf(parameters) }, tell(response))
  },
  PUT: (_request, response, parameters) => {
    const id = required(parameters, 'namespaceId')
    const name = required(parameters, 'namespaceName')
    namespaces.update(response, { id, name, description: descriptionOf(parameters) }, tell(response))
  },
  DELETE: (_request, response, parameters) => namespaces.remove(response, required(parameters, 'namespaceId'), tell(response)),
})

const listOf = (namespaces: Namespaces, { defaultId }: Dialect): Route => ({
  access: 'signed-in',
  GET: (_request, response) => namespaces.list(response, defaultId, resultAnswer),
})

/** @param answer of whether it is there; a blank id is none */
const existsRoute = (namespaces: Namespaces, name: string, answer: (exists: boolean) => unknown): Route => ({
  access: 'signed-in',
  GET: (_request, response, parameters) => {
    const id = required(parameters, name).trim()
    sendResult(response, answer(id !== '' && namespaces.exists(id)))
  },
})

const v2: Dialect = { defaultId: '', newId: 'namespaceId' }
const admin: Dialect = { defaultId: 'public', newId: 'namespaceId' }
const console: Dialect = { defaultId: 'public', newId: 'customNamespaceId' }

export const namespaceResultRoutes = (namespaces: Namespaces): Readonly<Record<string, Route>> => ({
  '/v2/console/namespace': routeOf(namespaces, v2),
  '/v2/console/namespace/list': listOf(namespaces, v2),
  '/v3/admin/core/namespace': routeOf(namespaces, admin),
  '/v3/admin/core/namespace/list': listOf(namespaces, admin),
  '/v3/admin/core/namespace/check': existsRoute(namespaces, 'namespaceId', (exists) => (exists ? 1 : 0)),
  '/v3/console/core/namespace': routeOf(namespaces, console),
  '/v3/console/core/namespace/list': listOf(namespaces, console),
  '/v3/console/core/namespace/exist': existsRoute(namespaces, 'customNamespaceId', (exists) => exists),
})
