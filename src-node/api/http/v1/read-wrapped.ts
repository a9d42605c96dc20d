/**
 * One configuration as v2 and v3 give it to a client: the content as a JSON string in their envelope (nacos-http 7, 14.1), from this node's own applied
 * state, or confirmed by a majority if that is asked for.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigRow } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { type ConfigNames, v2ConfigNames, v3ConfigNames } from '../config-names.ts'
import { type Answer, jsonType, resultFailure, send } from '../errors.ts'
import { configKey } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { consistencyOf, whenConsistent } from './consistency.ts'
import { readWhole } from './content-check.ts'
import { inResult, members, sendPieces, textPieces } from './json-pieces.ts'
import { contentHeaders, shownType } from './read-config.ts'

const missingWords = 'config data not exist'
const missing = (status: number): Answer => resultFailure(status, 'resource not found', missingWords)
/** With the newline of Nacos's own writer. */
const missingV2: Answer = { ...missing(404), body: `${missing(404).body}\n` }
/** The client of v3 wants no status but 200 for it. */
const missingV3 = missing(200)

function* answerPieces(row: ConfigRow): Generator<string> {
  yield `{${members({ resultCode: 200, errorCode: 0, message: null, requestId: null })},"content":`
  yield* textPieces(row)
  const facts = { encryptedDataKey: row.encryptedDataKey, contentType: shownType(row.type), md5: row.md5, lastModified: row.modifiedMs }
  yield `,${members({ ...facts, tag: null, beta: false, success: true })}}`
}

interface Shape {
  readonly names: ConfigNames
  readonly missing: Answer
  pieces(row: ConfigRow): Iterable<string>
}
const v2: Shape = { names: v2ConfigNames, missing: missingV2, pieces: textPieces }
const v3: Shape = { names: v3ConfigNames, missing: missingV3, pieces: answerPieces }

export const createReadWrapped = (parts: HttpParts, room: AnswerRoom): { readonly v2: Handler; readonly v3: Handler } => {
  const answer = (response: ServerResponse, shape: Shape, key: ReturnType<typeof configKey>): void => {
    room.reserve(response, parts.configs.find(key)?.contentBytes ?? 0)
    parts.counters.reads++
    const row = readWhole(parts, key)
    if (row === undefined) send(response, shape.missing)
    else sendPieces(parts, response, inResult(shape.pieces(row)), ['Content-Type', jsonType, ...contentHeaders(row)])
  }
  const by =
    (shape: Shape): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, shape.names)
      whenConsistent(parts, response, consistencyOf(parameters), () => answer(response, shape, key))
    }
  return { v2: by(v2), v3: by(v3) }
}
