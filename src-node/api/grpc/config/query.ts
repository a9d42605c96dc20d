/**
 * ConfigQueryRequest (nacos-grpc 5.2): one configuration as this node has applied it. `lastModified` and `beta` stand in every answer, failures too;
 * `tag` never where none is served: one client reads it as a flag, another one as a text.
 */

import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { createContentCache } from '../../http/v1/content-cache.ts'
import { checkContent } from '../../http/v1/content-check.ts'
import { errorCodes, failedAs, type GrpcAnswer, refusedAs, succeeded } from '../answers.ts'
import { textOf } from '../json-fields.ts'
import type { GrpcParts } from '../ports.ts'
import type { RequestHandler, Respond } from '../requests.ts'
import { namedConfig } from './names.ts'

const type = 'ConfigQueryResponse'
const always = { lastModified: 0, beta: false } as const

const missing = failedAs(type, errorCodes.noConfig, 'config data not exist', always)

/** What has been read lately is often read again at once: by everybody who was told that it changed. */
const shareOfCache = 4

const found = (row: ConfigIndexRow, content: Uint8Array): GrpcAnswer =>
  succeeded(type, {
    content: Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8'),
    encryptedDataKey: row.encryptedDataKey,
    contentType: row.type === 'unset' ? 'text' : row.type,
    md5: row.md5,
    lastModified: row.modifiedMs,
    beta: false,
  })

export const createConfigQuery = (parts: GrpcParts): RequestHandler => {
  const cache = createContentCache(parts.settings.contentCacheBytes / shareOfCache)

  const load = (row: ConfigIndexRow, respond: Respond): void =>
    checkContent(row, parts.configs.readContent(row.id), (content) => {
      if (!(content instanceof Uint8Array)) {
        parts.storeBroken(content)
        respond(refusedAs(type, 'storage_unavailable', always))
        return
      }
      const answer = found(row, content)
      cache.keep(row, { body: answer.json, headers: [] })
      respond(answer)
    })

  return {
    ...{ type: 'ConfigQueryRequest', responseType: type, access: 'config-read', alwaysSaid: always },
    handle: ({ body }, respond) => {
      const named = namedConfig(body)
      if (typeof named === 'string') return respond(failedAs(type, errorCodes.badRequest, named, always))
      parts.counters.reads++
      const row = parts.configs.find(named.key)
      // A tag names a version of its own, and the formal content must not stand in for it.
      if (row === undefined || textOf(body, 'tag') !== '') return respond(missing)
      const kept = cache.find(row)
      if (kept === undefined) load(row, respond)
      else respond({ type, json: String(kept.body) })
    },
  }
}
