/**
 * Named snapshots, asked of a node as any client would. A list may come from any node; an order goes to the next one only if it surely never reached
 * the one before, and is never repeated when nobody knows what became of it.
 */

import type { z } from 'zod'
import type { Cluster } from '../cluster/types.ts'
import type { Refusal } from '../contract/errors.ts'
import { namedSnapshotSchema, type Restored, restoredSchema, type SnapshotList, snapshotListSchema } from '../contract/snapshots.ts'
import { nodesToAsk } from './node-choice.ts'
import type { NodeAnswer, NodeHttp } from './node-http.ts'
import type { ContractBuilder } from './router.ts'

const path = '/nacos/v1/core/ops/snapshots'
const listTimeoutMs = 5_000
/** Above the node's own limit, so that its words come first. */
const orderTimeoutMs = 70_000
const refusalCodes: readonly Refusal['code'][] = ['no_quorum', 'outcome_unknown', 'storage_unavailable', 'overloaded', 'disk_full']
const droppedSchema = restoredSchema.pick({ index: true })

export type SnapshotOutcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }
type View = z.infer<typeof namedSnapshotSchema>

export interface NamedSnapshots {
  list(): Promise<SnapshotOutcome<SnapshotList>>
  take(name: string): Promise<SnapshotOutcome<View>>
  /** @param accounts users, roles and permissions too */
  restore(name: string, accounts: boolean): Promise<SnapshotOutcome<Restored>>
  undo(): Promise<SnapshotOutcome<Restored>>
  remove(name: string): Promise<SnapshotOutcome<{ index: number }>>
}

export interface NamedSnapshotPorts {
  readonly cluster: Pick<Cluster, 'view' | 'places'>
  readonly http: Pick<NodeHttp, 'send'>
}

type Answered = Extract<NodeAnswer, { kind: 'answer' }>

const refused = (code: Refusal['code'], nodeId: number | null, detail: string, httpStatus: number | null = null) =>
  ({ ok: false, refusal: { code, nodeId, httpStatus, detail } }) as const

const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

const wordsOf = (body: Buffer): string =>
  body
    .toString()
    .replace(/^caused: (.*);$/s, '$1')
    .slice(0, 500)

/** What is no answer of this endpoint. */
const refusalIn = ({ status, headers, body }: Answered, nodeId: number) => {
  const code = refusalCodes.find((each) => each === headers['nacos-trio-error'])
  return refused(code ?? 'internal', nodeId, wordsOf(body), status)
}

/** The nodes' sentences say all there is to say; a program goes by these codes. */
const codeOfSentence = (sentence: string): Refusal['code'] =>
  /knows no snapshot|is gone by now|no restore is there/.test(sentence) ? 'not_found' : /^a name is/.test(sentence) ? 'invalid' : 'wrong_state'

export const createNamedSnapshots = ({ cluster, http }: NamedSnapshotPorts): NamedSnapshots => {
  const places = () =>
    nodesToAsk(cluster.view(), null).flatMap((id) => {
      const place = cluster.places.find((each) => each.id === id)
      return place === undefined ? [] : [place]
    })

  const list = async (): Promise<SnapshotOutcome<SnapshotList>> => {
    let last: ReturnType<typeof refused> = refused('unreachable', null, 'no node is running')
    for (const { id, host, httpPort: port } of places()) {
      const answer = await http.send({ host, port, method: 'GET', path, timeoutMs: listTimeoutMs })
      if (answer.kind === 'failed') last = refused('unreachable', id, answer.detail)
      else if (answer.status !== 200) last = refusalIn(answer, id)
      else {
        const value = snapshotListSchema.omit({ nodeId: true }).safeParse(jsonOf(answer.body))
        return value.success ? { ok: true, value: { ...value.data, nodeId: id } } : refused('internal', id, 'an answer of another shape')
      }
    }
    return last
  }

  const order = async <T>(command: string, value: string, schema: z.ZodType<T>): Promise<SnapshotOutcome<T>> => {
    const body = Buffer.from(JSON.stringify({ command, value }))
    const headers = { 'content-type': 'application/json' }
    for (const { id, host, httpPort: port } of places()) {
      const answer = await http.send({ host, port, method: 'POST', path, headers, body, timeoutMs: orderTimeoutMs })
      if (answer.kind === 'failed' && !answer.sent) continue
      if (answer.kind === 'failed') return refused('outcome_unknown', id, answer.detail)
      return answer.status === 200 ? resultOf(jsonOf(answer.body), id, schema) : refusalIn(answer, id)
    }
    return refused('unreachable', null, 'no node is running')
  }
  const resultOf = <T>(json: unknown, id: number, schema: z.ZodType<T>): SnapshotOutcome<T> => {
    const { code, message, data } = (json ?? {}) as { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown }
    if (code !== 200) return refused(codeOfSentence(String(message)), id, String(message), 200)
    const value = schema.safeParse(data)
    return value.success ? { ok: true, value: value.data } : refused('internal', id, 'an answer of another shape')
  }

  return {
    list,
    take: (name) => order('takeSnapshot', name, namedSnapshotSchema),
    restore: (name, accounts) => order(accounts ? 'restoreSnapshotAndAccounts' : 'restoreSnapshot', name, restoredSchema),
    undo: () => order('undoRestore', '', restoredSchema),
    remove: (name) => order('deleteSnapshot', name, droppedSchema),
  }
}

function demand<T>(outcome: SnapshotOutcome<T>, refuse: (options: { data: Refusal }) => Error): T {
  if (outcome.ok) return outcome.value
  throw refuse({ data: outcome.refusal })
}

export function snapshotProcedures(os: ContractBuilder, ports: NamedSnapshotPorts) {
  const snapshots = createNamedSnapshots(ports)
  const area = os.snapshots
  return {
    list: area.list.handler(async ({ errors }) => demand(await snapshots.list(), errors.REFUSED)),
    take: area.take.handler(async ({ input, errors }) => demand(await snapshots.take(input.name), errors.REFUSED)),
    restore: area.restore.handler(async ({ input, errors }) => demand(await snapshots.restore(input.name, input.accounts), errors.REFUSED)),
    undo: area.undo.handler(async ({ errors }) => demand(await snapshots.undo(), errors.REFUSED)),
    remove: area.remove.handler(async ({ input, errors }) => demand(await snapshots.remove(input.name), errors.REFUSED)),
  }
}
