/** Between Nacos's HTTP answers about configurations and the contract's shapes. Pure; reads everything a node says as unknown. */

import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { type ConfigDetail, type ConfigSummary, configTypeSchema, type Refusal, refusalSchema } from '../contract/index.ts'

const longestDetailChars = 500
const text = z.string().nullish()
const time = z.number().nullish()

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]),
  dataId: z.string(),
  group: z.string(),
  tenant: text,
  type: text,
  md5: text,
  content: text,
  contentBytes: z.number().nullish(),
  modifyTime: time,
  createTime: time,
  desc: text,
  appName: text,
  configTags: text,
})
const pageSchema = z.object({ totalCount: z.number(), pageItems: z.array(rowSchema) })

/** md5 as Nacos counts it: lower-case hex over the UTF-8 bytes. */
export function md5Of(content: string): string {
  return createHash('md5').update(content, 'utf8').digest('hex')
}

/** null: the answer is not a page. */
export function readPage(body: Buffer): { total: number; items: ConfigSummary[] } | null {
  const page = pageSchema.safeParse(parseJson(body))
  if (!page.success) return null
  const items = page.data.pageItems.map((row) => ({
    id: String(row.id),
    namespace: row.tenant ?? '',
    group: row.group,
    dataId: row.dataId,
    type: readType(row.type),
    md5: row.md5 || md5Of(row.content ?? ''),
    contentBytes: row.contentBytes ?? Buffer.byteLength(row.content ?? '', 'utf8'),
    modifiedMs: row.modifyTime ?? null,
  }))
  return { total: page.data.totalCount, items }
}

/** null: no such configuration; undefined: the answer is not a configuration. */
export function readDetail(body: Buffer, nodeId: number): ConfigDetail | null | undefined {
  const said = body.toString('utf8').trim()
  if (said === '' || said === 'null') return null
  const row = rowSchema.safeParse(parseJson(body))
  if (!row.success) return undefined
  const { data } = row
  const content = data.content ?? ''
  return {
    namespace: data.tenant ?? '',
    group: data.group,
    dataId: data.dataId,
    content,
    type: readType(data.type),
    md5: data.md5 || md5Of(content),
    description: data.desc ?? '',
    appName: data.appName ?? '',
    tags: (data.configTags ?? '').split(',').filter((tag) => tag !== ''),
    createdMs: data.createTime ?? 0,
    modifiedMs: data.modifyTime ?? 0,
    nodeId,
  }
}

/** What a node's refusal means. Order: our own header, then the words Nacos is known by, then the status. */
export function readRefusal(answer: { status: number; headers: IncomingHttpHeaders; body: Buffer }, nodeId: number): Refusal {
  const detail = answer.body.toString('utf8').trim().slice(0, longestDetailChars) || `HTTP ${answer.status}`
  const refusal = (code: Refusal['code']): Refusal => ({ code, nodeId, httpStatus: answer.status, detail })
  const named = refusalSchema.shape.code.safeParse(answer.headers['nacos-trio-error'])
  if (named.success && named.data === 'column_limit') return { ...refusal(named.data), facts: readColumn(answer.headers['nacos-trio-column']) }
  if (named.success) return refusal(named.data)
  // It took nothing and never will: as good as gone, so that the next one is asked.
  if (answer.headers['nacos-trio-error'] === 'not_member') return refusal('unreachable')
  if (answer.status === 500 && detail.includes('Cas publish fail')) return refusal('cas_conflict')
  if (answer.status === 413 || detail.includes('invalid content, over')) return refusal('too_large')
  if (answer.status === 404) return refusal('not_found')
  if (answer.status === 503) return refusal('overloaded')
  if (answer.status === 504) return refusal('outcome_unknown')
  if (answer.status >= 400 && answer.status < 500) return refusal('invalid')
  return refusal('internal')
}

const decodedName = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `content; limit=65535; unit=bytes; charset=utf8mb4` */
function readColumn(said: string | string[] | undefined): Record<string, string> {
  const [column = '', ...facts] = typeof said === 'string' ? said.split('; ') : []
  const named: Record<string, string> = Object.fromEntries(facts.map((fact) => fact.split('=', 2)))
  return { column, ...named, ...(named.taken === undefined ? {} : { taken: decodedName(named.taken) }) }
}

/** The Raft index at which a write was committed, if the node says so. */
export function readIndex(headers: IncomingHttpHeaders): number | null {
  const said = headers['nacos-trio-index']
  return typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : null
}

function readType(type: string | null | undefined): ConfigDetail['type'] {
  const known = configTypeSchema.safeParse(type)
  return known.success ? known.data : 'text'
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
