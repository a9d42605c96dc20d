/** `/v1/cs/configs`: one path, many meanings (nacos-http 5); decides which is meant and refuses those not served yet. */

import type { AnswerRoom } from '../answer-room.ts'
import type { Answer } from '../errors.ts'
import { caused, refuse } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler, Route } from '../router.ts'
import { consistencyOf } from './consistency.ts'
import type { Imports } from './import-zip.ts'
import { createReadConfig } from './read-config.ts'
import { createSearchConfigs, createShowConfig } from './search-configs.ts'
import { createConfigWrites } from './write-config.ts'
import { v1Names } from './zip-names.ts'

const notServed = (what: string): Answer => caused(501, `${what} is not served by this version`)

/** A page is read while others write: no one moment could be confirmed for it. */
const ownStateOnly = caused(400, "a search answers from this node's own state: consistency=linearizable is for one configuration")

/** Must be told apart before anything is written: a clone that was taken for a publish would be worse than none. */
const otherMeanings = ['beta', 'clone', 'delType'] as const
/** Each on one method only. */
const exportWords = ['export', 'exportV2'] as const
const importWords = ['import'] as const

const refuseMeanings = (parameters: Parameters, names: readonly string[]): void => {
  for (const name of names) if (parameters.has(name)) refuse(notServed(`${name}=`))
}

export interface ConfigsParts {
  readonly room: AnswerRoom
  readonly imports: Imports
  readonly exportZip: Handler
}

export const createConfigsRoute = (parts: HttpParts, { room, imports, exportZip }: ConfigsParts): Route => {
  const read = createReadConfig(parts, room)
  const search = createSearchConfigs(parts, room)
  const show = createShowConfig(parts, room)
  const writes = createConfigWrites(parts)
  const guarded =
    (handler: Handler, refused: readonly string[]): Handler =>
    (request, response, parameters) => {
      refuseMeanings(parameters, refused)
      handler(request, response, parameters)
    }
  const get: Handler = (request, response, parameters) => {
    if (exportWords.some((name) => parameters.has(name))) return exportZip(request, response, parameters)
    const consistency = consistencyOf(parameters)
    if (parameters.has('search')) {
      if (consistency === 'linearizable') refuse(ownStateOnly)
      search(request, response, parameters)
    } else if (parameters.has('show') && limitedText(parameters, 'show', 32) === 'all') show(response, parameters, consistency)
    else read(response, parameters, consistency)
  }
  const post: Handler = (request, response, parameters) => {
    if (parameters.has('import')) imports.noFile(request, response, parameters)
    else writes.publish(request, response, parameters)
  }
  return {
    access: 'config',
    GET: guarded(get, [...otherMeanings, ...importWords]),
    POST: guarded(post, [...otherMeanings, ...exportWords]),
    UPLOAD: imports.upload(v1Names),
    DELETE: guarded(writes.remove, [...otherMeanings, ...exportWords, ...importWords]),
  }
}
