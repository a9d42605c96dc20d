/**
 * JSON answers that may be long, made piece by piece and sent a bounded amount a turn: a page of huge contents neither holds the loop nor fills the
 * memory. Each content is hashed as it goes: an answer with other bytes than were written never ends well.
 */

import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { ConfigKey } from '../../../state-machine/types.ts'
import { isStorageFailure } from '../../../storage/storage-failure.ts'
import type { HttpParts } from '../ports.ts'
import { jsonHeaders } from '../result.ts'
import { answerBroken, otherMd5 } from './content-check.ts'

const pieceBytes = 64 * 1024
const turnPieces = 64
const turnCharacters = 256 * 1024

/** Cuts between two characters: never within a UTF-8 sequence. */
const cutBefore = (content: Uint8Array, at: number): number => {
  let cut = Math.min(at, content.length)
  while (cut < content.length && ((content[cut] ?? 0) & 0xc0) === 0x80) cut--
  return cut
}

interface Content extends ConfigKey {
  readonly content: Uint8Array
  readonly md5: string
}

/** The content as a JSON string. Throws a `StorageFailure` after the last piece if the bytes are not those of the row's md5. */
export function* textPieces({ content, ...row }: Content): Generator<string> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const md5 = createHash('md5')
  yield '"'
  for (let at = 0; at < bytes.length; ) {
    const end = cutBefore(bytes, at + pieceBytes)
    md5.update(bytes.subarray(at, end))
    yield JSON.stringify(bytes.toString('utf8', at, end)).slice(1, -1)
    at = end
  }
  if (md5.digest('hex') !== row.md5) throw otherMd5(row)
  yield '"'
}

/** `"a":1,"b":null` without the braces. */
export const members = (object: object): string => JSON.stringify(object).slice(1, -1)

export const orNull = (text: string): string | null => (text === '' ? null : text)

/** The envelope of v2 and v3 around it. */
export function* inResult(data: Iterable<string>): Generator<string> {
  yield '{"code":0,"message":"success","data":'
  yield* data
  yield '}'
}

export interface PageCounts {
  readonly total: number
  readonly pageNumber: number
  readonly pageSize: number
}

/** A page as lists of configurations and of history have it (nacos-http 2.1). */
export function* pageOf<Row>(
  { total, pageNumber, pageSize }: PageCounts,
  rows: readonly Row[],
  shown: (row: Row) => Iterable<string>,
): Generator<string> {
  yield `{${members({ totalCount: total, pageNumber, pagesAvailable: Math.ceil(total / pageSize) })},"pageItems":`
  yield* listOf(rows, shown)
  yield '}'
}

export function* listOf<Row>(rows: readonly Row[], shown: (row: Row) => Iterable<string>): Generator<string> {
  yield '['
  for (const [at, row] of rows.entries()) {
    if (at > 0) yield ','
    yield* shown(row)
  }
  yield ']'
}

/** Small answers go out at once with their length, large ones in chunks as the client takes them. */
export const sendPieces = (parts: HttpParts, response: ServerResponse, pieces: Iterator<string>, headers: readonly string[] = jsonHeaders): void => {
  const own = [...headers, 'Nacos-Trio-Node', String(parts.nodeId)]
  let started = false
  const turn = (): void => {
    try {
      sendSome()
    } catch (error) {
      if (!isStorageFailure(error)) throw error
      answerBroken(parts, response, error)
    }
  }
  const sendSome = (): void => {
    if (response.destroyed) return
    let text = ''
    for (let count = 0; count < turnPieces && text.length < turnCharacters; count++) {
      const next = pieces.next()
      if (next.done === true) {
        if (!started) response.writeHead(200, [...own, 'Content-Length', String(Buffer.byteLength(text))])
        response.end(text)
        return
      }
      text += next.value
    }
    if (!started) response.writeHead(200, own)
    started = true
    if (response.write(text)) setImmediate(turn)
    else response.once('drain', turn)
  }
  turn()
}
