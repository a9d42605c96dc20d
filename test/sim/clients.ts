/** The clients of a simulated cluster: what they write, at which node, and what they hear. Every write goes to the judge, and to the witness if there is one. */

import type { Cluster } from './cluster.ts'
import type { SimNode } from './node.ts'
import { memberNodes } from './reconfiguration.ts'
import type { Witness } from './witness.ts'
import { SimFailure } from './world.ts'
import { createWrites, type Task } from './writes.ts'

export interface Clients {
  /** Each writes one thing after another, at a node of its choice; a node's death leaves it in the dark. Ends with the safety phase. */
  start(): void
  write(node: SimNode, done: (outcome: string) => void, client?: number): void
  /** A linearizable read (invariant 18). */
  read(node: SimNode, done: (outcome: string) => void, client?: number): void
}

/** A client that does not know what became of its write sends it so often at most. */
const attemptsMax = 6
const refusedMs = 10

export function createClients(cluster: Cluster, witness: Witness | null): Clients {
  const { world, dials, judge, nodes } = cluster
  const { dice } = world
  const writes = createWrites(cluster, witness)

  function write(node: SimNode, done: (outcome: string) => void, client = 0) {
    if (node.driver === null) done('down')
    else writes.send(node, writes.draw(node, client), done)
  }

  function read(node: SimNode, done: (outcome: string) => void, client = 0) {
    const { driver, run } = node
    if (driver === null) {
      done('down')
      return
    }
    const dataId = `key ${dice.between(1, dials.keys)}`
    const told = witness?.readLinearizable(client, { node: node.id, run, dataId })
    const committedBefore = judge.committed()
    cluster.guarded(node, () =>
      driver.readIndex((outcome) => {
        world.trace(() => `${node.id} read: ${JSON.stringify(outcome)}`)
        world.mark(`read/${outcome.kind === 'safe' ? 'safe' : outcome.code}`)
        const applied = node.machine()?.meta().appliedIndex ?? 0
        if (outcome.kind === 'safe' && applied < committedBefore)
          throw new SimFailure(`18: node ${node.id} answers a linearizable read at ${applied}, committed before it was asked: ${committedBefore}`)
        if (outcome.kind === 'safe' && node.driver?.status().role !== 'leader') world.mark('read/safe-at-a-follower')
        told?.(outcome.kind === 'safe' ? node.machine()?.find({ namespace: '', group: 'G', dataId }) : null)
        done(outcome.kind)
      }),
    )
  }

  /** Mostly a member: a node outside refuses at once, and a life would be spent on refusals. */
  const pickNode = () => dice.pick(dice.chance(0.95) ? memberNodes(cluster) : nodes)
  const thinkMs = () => dice.float(0, dials.thinkMs * 2)
  /** Whoever was refused waits longer: else a life would be spent on refusals. */
  const think = (client: number, outcome = '') => {
    const delayMs = outcome === 'refused' || outcome === 'down' ? thinkMs() + refusedMs : thinkMs()
    world.schedule({ label: `client ${client}`, delayMs, node: 0, run: 0, act: () => act(client) })
  }
  /** Hears one answer. A dead or stuck node gives none: the client gives up and goes elsewhere. */
  const patiently = (client: number, next: (outcome: string) => void) => {
    let answered = false
    const hear = (outcome: string) => {
      if (answered) return
      answered = true
      giveUp()
      next(outcome)
    }
    const giveUp = world.schedule({ label: `client ${client} gives up`, delayMs: 700, node: 0, run: 0, act: () => hear('silence') })
    return hear
  }
  /** Dial 27: under a request id the same write goes to one node after another, until one says what became of it. */
  const sendUntilKnown = (client: number, node: SimNode, task: Task, attemptsLeft: number) => {
    const isOpen = () => !task.isAnswered && task.attempts > task.refusals
    const again = () => {
      if (!cluster.safety || !isOpen()) return think(client)
      world.mark('write/retried')
      sendUntilKnown(client, pickNode(), task, attemptsLeft - 1)
    }
    const hear = patiently(client, (outcome) => {
      if (task.command.requestId === undefined || attemptsLeft === 0 || !isOpen()) think(client, outcome)
      else world.schedule({ label: `client ${client} tries again`, delayMs: thinkMs(), node: 0, run: 0, act: again })
    })
    if (node.driver === null) hear('down')
    else writes.send(node, task, hear)
  }
  const act = (client: number) => {
    if (!cluster.safety) return
    const node = pickNode()
    const done = (outcome: string) => think(client, outcome)
    if (node.driver === null) done('down')
    else if (dice.chance(dials.reads)) read(node, patiently(client, done), client)
    else sendUntilKnown(client, node, writes.draw(node, client), attemptsMax - 1)
  }
  return {
    write,
    read,
    start() {
      for (let client = 1; client <= dials.clients; client++) think(client)
    },
  }
}
