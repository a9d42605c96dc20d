/**
 * `GET /v1/cs/configs`: the content as it is, from this node's own applied state (nacos-http 5.2). With `consistency=linearizable` only
 * after a majority has confirmed that this state is not behind (thesis 6.4). No JSON, no copy, no text.
 */

import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow, ConfigKey, ConfigType } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { jsonType, noCache, send, textType } from '../errors.ts'
import { configKey } from '../parameters.ts'
import { oneWriteBytesMax } from '../plain/plain-answer.ts'
import type { PlainRequest, PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'
import { type ConsistentRead, whenConsistent } from './consistency.ts'
import { type CachedContent, createContentCache } from './content-cache.ts'
import { answerBroken, checkContent, readGray } from './content-check.ts'
import { grayHeaders, namedTagOf, versionFor } from './version-choice.ts'

const missing = { status: 404, headers: ['Content-Type', jsonType, ...noCache], body: 'config data not exist\n' } as const

export const shownType = (type: ConfigType): string => (type === 'unset' ? 'text' : type)

/** A value that came from elsewhere must never break the header block. */
const headerSafe = (value: string): string => (/^[\x20-\x7e]*$/.test(value) ? value : '')

/** What every generation says of a content in headers. */
export const contentHeaders = (row: Pick<ConfigIndexRow, 'type' | 'md5' | 'encryptedDataKey' | 'modifiedMs' | 'index'>): readonly string[] => [
  ...['Config-Type', shownType(row.type), 'Content-MD5', row.md5],
  ...['Encrypted-Data-Key', headerSafe(row.encryptedDataKey), 'Last-Modified', new Date(row.modifiedMs).toUTCString()],
  ...[...noCache, 'X-Content-Type-Options', 'nosniff', 'Nacos-Trio-Index', String(row.index)],
]

const headersOf = (row: ConfigIndexRow | GrayRow, content: Uint8Array, nodeId: string): readonly string[] => [
  ...['Content-Type', textType, ...contentHeaders(row), 'Nacos-Trio-Node', nodeId, 'Content-Length', String(content.length)],
]

/** One character for each byte: the same bytes again when written as Latin-1. */
const bodyOf = (content: Uint8Array): Uint8Array | string =>
  content.length <= oneWriteBytesMax ? Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1') : content

/** Index and content are of one moment: both are read within one turn, and a batch is published within one turn. */
export const createReadConfig = (parts: HttpParts, room: AnswerRoom): ConsistentRead<PlainResponse> => {
  const cache = createContentCache(parts.settings.contentCacheBytes)
  const nodeId = String(parts.nodeId)
  const serve = (response: PlainResponse, found: CachedContent): void => {
    if (response.destroyed) return
    response.writeHead(200, found.headers as string[])
    response.end(found.body, 'latin1')
  }
  const load = (response: PlainResponse, row: ConfigIndexRow): void =>
    checkContent(row, parts.configs.readContent(row.id), (content) => {
      if (!(content instanceof Uint8Array)) return answerBroken(parts, response, content)
      const loaded = { body: bodyOf(content), headers: headersOf(row, content, nodeId) }
      cache.keep(row, loaded)
      serve(response, loaded)
    })
  /** Of some clients, and so never in the cache. */
  const loadGray = (response: PlainResponse, row: GrayRow): void => {
    room.reserve(response, row.contentBytes)
    checkContent(row, readGray(parts, row), (content) => {
      if (!(content instanceof Uint8Array)) return answerBroken(parts, response, content)
      serve(response, { body: bodyOf(content), headers: [...headersOf(row, content, nodeId), ...grayHeaders(row)] })
    })
  }
  const answerFormal = (response: PlainResponse, row: ConfigIndexRow): void => {
    room.reserve(response, row.contentBytes)
    const found = cache.find(row)
    if (found !== undefined) serve(response, found)
    else load(response, row)
  }
  const answer = (request: PlainRequest, response: PlainResponse, key: ConfigKey, tag: string): void => {
    const version = versionFor(parts, request, key, tag)
    parts.counters.reads++
    if (version.kind === 'formal') answerFormal(response, version.row)
    else if (version.kind === 'gray') loadGray(response, version.row)
    else send(response, missing)
  }
  return (request, response, parameters, consistency) => {
    const key = configKey(parameters)
    const tag = namedTagOf(parameters)
    whenConsistent(parts, response, consistency, () => answer(request, response, key, tag))
  }
}
