/**
 * Compares two nodes key by key: both at one applied index, row beside row as they come, so that a hundred thousand configurations need no
 * memory here. Ids are the machine's own and equal on all nodes, so both sides come in one order. It reads and never repairs.
 */

import type { NodePlace } from '../cluster/types.ts'
import type { Comparison, ConfigDifference } from '../contract/cluster.ts'
import type { Refusal } from '../contract/errors.ts'
import { type DigestRow, type NodeDigest, openDigest } from './node-digest.ts'

export type CompareResult = { readonly ok: true; readonly comparison: Comparison } | { readonly ok: false; readonly refusal: Refusal }

export interface CompareOrder {
  readonly first: number
  readonly second: number
  /** How long the one that is behind is waited for. */
  readonly waitMs?: number
}

type Place = Pick<NodePlace, 'id' | 'host' | 'httpPort'>

/** A follower is milliseconds behind; one that takes longer has a reason that should be told. */
const usualWaitMs = 10_000
const againMs = 50
/** More would help nobody to see what is wrong. */
const differencesMax = 100

const refused = (code: Refusal['code'], nodeId: number, detail: string, httpStatus: number | null = null): CompareResult => ({
  ok: false,
  refusal: { code, nodeId, httpStatus, detail },
})

const isDigest = (value: NodeDigest | CompareResult): value is NodeDigest => 'head' in value

const open = async (place: Place): Promise<NodeDigest | CompareResult> => {
  const opened = await openDigest(place)
  if (opened.ok) return opened.digest
  const { httpStatus, detail } = opened
  return refused(httpStatus === null ? 'unreachable' : httpStatus === 503 ? 'overloaded' : 'internal', place.id, detail, httpStatus)
}

const keyOf = ({ namespace, group, dataId }: Pick<DigestRow, 'namespace' | 'group' | 'dataId'>): string => JSON.stringify([namespace, group, dataId])

/** Counts all differences and keeps the first; one key under two ids is one difference, as long as both are among the kept. */
const createFindings = () => {
  const kept = new Map<string, ConfigDifference>()
  let count = 0
  const md5 = (row: DigestRow): string => String(row.facts.md5)
  const keep = (row: DigestRow, difference: Pick<ConfigDifference, 'heldBy' | 'fields' | 'md5'>): void => {
    count++
    if (kept.size < differencesMax) kept.set(keyOf(row), { namespace: row.namespace, group: row.group, dataId: row.dataId, ...difference })
  }
  return {
    alone: (row: DigestRow, heldBy: 'first' | 'second'): void => {
      const other = kept.get(keyOf(row))
      const own = heldBy === 'first' ? { first: md5(row), second: null } : { first: null, second: md5(row) }
      if (other === undefined) keep(row, { heldBy, fields: [], md5: own })
      else
        kept.set(keyOf(row), {
          ...other,
          heldBy: 'both',
          fields: ['id'],
          md5: { first: own.first ?? other.md5.first, second: own.second ?? other.md5.second },
        })
    },
    both: (first: DigestRow, second: DigestRow): void => {
      const fields = Object.keys(first.facts).filter(
        (name) => first.facts[name as keyof DigestRow['facts']] !== second.facts[name as keyof DigestRow['facts']],
      )
      if (fields.length > 0) keep(first, { heldBy: 'both', fields, md5: { first: md5(first), second: md5(second) } })
    },
    count: () => count,
    kept: () => [...kept.values()],
  }
}
type Findings = ReturnType<typeof createFindings>

const walk = async (one: NodeDigest, other: NodeDigest, findings: Findings): Promise<void> => {
  const next = async (rows: AsyncGenerator<DigestRow>): Promise<DigestRow | null> => {
    const step = await rows.next()
    return step.done === true ? null : step.value
  }
  let first = await next(one.rows)
  let second = await next(other.rows)
  while (first !== null || second !== null) {
    if (first !== null && second !== null && first.id === second.id) {
      if (keyOf(first) === keyOf(second)) findings.both(first, second)
      else {
        findings.alone(first, 'first')
        findings.alone(second, 'second')
      }
      first = await next(one.rows)
      second = await next(other.rows)
    } else if (first !== null && (second === null || first.id < second.id)) {
      findings.alone(first, 'first')
      first = await next(one.rows)
    } else if (second !== null) {
      findings.alone(second, 'second')
      second = await next(other.rows)
    }
  }
}

const shown = (id: number, { head }: NodeDigest) => ({ id, appliedIndex: head.appliedIndex, configs: head.rows, stateHash: head.stateHash })

const compared = async (ids: readonly [number, number], one: NodeDigest, other: NodeDigest): Promise<CompareResult> => {
  const findings = createFindings()
  try {
    await walk(one, other, findings)
  } catch (error) {
    return refused('internal', ids[0], `node ${ids[0]} or node ${ids[1]}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const [first, second] = [shown(ids[0], one), shown(ids[1], other)]
  const differing = findings.count()
  const equal = differing === 0 && first.stateHash === second.stateHash
  return { ok: true, comparison: { kind: 'compared', first, second, equal, differing, differences: findings.kept() } }
}

const behind = (ids: readonly [number, number], one: NodeDigest, other: NodeDigest): CompareResult => {
  const late = one.head.appliedIndex < other.head.appliedIndex ? ids[0] : ids[1]
  return { ok: true, comparison: { kind: 'behind', behind: late, first: shown(ids[0], one), second: shown(ids[1], other) } }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Both pictures are taken at once, again and again until they are of one index or the time is over. */
const meet = async (places: readonly [Place, Place], waitMs: number): Promise<CompareResult> => {
  const ids = [places[0].id, places[1].id] as const
  const untilMs = performance.now() + waitMs
  for (;;) {
    const [one, other] = await Promise.all([open(places[0]), open(places[1])])
    try {
      if (!isDigest(one)) return one
      if (!isDigest(other)) return other
      if (one.head.appliedIndex === other.head.appliedIndex) return await compared(ids, one, other)
      if (performance.now() >= untilMs) return behind(ids, one, other)
    } finally {
      for (const digest of [one, other]) if (isDigest(digest)) digest.close()
    }
    await pause(againMs)
  }
}

export const compareNodes = async (places: readonly Place[], { first, second, waitMs = usualWaitMs }: CompareOrder): Promise<CompareResult> => {
  const found = [first, second].map((id) => places.find((place) => place.id === id))
  const [one, other] = found
  if (one === undefined) return refused('not_found', first, `there is no node ${first}`)
  if (other === undefined) return refused('not_found', second, `there is no node ${second}`)
  if (first === second) return refused('invalid', first, 'two different nodes are needed: a node is always like itself')
  return meet([one, other], waitMs)
}
