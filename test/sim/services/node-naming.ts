/**
 * The product's own naming on a simulated node: its timers by a clock that runs faster than Raft's, its checks against ports that are a table, its beats over
 * the simulated wires. Whatever it proposes is judged as a client's write is, and by whether it may propose it (expiry-judge.ts).
 */

import { decodeBeats } from '../../../src-node/naming/beats.ts'
import type { Probe, ProbeAnswer } from '../../../src-node/naming/health-checks.ts'
import { createNaming, type Naming } from '../../../src-node/naming/naming.ts'
import { driverDefaults } from '../../../src-node/raft-driver/options.ts'
import type { BeatsFrame, DriverClock, RaftDriver } from '../../../src-node/raft-driver/ports.ts'
import type { Reply, StateMachine } from '../../../src-node/state-machine/types.ts'
import type { Dials } from '../dials.ts'
import type { Judge } from '../judge/judge.ts'
import { namingIn } from '../judge/naming-judge.ts'
import type { Network } from '../network.ts'
import type { SimNode } from '../node.ts'
import type { Dice, World } from '../world.ts'

/** What stands behind the addresses of instances; whatever is not in it answers. By `ip:port`. */
export type Ports = Map<string, ProbeAnswer>

interface NodeNamingParts {
  readonly world: World
  readonly dials: Dials
  readonly judge: Judge
  readonly network: Network
  /** Of services alone: lives without them draw what they always drew. */
  readonly dice: Dice
  readonly ports: Ports
  readonly node: SimNode
  readonly driver: RaftDriver<Reply>
  readonly machine: StateMachine
  readonly life: Uint8Array
  readonly wallMs: () => number
}

/** As for any write. */
const slackMs = 20

function createFakeProbe({ dice, ports, node, judge }: NodeNamingParts, after: DriverClock['after']): Probe {
  const answer = (ip: string, port: number, timeoutMs: number, done: (answer: ProbeAnswer) => void) =>
    after(dice.float(0.1, 1) * timeoutMs, () => {
      const found = ports.get(`${ip}:${port}`) ?? 'ok'
      judge.onProbed(node.id, `${ip}:${port}`, found === 'ok')
      done(found)
    })
  return { tcp: answer, http: ({ ip, port }, timeoutMs, done) => answer(ip, port, timeoutMs, done) }
}

export function createNodeNaming(parts: NodeNamingParts): Naming {
  const { world, dials, judge, network, dice, node, driver, machine } = parts
  const { run, id } = node
  const speed = dials.namingSpeed * node.rate
  const schedule = (label: string, delayMs: number, act: () => void) => world.schedule({ label, delayMs, act, node: id, run })
  const clock: DriverClock = {
    monotonicMs: () => world.now() * speed,
    wallMs: parts.wallMs,
    defer: (task) => void schedule('turn of naming', 0.01 + node.slowMs * dice.float(0, 1), task),
    after: (ms, task) => ({ cancel: schedule('timer of naming', ms / speed, task) }),
  }
  const options = { ...driverDefaults, ...dials.options }
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs

  const life = Buffer.from(parts.life).toString('hex')
  judge.onNamingStart(id, { life, speed })
  const naming = createNaming({
    ...{ nodeId: id, life, clock, probe: createFakeProbe(parts, clock.after) },
    area: () => machine.areas().naming,
    status: driver.status,
    write(payload, done) {
      const command = namingIn(payload)!
      world.trace(() => `${id} proposes ${JSON.stringify(command)}`)
      judge.onNamingTurn(id, driver.status())
      judge.onNamingProposed(id, command)
      // The same removal, or the same publication again, may be said twice in the same bytes.
      const attempt = judge.begin(payload, { repeatable: true, node: id, run, dueMs: world.now() + answerMs / node.rate + slackMs })
      driver.write(payload, (outcome) => {
        judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)
        done(outcome)
      })
    },
    send: (to, frame) => network.send(id, to, [frame]),
  })
  const heard = ({ data }: BeatsFrame) =>
    judge.onBeats(
      id,
      (decodeBeats(data) ?? []).map(({ instance }) => instance),
    )
  return {
    ...naming,
    connectionOpened(connection) {
      judge.onConnection(id, connection.connectionId, true)
      naming.connectionOpened(connection)
    },
    connectionClosed(connectionId) {
      judge.onConnection(id, connectionId, false)
      naming.connectionClosed(connectionId)
    },
    beat(service, beat, done) {
      judge.onBeats(id, [beat])
      naming.beat(service, beat, done)
    },
    onBeats(frame) {
      heard(frame)
      naming.onBeats(frame)
    },
  }
}
