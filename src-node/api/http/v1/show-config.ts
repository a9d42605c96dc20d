/**
 * One configuration with all that is known of it: `show=all` and the catalog of v1, the detail of v3 (nacos-http 5.4, 14). A missing one is an empty
 * body in v1, nothing in the catalog and in the console of v3, and 404 for an operator.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigKey, ConfigRow } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { v3ConfigNames } from '../config-names.ts'
import { caused, jsonType, refuse, send } from '../errors.ts'
import { configKey } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { restResultAnswer, sendResult } from '../result.ts'
import type { Handler } from '../router.ts'
import { catalogOf, detailPieces, detailPiecesV3 } from './config-json.ts'
import { type ConsistentRead, consistencyOf, whenConsistent } from './consistency.ts'
import { readWhole } from './content-check.ts'
import { inResult, sendPieces } from './json-pieces.ts'

export interface ConfigDetails {
  readonly showAll: ConsistentRead<ServerResponse>
  readonly catalog: Handler
  readonly admin: Handler
  readonly console: Handler
}

export const createConfigDetails = (parts: HttpParts, room: AnswerRoom): ConfigDetails => {
  const load = (response: ServerResponse, key: ConfigKey): ConfigRow | undefined => {
    room.reserve(response, parts.configs.find(key)?.contentBytes ?? 0)
    parts.counters.reads++
    return readWhole(parts, key)
  }
  const v3 =
    (missing: (response: ServerResponse) => void): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, v3ConfigNames)
      whenConsistent(parts, response, consistencyOf(parameters), () => {
        const row = load(response, key)
        if (row === undefined) missing(response)
        else sendPieces(parts, response, inResult(detailPiecesV3(row)))
      })
    }
  return {
    showAll: (_request, response, parameters, consistency) => {
      const key = configKey(parameters)
      whenConsistent(parts, response, consistency, () => {
        const row = load(response, key)
        if (row === undefined) send(response, { status: 200, headers: ['Content-Type', jsonType], body: '' })
        else sendPieces(parts, response, detailPieces(row))
      })
    },
    catalog: (_request, response, parameters) => {
      const row = load(response, configKey(parameters))
      send(response, restResultAnswer(row === undefined ? null : catalogOf(row)))
    },
    admin: v3(() => refuse(caused(404, 'Config not exist, please publish Config first.'))),
    console: v3((response) => sendResult(response, null)),
  }
}
