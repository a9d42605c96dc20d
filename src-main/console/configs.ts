/**
 * Answers the contract's `configs` through the same public HTTP API as any client. Reads go on to the next node when one does not answer;
 * a write carries a request id, so that one whose fate is not known may be sent again and is still written once. It is never repeated otherwise.
 */

import { randomUUID } from 'node:crypto'
import type { Cluster } from '../cluster/types.ts'
import type { ConfigDetail, ConfigKeyInput, ConfigSummary, Refusal } from '../contract/index.ts'
import { md5Of, readDetail, readIndex, readPage, readRefusal } from './config-wire.ts'
import { encodeForm } from './form.ts'
import { nodesToAsk } from './node-choice.ts'
import type { NodeAnswer, NodeHttp, NodeRequest } from './node-http.ts'
import type { ContractBuilder } from './router.ts'

const route = '/nacos/v1/cs/configs'
const readTimeoutMs = 5_000
/** Above the node's own limit for a write, so that its words come first. */
const writeTimeoutMs = 15_000
/** For the attempts after one whose fate is not known: the user waits already. */
const repeatTimeoutMs = 5_000
/** Nacos's limit, checked here too so that a hopeless body is never sent. */
const contentLimitBytes = 10 * 1024 * 1024

export interface ConfigPorts {
  readonly cluster: Pick<Cluster, 'view' | 'places'>
  readonly http: Pick<NodeHttp, 'send'>
}
type Answered = Extract<NodeAnswer, { kind: 'answer' }> & { readonly nodeId: number }
type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export function configProcedures(os: ContractBuilder, ports: ConfigPorts) {
  const configs = createConfigs(ports)
  const area = os.configs
  return {
    list: area.list.handler(async ({ input, errors }) => demand(await configs.list(input), errors.REFUSED)),
    get: area.get.handler(async ({ input, errors }) => demand(await configs.get(input), errors.REFUSED)),
    publish: area.publish.handler(async ({ input, errors }) => demand(await configs.publish(input), errors.REFUSED)),
    remove: area.remove.handler(async ({ input, errors }) => demand(await configs.remove(input), errors.REFUSED)),
  }
}

function demand<T>(outcome: Outcome<T>, refused: (options: { data: Refusal }) => Error): T {
  if (outcome.ok) return outcome.value
  throw refused({ data: outcome.refusal })
}

interface ListInput {
  readonly node: number | null
  readonly namespace: string
  readonly dataId: string
  readonly group: string
  readonly page: number
  readonly pageSize: number
}
interface PublishInput extends ConfigKeyInput {
  readonly node: number | null
  readonly content: string
  readonly type: string
  readonly description?: string | undefined
  readonly appName?: string | undefined
  readonly tags?: string[] | undefined
  readonly expectedMd5: string | null
  readonly requestId?: string | undefined
}
type KeyOnNode = ConfigKeyInput & { readonly node: number | null }

/** The four operations as results; no throw. Exported for its test against a real HTTP server. */
export function createConfigs(ports: ConfigPorts) {
  return {
    async list(input: ListInput): Promise<Outcome<{ total: number; items: ConfigSummary[]; nodeId: number }>> {
      const query = new URLSearchParams({
        search: 'blur',
        dataId: input.dataId,
        group: input.group,
        tenant: input.namespace,
        pageNo: String(input.page),
        pageSize: String(input.pageSize),
        // Ours: a page of large contents would be megabytes for rows that show none of it.
        omitContent: 'true',
      })
      const answer = await read(ports, input.node, `${route}?${query}`)
      return then(answer, (value) => {
        const page = readPage(value.body)
        return page ? { ok: true, value: { ...page, nodeId: value.nodeId } } : strange(value)
      })
    },
    async get(input: KeyOnNode): Promise<Outcome<ConfigDetail>> {
      const answer = await read(ports, input.node, `${route}?show=all&${new URLSearchParams(keyFields(input))}`)
      return then(answer, (value) => {
        const detail = readDetail(value.body, value.nodeId)
        if (detail === undefined) return strange(value)
        if (detail === null) return no({ code: 'not_found', nodeId: value.nodeId, httpStatus: value.status, detail: 'config data not exist' })
        return { ok: true, value: detail }
      })
    },
    async publish(input: PublishInput): Promise<Outcome<{ nodeId: number; md5: string; tookMs: number; index: number | null }>> {
      const startedMs = performance.now()
      const bad = unfit(input.content)
      if (bad) return no(bad)
      const body = await encodeForm({ ...keyFields(input), content: input.content, type: input.type, ...details(input) })
      const expect: Record<string, string> =
        input.expectedMd5 === null ? {} : input.expectedMd5 === '' ? { 'Nacos-Trio-Expect': 'absent' } : { casMd5: input.expectedMd5 }
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', ...expect }
      const answer = await write(ports, input.node, { method: 'POST', path: route, headers, body, requestId: input.requestId ?? randomUUID() })
      return then(answer, (value) => {
        if (value.body.toString('utf8').trim() !== 'true') return strange(value)
        const tookMs = performance.now() - startedMs
        return { ok: true, value: { nodeId: value.nodeId, md5: md5Of(input.content), tookMs, index: readIndex(value.headers) } }
      })
    },
    async remove(input: KeyOnNode & { readonly expectedMd5: string | null }): Promise<Outcome<{ nodeId: number; tookMs: number }>> {
      const startedMs = performance.now()
      const headers: Record<string, string> = input.expectedMd5 === null ? {} : { casMd5: input.expectedMd5 }
      const path = `${route}?${new URLSearchParams(keyFields(input))}`
      const answer = await write(ports, input.node, { method: 'DELETE', path, headers, requestId: randomUUID() })
      return then(answer, (value) => {
        if (value.body.toString('utf8').trim() !== 'true') return strange(value)
        return { ok: true, value: { nodeId: value.nodeId, tookMs: performance.now() - startedMs } }
      })
    },
  }
}

function keyFields(key: ConfigKeyInput): Record<string, string> {
  return { dataId: key.dataId, group: key.group, tenant: key.namespace }
}

function details(input: PublishInput): Record<string, string> {
  return {
    ...(input.description === undefined ? {} : { desc: input.description }),
    ...(input.appName === undefined ? {} : { appName: input.appName }),
    ...(input.tags === undefined ? {} : { config_tags: input.tags.join(',') }),
  }
}

/** What no node could store as it is: refused with the reason, never changed or cut. */
function unfit(content: string): Refusal | null {
  const bytes = Buffer.byteLength(content, 'utf8')
  const refusal = (code: Refusal['code'], detail: string): Refusal => ({ code, nodeId: null, httpStatus: null, detail })
  if (bytes > contentLimitBytes) return refusal('too_large', `content has ${bytes} bytes, the limit is ${contentLimitBytes}`)
  if (!content.isWellFormed()) return refusal('invalid', 'content holds half of a character pair (a lone surrogate), which UTF-8 cannot store')
  return null
}

async function read(ports: ConfigPorts, node: number | null, path: string): Promise<Outcome<Answered>> {
  let last: Refusal = nobody(node)
  for (const id of nodesToAsk(ports.cluster.view(), node)) {
    const answer = await send(ports, id, { method: 'GET', path, timeoutMs: readTimeoutMs })
    if (answer.kind === 'failed') last = { code: 'unreachable', nodeId: id, httpStatus: null, detail: answer.detail }
    else if (answer.status === 200) return { ok: true, value: { ...answer, nodeId: id } }
    else {
      last = readRefusal(answer, id)
      if (answer.status < 500) return no(last)
    }
  }
  return no(last)
}

interface WriteRequest extends Pick<NodeRequest, 'method' | 'path'> {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly requestId: string
}

/** What settles a write even if an earlier attempt may still be under way: under one id that one comes to the same. */
const settling = new Set<Refusal['code']>(['cas_conflict', 'invalid', 'column_limit', 'too_large', 'not_found'])

/**
 * Goes on to the next node after an attempt that surely never arrived, and after one whose fate is not known. Once there was such a one, no
 * refusal but a settling one says that nothing was written.
 */
async function write(ports: ConfigPorts, node: number | null, { requestId, headers, ...request }: WriteRequest): Promise<Outcome<Answered>> {
  let last: Refusal = nobody(node)
  let unknown: Refusal | null = null
  const order = nodesToAsk(ports.cluster.view(), node)
  // The only node to ask may be asked a second time.
  for (const [at, id] of (order.length === 1 ? [...order, ...order] : order).entries()) {
    if (at >= order.length && unknown === null) break
    const timeoutMs = unknown === null ? writeTimeoutMs : repeatTimeoutMs
    const answer = await send(ports, id, { ...request, headers: { ...headers, 'Nacos-Trio-Request-Id': requestId }, timeoutMs })
    if (answer.kind === 'answer' && answer.status === 200) return { ok: true, value: { ...answer, nodeId: id } }
    last = whyNot(answer, id)
    if (last.code === 'outcome_unknown') unknown ??= last
    else if (last.code !== 'unreachable' && (unknown === null || settling.has(last.code))) return no(last)
  }
  return no(unknown ?? last)
}

function whyNot(answer: NodeAnswer, nodeId: number): Refusal {
  if (answer.kind === 'answer') return readRefusal(answer, nodeId)
  return { code: answer.sent ? 'outcome_unknown' : 'unreachable', nodeId, httpStatus: null, detail: answer.detail }
}

function send(ports: ConfigPorts, id: number, request: Omit<NodeRequest, 'host' | 'port'>): Promise<NodeAnswer> {
  const place = ports.cluster.places.find((candidate) => candidate.id === id)
  if (!place) return Promise.resolve({ kind: 'failed', sent: false, detail: `there is no node-${id}` })
  return ports.http.send({ ...request, host: place.host, port: place.httpPort })
}

function nobody(node: number | null): Refusal {
  const detail = node === null ? 'no node is running' : `there is no node-${node}`
  return { code: 'unreachable', nodeId: node, httpStatus: null, detail }
}

function no<T>(refusal: Refusal): Outcome<T> {
  return { ok: false, refusal }
}

function strange<T>(answer: Answered): Outcome<T> {
  const detail = `an answer of another shape: ${answer.body.toString('utf8').slice(0, 200)}`
  return no({ code: 'internal', nodeId: answer.nodeId, httpStatus: answer.status, detail })
}

function then<T>(outcome: Outcome<Answered>, next: (answer: Answered) => Outcome<T>): Outcome<T> {
  return outcome.ok ? next(outcome.value) : outcome
}
