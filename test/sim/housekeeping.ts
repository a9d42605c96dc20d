/** The product's own housekeeping of history on a simulated node: what it proposes is judged like any client's write. */

import { createHistoryRetention } from '../../src-node/history-retention.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import type { DriverClock, RaftDriver } from '../../src-node/raft-driver/ports.ts'
import type { Reply, StateMachine } from '../../src-node/state-machine/types.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import type { Dials } from './dials.ts'
import type { Judge } from './judge/judge.ts'
import type { SimNode } from './node.ts'
import type { World } from './world.ts'

/** Short, since a life lasts a minute of virtual time at most. */
export const keptNewest = 2
const retentionMs = 300
/** As for a client's write. */
const slackMs = 20

interface Household {
  readonly world: World
  readonly dials: Dials
  readonly judge: Judge
  readonly node: SimNode
  readonly driver: RaftDriver<Reply>
  readonly machine: StateMachine
  readonly store: StateStore
  readonly clock: DriverClock
  /** Clients and housekeeping write only then: in the end all nodes are to be found at rest. */
  readonly safety: () => boolean
}

export function startHousekeeping({ world, dials, judge, node, driver, machine, store, clock, safety }: Household): void {
  if (dials.historyRoundMs === 0) return
  const options = { ...driverDefaults, ...dials.options }
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs
  const { run } = node
  createHistoryRetention({
    ...{ retentionMs, keptNewest, roundMs: dials.historyRoundMs, clock, store },
    leads: () => safety() && driver.status().role === 'leader' && driver.status().serving,
    logTimeMs: () => machine.meta().lastTimeMs,
    snapshots: machine.snapshots,
    propose(payload, done) {
      const dueMs = world.now() + answerMs / node.rate + slackMs
      // A later leader may find the very same rows.
      const attempt = judge.begin(payload, { repeatable: true, node: node.id, run, dueMs })
      driver.write(payload, (outcome) => {
        judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)
        done(outcome.kind === 'applied')
      })
    },
    say: (level) => world.mark(`history/${level === 'warn' ? 'held-back' : 'told'}`),
  }).start()
}
