/**
 * Every promise, checked as it is made: invariants 1-15, 19, 20 and 22-26 of reliability 3, and what callers were told. The judge sees the
 * platters (what a crash would leave), every outgoing message, every applied run, and each node's own view after each event.
 */

import type { NodeId } from '../../../src-node/raft/types.ts'
import type { Dials } from '../dials.ts'
import type { Platter } from '../raft-disk.ts'
import type { World } from '../world.ts'
import { createDiskJudge, type DiskJudge } from './disk-judge.ts'
import { createExpiryJudge, type ExpiryJudge } from './expiry-judge.ts'
import { createFacts } from './facts.ts'
import { createMembershipJudge, type MembershipJudge } from './membership-judge.ts'
import { createServiceJudge, type ServiceJudge } from './service-judge.ts'
import { createSnapshotJudge, type SnapshotJudge } from './snapshot-judge.ts'
import { createTermJudge, type TermJudge } from './term-judge.ts'
import { createViewJudge, type ViewJudge } from './view-judge.ts'
import { createWordJudge, type WordJudge } from './word-judge.ts'
import { createWriteJudge, type WriteJudge } from './write-judge.ts'

export interface Judge extends MembershipJudge, SnapshotJudge, DiskJudge, WordJudge, ViewJudge, WriteJudge, TermJudge, ServiceJudge, ExpiryJudge {
  committed(): number
}

export function createJudge(world: World, dials: Dials, platters: readonly Platter[], founders: readonly NodeId[]): Judge {
  const facts = createFacts(world, platters, founders)
  const membership = createMembershipJudge(facts)
  const service = createServiceJudge(facts, dials.requestIdsMax)
  return {
    ...membership,
    ...createSnapshotJudge(facts),
    ...createDiskJudge(facts, membership),
    ...createWordJudge(facts),
    ...createViewJudge(facts, membership),
    ...createWriteJudge(facts),
    ...createTermJudge(facts, dials),
    ...service,
    ...createExpiryJudge(facts, service.registration),
    committed: () => facts.chains.length,
  }
}
