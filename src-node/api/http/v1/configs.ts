/** `/v1/cs/configs`: one path, many meanings (nacos-http 5); decides which is meant and refuses those not served yet. */

import type { AnswerRoom } from '../answer-room.ts'
import type { Answer } from '../errors.ts'
import { caused, refuse } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler, Route } from '../router.ts'
import { consistencyOf } from './consistency.ts'
import { createReadConfig } from './read-config.ts'
import { createSearchConfigs, createShowConfig } from './search-configs.ts'
import { createConfigWrites } from './write-config.ts'

const notServed = (what: string): Answer => caused(501, `${what} is not served by this version`)

/** A page is read while others write: no one moment could be confirmed for it. */
const ownStateOnly = caused(400, "a search answers from this node's own state: consistency=linearizable is for one configuration")

/** Must be told apart before anything is written: an import that was taken for a publish would be worse than none. */
const otherMeanings = ['beta', 'export', 'exportV2', 'import', 'clone', 'delType'] as const

const refuseOtherMeanings = (parameters: Parameters): void => {
  for (const name of otherMeanings) if (parameters.has(name)) refuse(notServed(`${name}=`))
}

export const createConfigsRoute = (parts: HttpParts, room: AnswerRoom): Route => {
  const read = createReadConfig(parts, room)
  const search = createSearchConfigs(parts, room)
  const show = createShowConfig(parts, room)
  const writes = createConfigWrites(parts)
  const guarded =
    (handler: Handler): Handler =>
    (request, response, parameters) => {
      refuseOtherMeanings(parameters)
      handler(request, response, parameters)
    }
  const get: Handler = (request, response, parameters) => {
    const consistency = consistencyOf(parameters)
    if (parameters.has('search')) {
      if (consistency === 'linearizable') refuse(ownStateOnly)
      search(request, response, parameters)
    } else if (parameters.has('show') && limitedText(parameters, 'show', 32) === 'all') show(response, parameters, consistency)
    else read(response, parameters, consistency)
  }
  return { GET: guarded(get), POST: guarded(writes.publish), DELETE: guarded(writes.remove) }
}
