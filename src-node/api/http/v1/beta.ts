/** The beta version of a configuration as consoles see it and stop it (nacos-http 5.6, 14): in v1 by `beta=true`, in v3 under a path of its own. */

import type { ServerResponse } from 'node:http'
import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigKey } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { socketIpOf } from '../client-ip.ts'
import { type ConfigNames, v1ConfigNames, v3ConfigNames } from '../config-names.ts'
import { caused, jsonType, refuse, send } from '../errors.ts'
import { configKey, sourceUserOf } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { restResultAnswer, resultAnswer, sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'
import { betaPieces, grayPieces } from './config-json.ts'
import { readGray } from './content-check.ts'
import { betaName } from './gray-writes.ts'
import { inResult, sendPieces } from './json-pieces.ts'
import { answerToWrite } from './write-config.ts'

export interface BetaHandlers {
  readonly query: Handler
  readonly stop: Handler
}

const queryWords = 'query beta ok'

function* inRestResult(data: Iterable<string>): Generator<string> {
  yield `{"code":200,"message":"${queryWords}","data":`
  yield* data
  yield '}'
}

export const createBeta = (parts: HttpParts, room: AnswerRoom): { readonly v1: BetaHandlers; readonly v3: BetaHandlers } => {
  const betaOf = (key: ConfigKey): GrayRow | undefined => parts.grays.of(key).find(({ grayName }) => grayName === betaName)

  const content = (response: ServerResponse, row: GrayRow): Uint8Array => {
    room.reserve(response, row.contentBytes)
    parts.counters.reads++
    return readGray(parts, row)
  }

  const queryV1: Handler = (_request, response, parameters) => {
    const row = betaOf(configKey(parameters))
    if (row === undefined) send(response, restResultAnswer(null, queryWords))
    else sendPieces(parts, response, inRestResult(betaPieces(row, content(response, row))), ['Content-Type', jsonType])
  }
  const queryV3: Handler = (_request, response, parameters) => {
    const row = betaOf(configKey(parameters, v3ConfigNames))
    if (row === undefined) refuse(caused(404, 'Config is not in beta.'))
    else sendPieces(parts, response, inResult(grayPieces(row, content(response, row))), ['Content-Type', jsonType])
  }

  const stop =
    (names: ConfigNames): Handler =>
    (request, response, parameters) => {
      const key = configKey(parameters, names)
      const origin = { sourceIp: socketIpOf(request), sourceUser: sourceUserOf(parameters, names.sourceUser) }
      parts.grays.propose({ kind: 'remove-gray', ...key, grayName: betaName, ...origin }, (outcome) => {
        const answer = answerToWrite(outcome)
        const success = names.enveloped ? resultAnswer(true) : restResultAnswer(true, 'stop beta ok')
        if (typeof answer === 'number') parts.counters.writes++
        sendIfThere(response, typeof answer === 'number' ? success : answer)
      })
    }
  return { v1: { query: queryV1, stop: stop(v1ConfigNames) }, v3: { query: queryV3, stop: stop(v3ConfigNames) } }
}
