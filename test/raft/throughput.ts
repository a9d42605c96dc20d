/**
 * How much the core and the driver cost by themselves: three nodes in one process over memory ports, no disk, no socket.
 * `npx node test/raft/throughput.ts [entries] [writers]` prints entries per second and microseconds of CPU per entry and node.
 */

import { type Entry, type HardState, logIndex, type NodeId, nodeId, term } from '../../src-node/raft/types.ts'
import { noSnapshots } from '../../src-node/raft-driver/no-snapshots.testing.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { createRaftDriver } from '../../src-node/raft-driver/raft-driver.ts'

const total = Number(process.argv[2] ?? 200_000)
const writers = Number(process.argv[3] ?? 512)
const payload = new Uint8Array(300)
const voters = [1, 2, 3].map(nodeId)

function memoryLog(): RaftLogStore {
  const entries: Entry[] = []
  let hardState: HardState = { term: term(0), vote: null }
  return {
    hardState: () => hardState,
    persist(nextHardState, tail, done) {
      if (nextHardState !== null) hardState = nextHardState
      const first = tail[0]?.index
      if (first !== undefined) entries.length = first - 1
      for (const entry of tail) entries.push(entry)
      done(null)
    },
    base: () => ({ index: logIndex(0), term: term(0) }),
    compact: () => 'done',
    reset: () => {
      throw new Error('nothing sends a snapshot here')
    },
    close() {},
    firstIndex: () => logIndex(1),
    lastIndex: () => logIndex(entries.length),
    termAt: (index) => (index === 0 ? term(0) : (entries[index - 1]?.term ?? null)),
    entries: (from, to) => entries.slice(from - 1, to),
    memberships: () => [],
  }
}

const drivers = voters.map((id) => {
  let applied = logIndex(0)
  return createRaftDriver<number>({
    id,
    voters,
    seed: id,
    life: new Uint8Array([id, 0, 0, 0, 0, 0]),
    log: memoryLog(),
    transport: {
      send(to: NodeId, frames) {
        for (const frame of frames) setImmediate(() => drivers[to - 1]!.onFrame(id, frame))
      },
      backlogBytes: () => 0,
    },
    clock: {
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      defer: (task) => void setImmediate(task),
      after(ms, task) {
        const timer = setTimeout(task, ms)
        return { cancel: () => clearTimeout(timer) }
      },
    },
    snapshots: noSnapshots,
    applier: {
      appliedIndex: () => applied,
      fillsTurn: () => false,
      standsAlone: () => false,
      apply(run, done) {
        applied = run.at(-1)!.index
        done({ replies: run.map(({ payload: bytes, index }) => (bytes === null ? null : index)), afterReplies: () => {} })
      },
    },
    onEvent: () => {},
  })
})

for (const driver of drivers) driver.start()
while (!drivers.every((driver) => driver.status().serving)) await new Promise((resolve) => setTimeout(resolve, 5))

async function measure(entry: 'leader' | 'follower'): Promise<void> {
  const driver = drivers.find((each) => (each.status().role === 'leader') === (entry === 'leader'))!
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  let sent = 0
  let failed = 0
  await new Promise<void>((resolve) => {
    let open = 0
    const next = () => {
      if (sent >= total) {
        if (open === 0) resolve()
        return
      }
      sent++
      open++
      driver.write(payload, (outcome) => {
        open--
        if (outcome.kind !== 'applied') failed++
        next()
      })
    }
    for (let i = 0; i < writers; i++) next()
  })
  const seconds = (performance.now() - startedMs) / 1000
  const used = process.cpuUsage(cpu)
  const perNode = (used.user + used.system) / total / voters.length
  console.log(`at the ${entry}: ${Math.round(total / seconds)} entries/s, ${perNode.toFixed(2)} us of CPU per entry and node, ${failed} not applied`)
}

await measure('leader')
await measure('follower')
for (const driver of drivers) driver.stop()
