/**
 * Configurations as JSON for consoles: one row's detail, pages of a search (nacos-http 5.4, 5.5). Contents are escaped and
 * sent in pieces, a bounded amount a turn, and read from the store one at a time: a page of huge contents neither holds the
 * loop nor fills the memory.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow, ConfigRow } from '../../../state-machine/types.ts'
import { jsonType, noCache } from '../errors.ts'

const pieceBytes = 64 * 1024
const turnPieces = 64
const turnCharacters = 256 * 1024

/** Cuts between two characters: never within a UTF-8 sequence. */
const cutBefore = (content: Uint8Array, at: number): number => {
  let cut = Math.min(at, content.length)
  while (cut < content.length && ((content[cut] ?? 0) & 0xc0) === 0x80) cut--
  return cut
}

function* textPieces(content: Uint8Array): Generator<string> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  yield '"'
  for (let at = 0; at < bytes.length; ) {
    const end = cutBefore(bytes, at + pieceBytes)
    yield JSON.stringify(bytes.toString('utf8', at, end)).slice(1, -1)
    at = end
  }
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
  yield* textPieces(row.content)
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
    else yield* textPieces(whole.content)
    yield `,${members({ ...factsOf(whole ?? row), appName: orNull(whole?.appName ?? '') })}}`
    first = false
  }
  yield ']}'
}

const headers = ['Content-Type', jsonType, ...noCache, 'X-Content-Type-Options', 'nosniff']

/** Small answers go out at once with their length, large ones in chunks as the client takes them. */
export const sendPieces = (response: ServerResponse, nodeId: number, pieces: Iterator<string>): void => {
  const own = [...headers, 'Nacos-Trio-Node', String(nodeId)]
  let started = false
  const turn = (): void => {
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
