/**
 * ConfigQueryRequest (nacos-grpc 5.2): one configuration as this node has applied it. `lastModified` and `beta` stand in every answer, failures too;
 * `tag` never where none is served: one client reads it as a flag, another one as a text.
 */

import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import type { StorageFailure } from '../../../storage/storage-failure.ts'
import { createContentCache } from '../../http/v1/content-cache.ts'
import { checkContent, readGray } from '../../http/v1/content-check.ts'
import { shownType } from '../../http/v1/read-config.ts'
import { versionOf } from '../../http/v1/version-choice.ts'
import { errorCodes, failedAs, type GrpcAnswer, refusedAs, succeeded } from '../answers.ts'
import { textOf } from '../json-fields.ts'
import type { GrpcParts } from '../ports.ts'
import type { RequestHandler, Respond } from '../requests.ts'
import { grayClientOf } from './gray.ts'
import { namedConfig } from './names.ts'

const type = 'ConfigQueryResponse'
const always = { lastModified: 0, beta: false } as const

const missing = failedAs(type, errorCodes.noConfig, 'config data not exist', always)

/** What has been read lately is often read again at once: by everybody who was told that it changed. */
const shareOfCache = 4

/** How an answer names the version that it holds. */
const versionWords = (row: ConfigIndexRow | GrayRow): object => {
  if (!('rule' in row)) return { beta: false }
  return row.rule.type === 'beta' ? { beta: true } : { beta: false, tag: encodeURIComponent(row.rule.expr) }
}

const found = (row: ConfigIndexRow | GrayRow, content: Uint8Array): GrpcAnswer =>
  succeeded(type, {
    content: Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8'),
    ...{ encryptedDataKey: row.encryptedDataKey, contentType: shownType(row.type), md5: row.md5, lastModified: row.modifiedMs },
    ...versionWords(row),
  })

export const createConfigQuery = (parts: GrpcParts): RequestHandler => {
  const cache = createContentCache(parts.settings.contentCacheBytes / shareOfCache)

  const broken = (failure: StorageFailure, respond: Respond): void => {
    parts.storeBroken(failure)
    respond(refusedAs(type, 'storage_unavailable', always))
  }

  const loadFormal = (row: ConfigIndexRow, respond: Respond): void =>
    checkContent(row, parts.configs.readContent(row.id), (content) => {
      if (!(content instanceof Uint8Array)) return broken(content, respond)
      const answer = found(row, content)
      cache.keep(row, { body: answer.json, headers: [] })
      respond(answer)
    })

  /** Of some clients, and so never in the cache. */
  const loadGray = (row: GrayRow, respond: Respond): void =>
    checkContent(row, readGray(parts, row), (content) => {
      if (content instanceof Uint8Array) respond(found(row, content))
      else broken(content, respond)
    })

  const formal = (row: ConfigIndexRow, respond: Respond): void => {
    const kept = cache.find(row)
    if (kept === undefined) loadFormal(row, respond)
    else respond({ type, json: String(kept.body) })
  }

  return {
    ...{ type: 'ConfigQueryRequest', responseType: type, access: 'config-read', alwaysSaid: always },
    handle: (call, respond) => {
      const named = namedConfig(call.body)
      if (typeof named === 'string') return respond(failedAs(type, errorCodes.badRequest, named, always))
      parts.counters.reads++
      const version = versionOf(parts, named.key, textOf(call.body, 'tag').trim(), () => grayClientOf(call))
      switch (version.kind) {
        case 'missing':
          return respond(missing)
        case 'formal':
          return formal(version.row, respond)
        case 'gray':
          return loadGray(version.row, respond)
      }
    },
  }
}
