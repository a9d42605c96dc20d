/** `/v1/cs/configs`: one path, many meanings (nacos-http 5); decides which is meant and refuses those not served yet. */

import type { AnswerRoom } from '../answer-room.ts'
import { v1ConfigNames } from '../config-names.ts'
import type { Answer } from '../errors.ts'
import { caused, refuse } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { PlainChoice, PlainHandler } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'
import { type Asks, allConfigsBy, configsOrRows, oneConfigBy } from '../resources.ts'
import type { Handler, Route } from '../router.ts'
import type { BetaHandlers } from './beta.ts'
import { cloneBytesMax, v1CloneNames } from './clone.ts'
import { consistencyOf } from './consistency.ts'
import type { Imports } from './import-zip.ts'
import { createReadConfig } from './read-config.ts'
import type { ConfigSearches } from './search-configs.ts'
import type { ConfigDetails } from './show-config.ts'
import { createConfigWrites } from './write-config.ts'
import { v1Names } from './zip-names.ts'

const notServed = (what: string): Answer => caused(501, `${what} is not served by this version`)

/** A page is read while others write: no one moment could be confirmed for it. */
const ownStateOnly = caused(400, "a search answers from this node's own state: consistency=linearizable is for one configuration")

/** Must be told apart before anything is written: a clone that was taken for a publish would be worse than none. Each on one method only. */
const exportWords = ['export', 'exportV2'] as const
const writeWords = ['import', 'clone'] as const

/** Whoever says any of these to a method that writes means something else than one configuration, or is told that it is nothing. */
const notPlain = [...exportWords, ...writeWords, 'delType', 'beta'] as const

const noBeta = caused(400, 'beta is true, or is not given')

const refuseMeanings = (parameters: Parameters, names: readonly string[]): void => {
  for (const name of names) if (parameters.has(name)) refuse(notServed(`${name}=`))
}

const ofOne = configsOrRows(oneConfigBy(v1ConfigNames))
const ofImport = configsOrRows(allConfigsBy(v1Names.importNamespace))
const ofClone = configsOrRows(allConfigsBy(...v1CloneNames.target))

/** Once more which is meant: what is taken in, or made from others, may have any names. */
const asks: Asks = (parameters) => {
  if (parameters.has('import')) return ofImport(parameters)
  return parameters.has('clone') ? ofClone(parameters) : ofOne(parameters)
}

export interface ConfigsParts {
  readonly room: AnswerRoom
  readonly imports: Imports
  readonly exportZip: Handler
  readonly searches: ConfigSearches
  readonly details: ConfigDetails
  readonly clone: Handler
  readonly removeByIds: Handler
  readonly beta: BetaHandlers
}

export const createConfigsRoute = (parts: HttpParts, own: ConfigsParts): Route => {
  const { room, imports, exportZip, searches, details, clone, removeByIds, beta } = own
  const read = createReadConfig(parts, room)
  const writes = createConfigWrites(parts, v1ConfigNames)
  const guarded =
    (handler: Handler, refused: readonly string[]): Handler =>
    (request, response, parameters) => {
      refuseMeanings(parameters, refused)
      handler(request, response, parameters)
    }
  const isTrue = (parameters: Parameters, name: string): boolean => limitedText(parameters, name, 8) === 'true'
  const get: Handler = (request, response, parameters) => {
    if (exportWords.some((name) => parameters.has(name))) return exportZip(request, response, parameters)
    if (parameters.has('beta')) return isTrue(parameters, 'beta') ? beta.query(request, response, parameters) : refuse(noBeta)
    const consistency = consistencyOf(parameters)
    if (parameters.has('search')) {
      if (consistency === 'linearizable') refuse(ownStateOnly)
      searches.v1(request, response, parameters)
    } else if (parameters.has('show') && limitedText(parameters, 'show', 32) === 'all') details.showAll(request, response, parameters, consistency)
    else read(request, response, parameters, consistency)
  }
  const post: Handler = (request, response, parameters) => {
    if (parameters.has('import')) imports.noFile(request, response, parameters)
    else if (!parameters.has('clone')) writes.publish(request, response, parameters)
    else if (isTrue(parameters, 'clone')) clone(request, response, parameters)
    else refuse(caused(400, 'clone is true, or is not given'))
  }
  const remove: Handler = (request, response, parameters) => {
    if (parameters.has('beta')) return isTrue(parameters, 'beta') ? beta.stop(request, response, parameters) : refuse(noBeta)
    if (!parameters.has('delType')) writes.remove(request, response, parameters)
    else if (limitedText(parameters, 'delType', 8) === 'ids') removeByIds(request, response, parameters)
    else refuse(caused(400, 'delType is ids, or is not given'))
  }
  const plain =
    (handler: PlainHandler, ...further: readonly string[]): PlainChoice =>
    (parameters) =>
      notPlain.some((name) => parameters.has(name)) || further.some((name) => parameters.has(name)) ? null : handler
  const readOne: PlainHandler = (request, response, parameters) => read(request, response, parameters, consistencyOf(parameters))
  return {
    access: 'config',
    resources: asks,
    jsonBytesMax: cloneBytesMax,
    GET: guarded(get, [...writeWords, 'delType']),
    POST: guarded(post, [...exportWords, 'delType', 'beta']),
    UPLOAD: imports.upload(v1Names),
    DELETE: guarded(remove, [...exportWords, ...writeWords]),
    PLAIN: { GET: plain(readOne, 'search', 'show'), POST: plain(writes.publish), DELETE: plain(writes.remove) },
  }
}
