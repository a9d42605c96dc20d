/**
 * One configuration as v2 and v3 give it to a client: the content as a JSON string in their envelope (nacos-http 7, 14.1), from this node's own applied
 * state, or confirmed by a majority if that is asked for.
 */

import type { ServerResponse } from 'node:http'
import type { GrayRow, GrayRule } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { type ConfigNames, v2ConfigNames, v3ConfigNames } from '../config-names.ts'
import { type Answer, jsonType, resultFailure, send } from '../errors.ts'
import { configKey } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { consistencyOf, whenConsistent } from './consistency.ts'
import { readGray, readWhole } from './content-check.ts'
import { inResult, members, sendPieces, textPieces } from './json-pieces.ts'
import { contentHeaders, shownType } from './read-config.ts'
import { grayHeaders, namedTagOf, versionFor } from './version-choice.ts'

const missingWords = 'config data not exist'
const missing = (status: number): Answer => resultFailure(status, 'resource not found', missingWords)
/** With the newline of Nacos's own writer. */
const missingV2: Answer = { ...missing(404), body: `${missing(404).body}\n` }
/** The client of v3 wants no status but 200 for it. */
const missingV3 = missing(200)

/** A content with what an answer says of it. */
interface Served extends ConfigKey {
  readonly row: ConfigIndexRow | GrayRow
  readonly content: Uint8Array
  readonly md5: string
}

const ruleOf = ({ row }: Served): GrayRule | null => ('rule' in row ? row.rule : null)

function* answerPieces(served: Served): Generator<string> {
  const { row } = served
  const rule = ruleOf(served)
  yield `{${members({ resultCode: 200, errorCode: 0, message: null, requestId: null })},"content":`
  yield* textPieces(served)
  const facts = { encryptedDataKey: row.encryptedDataKey, contentType: shownType(row.type), md5: row.md5, lastModified: row.modifiedMs }
  yield `,${members({ ...facts, tag: rule?.type === 'tag' ? rule.expr : null, beta: rule?.type === 'beta', success: true })}}`
}

interface Shape {
  readonly names: ConfigNames
  readonly missing: Answer
  pieces(served: Served): Iterable<string>
}
const v2: Shape = { names: v2ConfigNames, missing: missingV2, pieces: textPieces }
const v3: Shape = { names: v3ConfigNames, missing: missingV3, pieces: answerPieces }

export const createReadWrapped = (parts: HttpParts, room: AnswerRoom): { readonly v2: Handler; readonly v3: Handler } => {
  /** Null: there is nothing for this client. */
  const load = (response: ServerResponse, key: ConfigKey, tag: string): Served | null => {
    const version = versionFor(parts, response.req, key, tag)
    if (version.kind === 'missing') return null
    const { row } = version
    room.reserve(response, row.contentBytes)
    const content = version.kind === 'gray' ? readGray(parts, version.row) : readWhole(parts, version.row)?.content
    return content === undefined ? null : { ...key, row, content, md5: row.md5 }
  }
  const answer = (response: ServerResponse, shape: Shape, key: ConfigKey, tag: string): void => {
    parts.counters.reads++
    const served = load(response, key, tag)
    if (served === null) send(response, shape.missing)
    else {
      const { row } = served
      const headers = ['Content-Type', jsonType, ...contentHeaders(row), ...('rule' in row ? grayHeaders(row) : [])]
      sendPieces(parts, response, inResult(shape.pieces(served)), headers)
    }
  }
  const by =
    (shape: Shape): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, shape.names)
      const tag = namedTagOf(parameters)
      whenConsistent(parts, response, consistencyOf(parameters), () => answer(response, shape, key, tag))
    }
  return { v2: by(v2), v3: by(v3) }
}
