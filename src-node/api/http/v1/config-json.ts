/**
 * Configurations as JSON for consoles: one row's detail, pages of a search (nacos-http 5.4, 5.5). Contents are escaped and
 * sent in pieces, a bounded amount a turn, and read from the store one at a time: a page of huge contents neither holds the
 * loop nor fills the memory. Each is hashed as it goes: an answer with other bytes than were written never ends well.
 */

import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow, ConfigRow } from '../../../state-machine/types.ts'
import { isStorageFailure } from '../../../storage/storage-failure.ts'
import { jsonType, noCache } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
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

/** Throws a `StorageFailure` after the last piece if the bytes are not those of the row's md5. */
function* textPieces({ content, ...row }: ConfigRow): Generator<string> {
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
const members = (object: object): string => JSON.stringify(object).slice(1, -1)

const namesOf = (row: ConfigIndexRow): object => ({ id: String(row.id), dataId: row.dataId, group: row.group })
/** `contentBytes`, `modifyTime` and `index` are ours; other readers skip them. */
const factsOf = (row: ConfigIndexRow): object => ({
  ...{ md5: row.md5, encryptedDataKey: row.encryptedDataKey, tenant: row.namespace, type: row.type },
  ...{ contentBytes: row.contentBytes, modifyTime: row.modifiedMs, index: row.index },
})

const orNull = (text: string): string | null => (text === '' ? null : text)

export function* detailPieces(row: ConfigRow): Generator<string> {
  yield `{${members(namesOf(row))},"content":`
  yield* textPieces(row)
  const rest = {
    ...{ ...factsOf(row), appName: orNull(row.appName), createTime: row.createdMs, createUser: orNull(row.sourceUser), createIp: row.sourceIp },
    ...{ desc: orNull(row.description), use: null, effect: null, schema: null, configTags: orNull(row.tags.join(',')) },
  }
  yield `,${members(rest)}}`
}

export interface Page {
  readonly total: number
  readonly pageNumber: number
  readonly pageSize: number
  readonly rows: readonly ConfigIndexRow[]
  /** undefined: the caller wants no contents, or the row is gone since. */
  content(row: ConfigIndexRow): ConfigRow | undefined
}

export function* pagePieces(page: Page): Generator<string> {
  const counts = { totalCount: page.total, pageNumber: page.pageNumber, pagesAvailable: Math.ceil(page.total / page.pageSize) }
  yield `{${members(counts)},"pageItems":[`
  let first = true
  for (const row of page.rows) {
    const whole = page.content(row)
    yield `${first ? '' : ','}{${members(namesOf(row))},"content":`
    if (whole === undefined) yield 'null'
    else yield* textPieces(whole)
    yield `,${members({ ...factsOf(whole ?? row), appName: orNull(whole?.appName ?? '') })}}`
    first = false
  }
  yield ']}'
}

const headers = ['Content-Type', jsonType, ...noCache, 'X-Content-Type-Options', 'nosniff']

/** Small answers go out at once with their length, large ones in chunks as the client takes them. */
export const sendPieces = (parts: HttpParts, response: ServerResponse, pieces: Iterator<string>): void => {
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
