/** The clients of a simulated cluster: what they write, at which node, and what they hear. Every write goes to the judge, and to the witness if there is one. */

import { createHash } from 'node:crypto'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import type { Command } from '../../src-node/state-machine/types.ts'
import type { Cluster } from './cluster.ts'
import type { SimNode } from './node.ts'
import { memberNodes } from './reconfiguration.ts'
import type { Sight, Witness } from './witness.ts'
import { SimFailure } from './world.ts'

export interface Clients {
  /** Each writes one thing after another, at a node of its choice; a node's death leaves it in the dark. Ends with the safety phase. */
  start(): void
  write(node: SimNode, done: (outcome: string) => void, client?: number): void
  /** A linearizable read (invariant 18). */
  read(node: SimNode, done: (outcome: string) => void, client?: number): void
}

const content = (id: number) => new TextEncoder().encode(`value ${id}`)

export function createClients(cluster: Cluster, witness: Witness | null): Clients {
  const { world, dials, judge, nodes } = cluster
  const { dice } = world
  const lastMd5 = new Map<string, string>()
  const casWon = new Set<string>()
  let values = 0

  const drawCommand = (dataId: string, expectedMd5: string | null): Command => {
    const bytes = content(++values)
    const md5 = createHash('md5').update(bytes).digest('hex')
    const common = { namespace: '', group: 'G', dataId, expectedMd5, sourceIp: `${++values}`, sourceUser: '' }
    const fields = { type: 'text', appName: '', description: '', tags: [], encryptedDataKey: '' } as const
    if (dice.chance(0.1)) return { kind: 'delete-config', ...common }
    return { kind: 'publish-config', ...common, content: bytes, md5, ...fields }
  }
  /** Values are unique, so a md5 can be replaced only once (invariant 23). */
  const checkCasWon = (expectedMd5: string) => {
    if (casWon.has(expectedMd5)) throw new SimFailure(`23: two compare-and-set writes replaced ${expectedMd5}`)
    casWon.add(expectedMd5)
    world.mark('write/cas-won')
  }

  function write(node: SimNode, done: (outcome: string) => void, client = 0) {
    const driver = node.driver
    if (driver === null) {
      done('down')
      return
    }
    const dataId = `key ${dice.between(1, dials.keys)}`
    const expectedMd5 = dice.chance(0.3) ? (lastMd5.get(dataId) ?? '') : null
    const command = drawCommand(dataId, expectedMd5)
    const payload = encodeCommand(command)
    const sight: Sight = { node: node.id, run: node.run, dataId }
    const look = () => witness?.read(sight, node.machine()?.find(command))
    look()
    const told = witness?.write(client, sight, command)
    const record = judge.begin(payload, node.id)
    world.trace(() => `${node.id} write ${record.id}`)
    cluster.guarded(node, () =>
      driver.write(payload, (outcome) => {
        world.trace(() => `${node.id} write ${record.id}: ${JSON.stringify(outcome)}`)
        judge.end(record, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)
        if (outcome.kind === 'applied' && outcome.reply.kind === 'published') {
          lastMd5.set(dataId, outcome.reply.md5)
          if (expectedMd5) checkCasWon(expectedMd5)
        }
        if (outcome.kind === 'refused') world.mark(`write/refused: ${outcome.code}`)
        told?.(outcome)
        look()
        done(outcome.kind)
      }),
    )
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

  const think = (client: number) => {
    world.schedule({ label: `client ${client}`, delayMs: dice.float(0, dials.thinkMs * 2), node: 0, run: 0, act: () => act(client) })
  }
  const act = (client: number) => {
    if (!cluster.safety) return
    // Mostly at members: a node outside refuses at once, and a life would be spent on refusals.
    const node = dice.pick(dice.chance(0.95) ? memberNodes(cluster) : nodes)
    let answered = false
    const next = () => {
      if (answered) return
      answered = true
      giveUp()
      think(client)
    }
    // A dead or stuck node does not answer: the client gives up and goes elsewhere.
    const giveUp = world.schedule({ label: `client ${client} gives up`, delayMs: 700, node: 0, run: 0, act: next })
    if (dice.chance(dials.reads)) read(node, next, client)
    else write(node, next, client)
  }
  return {
    write,
    read,
    start() {
      for (let client = 1; client <= dials.clients; client++) think(client)
    },
  }
}
