/**
 * Checks of persistent instances by the leader (nacos-http 8.8): TCP or HTTP, by their cluster's checker, a few at a time. A port where nobody listens is
 * unhealthy at once; anything else after as many in a row as `checkTimes` says, either way. It proposes and never decides: a check of a registration that
 * is another by now is void.
 */

import { addressText } from '../state-machine/areas/naming-records.ts'
import type { ClusterSpec, InstanceRow, ServiceState } from '../state-machine/areas/naming-words.ts'
import { namingBounds, namingTimes } from './naming-limits.ts'
import { type Proposals, surely } from './proposals.ts'

export type ProbeAnswer = 'ok' | 'refused' | 'failed'

/** Asks one address once. Answers once, at most `timeoutMs` later and a little. */
export interface Probe {
  tcp(ip: string, port: number, timeoutMs: number, done: (answer: ProbeAnswer) => void): void
  http(target: HttpTarget, timeoutMs: number, done: (answer: ProbeAnswer) => void): void
}
export interface HttpTarget {
  readonly ip: string
  readonly port: number
  readonly path: string
  /** As Nacos keeps them: `name:value|name:value`. */
  readonly headers: string
  readonly expectedResponseCode: number
}

export interface HealthChecks {
  /** Seen on a round: checked if it is due. */
  visit(state: ServiceState, row: InstanceRow): void
  /** Of another leader, or of a time when nothing was checked. */
  forgetAll(): void
}

export interface HealthChecksParts {
  readonly probe: Probe
  readonly proposals: Proposals
  monotonicMs(): number
  checkTimes(): number
}

interface Line {
  index: number
  dueMs: number
  isUnderWay: boolean
  good: number
  bad: number
}

export const defaultCluster: ClusterSpec = { checker: { type: 'TCP' }, checkPort: 80, useInstancePort: true, metadata: {} }

export const createHealthChecks = ({ probe, proposals, monotonicMs, checkTimes }: HealthChecksParts): HealthChecks => {
  let lines = new WeakMap<ServiceState, Map<string, Line>>()
  let underWay = 0

  const lineOf = (state: ServiceState, row: InstanceRow): Line => {
    let known = lines.get(state)
    if (known === undefined) {
      known = new Map()
      lines.set(state, known)
    }
    if (known.size > state.instances.size * 2) for (const address of known.keys()) if (!state.instances.has(address)) known.delete(address)
    const address = addressText(row)
    const line = known.get(address)
    if (line?.index === row.index) return line
    const made: Line = { index: row.index, dueMs: 0, isUnderWay: false, good: 0, bad: 0 }
    known.set(address, made)
    return made
  }

  const judge = (state: ServiceState, row: InstanceRow, line: Line, answer: ProbeAnswer): void => {
    line.good = answer === 'ok' ? line.good + 1 : 0
    line.bad = answer === 'ok' ? 0 : line.bad + 1
    const now = state.instances.get(addressText(row))
    if (now === undefined || now.index !== row.index) return
    const isEnough = answer === 'refused' || Math.max(line.good, line.bad) >= checkTimes()
    const healthy = answer === 'ok'
    if (!isEnough || now.healthy === healthy) return
    proposals.setHealth(healthy, [{ service: state.key, ip: row.ip, port: row.port, cluster: row.cluster, index: row.index }], surely, () => {})
  }

  return {
    visit: (state, row) => {
      const cluster = state.clusters.get(row.cluster) ?? defaultCluster
      const { checker } = cluster
      if (checker.type === 'NONE' || checker.type === 'MYSQL' || underWay >= namingBounds.probes) return
      const line = lineOf(state, row)
      if (line.isUnderWay || monotonicMs() < line.dueMs) return
      line.isUnderWay = true
      underWay++
      const done = (answer: ProbeAnswer): void => {
        underWay--
        line.isUnderWay = false
        line.dueMs = monotonicMs() + namingTimes.probePause
        judge(state, row, line, answer)
      }
      const port = cluster.useInstancePort ? row.port : cluster.checkPort
      if (checker.type === 'TCP') probe.tcp(row.ip, port, namingTimes.probe, done)
      else probe.http({ ...checker, ip: row.ip, port }, namingTimes.probe, done)
    },
    forgetAll: () => {
      lines = new WeakMap()
    },
  }
}
