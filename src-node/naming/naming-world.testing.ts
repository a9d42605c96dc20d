/** Nodes with the real naming over one state machine, in virtual time: what one proposes is applied at once, and all of them have it. */

import type { NodeId, Role, Term } from '../raft/types.ts'
import { logIndex, nodeId, term } from '../raft/types.ts'
import type { BeatsFrame, WriteOutcome } from '../raft-driver/ports.ts'
import type { ServiceKey } from '../state-machine/areas/naming-words.ts'
import { serviceChangesOf } from '../state-machine/effect-kinds.ts'
import { createStateMachine, emptyMeta } from '../state-machine/state-machine.ts'
import type { Reply } from '../state-machine/types.ts'
import type { HttpTarget, Probe, ProbeAnswer } from './health-checks.ts'
import { createNaming, type Naming } from './naming.ts'
import type { InstanceSpec, NamingOutcome, ServiceInfo } from './naming-port.ts'

export const service = (name = 's'): ServiceKey => ({ namespace: 'public', group: 'G', name })
export const instance = (port = 80, over: Partial<InstanceSpec> = {}): InstanceSpec => ({
  ...{ ip: '10.0.0.1', port, cluster: 'DEFAULT', weight: 1, enabled: true, healthy: true, metadata: {} },
  ...over,
})

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly task: () => void
}

const createVirtualTime = () => {
  let nowMs = 1_000
  let order = 0
  let timers: Timer[] = []
  const after = (ms: number, task: () => void) => {
    const timer = { atMs: nowMs + ms, order: order++, task }
    timers.push(timer)
    const cancel = (): void => {
      timers = timers.filter((each) => each !== timer)
    }
    return { cancel }
  }
  const next = (untilMs: number): Timer | undefined =>
    timers.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
  const run = (ms: number): void => {
    const untilMs = nowMs + ms
    for (let timer = next(untilMs); timer !== undefined; timer = next(untilMs)) {
      const due = timer
      timers = timers.filter((each) => each !== due)
      nowMs = Math.max(nowMs, due.atMs)
      due.task()
    }
    nowMs = untilMs
  }
  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => 1_700_000_000_000 + nowMs, defer: (task: () => void) => void after(0, task), after },
    run,
    /** As a machine that sleeps: time passes, and nothing happens. */
    sleep: (ms: number) => {
      nowMs += ms
    },
  }
}

export interface WorldNode {
  readonly naming: Naming
  /** Of its last word on services: hosts as `ip:port`, `!` behind unhealthy ones. */
  hosts(name?: string): readonly string[]
}

export const hostsOf = ({ hosts }: Pick<ServiceInfo, 'hosts'>): readonly string[] => hosts.map(({ port, healthy }) => `${port}${healthy ? '' : '!'}`)

export const createWorld = () => {
  const { clock, run, sleep } = createVirtualTime()
  const machine = createStateMachine([], emptyMeta())
  const nodes = new Map<number, Naming>()
  const away = new Set<number>()
  /** By address: what a probe finds there. */
  const probed = new Map<string, ProbeAnswer>()
  const asked: string[] = []
  const world = {
    leader: 1,
    term: 1,
    serving: true,
    /** What becomes of writes: applied, or not, or applied with nobody told. */
    writes: 'applied' as 'applied' | 'refused' | 'unknown',
    /** Until a write is applied. */
    writeMs: 0,
  }
  let commands = 0
  let framesSent = 0

  const apply = (payload: Uint8Array): WriteOutcome<Reply> => {
    commands++
    const index = machine.meta().appliedIndex + 1
    machine.begin()
    const { reply, effects } = machine.apply({ index, term: 1, stampMs: clock.wallMs(), payload })
    machine.publish()
    clock.defer(() => {
      for (const naming of nodes.values()) naming.changed(serviceChangesOf(effects))
    })
    return { kind: 'applied', reply, index: logIndex(index) }
  }
  const write = (payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void): void => {
    clock.after(world.writeMs, () => {
      if (world.writes === 'refused') done({ kind: 'refused', code: 'no_quorum' })
      else {
        const outcome = apply(payload)
        done(world.writes === 'unknown' ? { kind: 'unknown' } : outcome)
      }
    })
  }
  const answer = (name: string, done: (answer: ProbeAnswer) => void): void => {
    asked.push(name)
    clock.after(1, () => done(probed.get(name) ?? 'ok'))
  }
  const probe: Probe = {
    tcp: (ip, port, _, done) => answer(`${ip}:${port}`, done),
    http: ({ ip, port, path }: HttpTarget, _, done) => answer(`http://${ip}:${port}${path}`, done),
  }
  const send = (to: NodeId, frame: BeatsFrame): void => {
    framesSent++
    if (!away.has(to)) nodes.get(to)?.onBeats(frame)
  }
  const start = (id: number, life = `00000000000${id}`): WorldNode => {
    const naming = createNaming({
      ...{ nodeId: id, life, clock, probe, write, send, area: () => machine.areas().naming },
      status: () => ({
        role: (id === world.leader ? 'leader' : 'follower') as Role,
        term: term(world.term) as Term,
        leaderId: world.leader === 0 ? null : nodeId(world.leader),
        serving: world.serving && !away.has(id),
        peers: [1, 2, 3].flatMap((peer) =>
          peer === id ? [] : [{ id: nodeId(peer), voter: true, connected: !away.has(peer), matchIndex: null, rttMs: null }],
        ),
      }),
    })
    nodes.set(id, naming)
    naming.start()
    return { naming, hosts: (name = 's') => hostsOf({ hosts: naming.instances(service(name), '') }) }
  }

  /** The outcome of one write, in a few words. */
  const outcomeOf = (act: (done: (outcome: NamingOutcome) => void) => void): string => {
    let told = 'nothing'
    act((outcome) => {
      told = outcome.kind !== 'applied' ? outcome.kind : outcome.reply.kind === 'naming-refused' ? outcome.reply.why : 'done'
    })
    run(world.writeMs + 1)
    return told
  }
  return {
    ...{ world, clock, run, sleep, machine, start, away, probed, asked, outcomeOf },
    stop: (id: number) => {
      nodes.get(id)?.stop()
      nodes.delete(id)
    },
    lead: (id: number) => {
      world.leader = id
      world.term++
    },
    commands: () => commands,
    framesSent: () => framesSent,
  }
}
