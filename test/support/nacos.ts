/** The verbs of the public HTTP API that the tests speak, as any client would. */

import { createHash, randomBytes } from 'node:crypto'
import { type Answer, send } from './http.ts'
import { waitUntil } from './wait-until.ts'

export interface Key {
  readonly dataId: string
  readonly group?: string
  readonly tenant?: string
}

export interface RaftState {
  readonly leader: string | null
  readonly leaderId: number | null
  readonly term: number
  readonly state: string
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly firstIndex: number
  readonly lastIndex: number
  readonly durableIndex: number
  readonly stateHash: string
  readonly services: number
  /** Of MySQL mode: whether this node takes configuration writes. */
  readonly storage: { readonly available?: boolean }
  readonly peers: readonly unknown[]
}

export const configsPath = '/nacos/v1/cs/configs'
const formType = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()
const fieldsOf = ({ dataId, group = 'DEFAULT_GROUP', tenant }: Key): Record<string, string> => ({
  dataId,
  group,
  ...(tenant === undefined ? {} : { tenant }),
})

export const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex')

/** For callers who want to know sooner than the default that nobody answers. */
export interface Patience {
  readonly timeoutMs?: number
}

export const publish = (base: string, key: Key, content: string, headers: Readonly<Record<string, string>> = {}, patience: Patience = {}) =>
  send(base, { method: 'POST', path: configsPath, headers: { ...formType, ...headers }, body: form({ ...fieldsOf(key), content }), ...patience })

/** Written once, however busy the machine is just now and however often it is asked for: for tests that go on from there. */
export const publishOnce = (base: string | undefined, key: Key, content: string): Promise<boolean> => {
  const id = { 'Nacos-Trio-Request-Id': randomBytes(16).toString('hex') }
  return waitUntil(`${key.dataId} to be written`, async () => (await publish(base ?? '', key, content, id)).status === 200)
}

export const read = (base: string, key: Key, patience: Patience = {}): Promise<Answer> =>
  send(base, { path: `${configsPath}?${form(fieldsOf(key))}`, ...patience })

/** Answered once a majority has confirmed that the node is not behind; refused with `no_quorum` otherwise. */
export const readLinearizable = (base: string, key: Key, patience: Patience = {}): Promise<Answer> =>
  send(base, { path: `${configsPath}?${form({ ...fieldsOf(key), consistency: 'linearizable' })}`, ...patience })

export const remove = (base: string, key: Key, patience: Patience = {}): Promise<Answer> =>
  send(base, { method: 'DELETE', path: `${configsPath}?${form(fieldsOf(key))}`, ...patience })

export interface Poll {
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/** A long poll on one key: the server answers when its md5 is no longer `md5`, or with an empty body after its limit. */
export const listen = (base: string, key: Key, knownMd5: string, { waitMs = 30_000, ...rest }: Poll = {}): Promise<Answer> => {
  const { dataId, group = '', tenant } = fieldsOf(key)
  const words = tenant === undefined ? [dataId, group, knownMd5] : [dataId, group, knownMd5, tenant]
  return send(base, {
    method: 'POST',
    path: `${configsPath}/listener`,
    headers: { ...formType, 'long-pulling-timeout': String(waitMs) },
    body: form({ 'Listening-Configs': `${words.join('\u0002')}\u0001` }),
    timeoutMs: waitMs + 5_000,
    ...rest,
  })
}

export const raftState = async (base: string): Promise<RaftState> => {
  const answer = await send(base, { path: '/nacos/v1/ns/raft/state', timeoutMs: 2_000 })
  if (answer.status !== 200) throw new Error(`raft/state of ${base}: ${answer.status} ${answer.text}`)
  return JSON.parse(answer.text) as RaftState
}

export const refusalOf = (answer: Answer): string | undefined => answer.headers['nacos-trio-error']?.toString()

/** As `publishOnce`. */
export const removeOnce = (base: string | undefined, key: Key): Promise<boolean> =>
  waitUntil(`${key.dataId} to be gone`, async () => (await remove(base ?? '', key)).status === 200)

/** Asks any node to hand leadership to the node with this Raft address (`host:port`); null when it has, else the reason in words. */
export const transferLeader = async (base: string, raftAddress: string): Promise<string | null> => {
  const body = JSON.stringify({ command: 'transferLeader', value: raftAddress })
  const answer = await send(base, { method: 'POST', path: '/nacos/v1/core/ops/raft', headers: { 'content-type': 'application/json' }, body })
  if (answer.status !== 200) return `${answer.status} ${answer.text.slice(0, 200)}`
  const { code, message } = JSON.parse(answer.text) as { code: number; message: string | null }
  return code === 200 ? null : (message ?? `code ${code}`)
}
