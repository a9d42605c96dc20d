/** Why the headline says what it says: node facts in, one machine word out. Pure. */

import type { Health } from '../contract/cluster.ts'

export interface NodeHealthFacts {
  readonly id: number
  readonly process: 'starting' | 'running' | 'stopping' | 'stopped' | 'waiting' | 'crashed'
  /** Said so itself, lately. */
  readonly serving: boolean
}

export interface HealthFacts {
  readonly nodes: readonly NodeHealthFacts[]
  readonly leaderId: number | null
  /** A quorum has served since the cluster was last started. */
  readonly hasServed: boolean
}

export const quorumOf = (nodes: number): number => Math.floor(nodes / 2) + 1

/** What is wrong comes first: too few nodes, then no leader, then single nodes. */
export const judgeHealth = ({ nodes, leaderId, hasServed }: HealthFacts): Health => {
  const quorum = quorumOf(nodes.length)
  if (nodes.every((node) => node.process === 'stopped')) return { kind: 'stopped' }
  const down = nodes.filter((node) => node.process !== 'running' || !node.serving).map((node) => node.id)
  const up = nodes.filter((node) => node.process === 'running').length
  const coming = nodes.filter((node) => node.process === 'running' || node.process === 'starting').length
  // A node that runs still answers reads: without a quorum only those count as down that do not run.
  const dead = nodes.filter((node) => node.process !== 'running').map((node) => node.id)
  if (up < quorum) return !hasServed && coming >= quorum ? { kind: 'starting' } : { kind: 'no-quorum', down: dead }
  if (leaderId === null || nodes.length - down.length < quorum) return hasServed ? { kind: 'electing' } : { kind: 'starting' }
  return down.length === 0 ? { kind: 'all-serve' } : { kind: 'degraded', down }
}
