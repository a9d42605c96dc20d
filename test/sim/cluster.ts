/** A cluster of simulated nodes; `runEvent` is one turn followed by every check. Its clients are in clients.ts, its faults in nemesis.ts. */

import type { NodeId } from '../../src-node/raft/types.ts'
import { type Dials, drawDials } from './dials.ts'
import { createFakeDatabase, type FakeDatabase } from './fake-database.ts'
import { createJudge, type Judge } from './judge/judge.ts'
import { checkQuorumHeard } from './leader-in-peace.ts'
import { createNetwork, type Network } from './network.ts'
import { Crash, createSimNode, frameText, type SimNode } from './node.ts'
import { createPlatter, DiskFailure, ids } from './raft-disk.ts'
import type { Ports } from './services/node-naming.ts'
import { createDice, createWorld, type Dice, SimFailure, type World } from './world.ts'

export interface Cluster {
  readonly world: World
  readonly dials: Dials
  readonly judge: Judge
  readonly network: Network
  readonly nodes: readonly SimNode[]
  /** Of MySQL mode, else null. */
  readonly database: FakeDatabase | null
  /** Of services alone. */
  readonly serviceDice: Dice
  /** Of administrators alone. */
  readonly administratorDice: Dice
  /** What stands behind the addresses of instances. */
  readonly ports: Ports
  /** False once faults have ended. */
  safety: boolean
  /** When the nemesis struck last, virtual ms. */
  struckMs: number
  runEvent(): boolean
  /** A turn of a node: a crash point in it ends the node, a broken promise the life. */
  guarded(node: SimNode, act: () => void): void
  /** Both ends learn that the connection between two running nodes stands. */
  connect(node: SimNode): void
  /** Whoever runs learns that it is gone. */
  disconnect(node: SimNode): void
}

/** After a pause, everything that waited has happened by then. */
const peaceMs = 50

export interface ClusterOptions {
  readonly traced: boolean
  readonly overrides: Partial<Dials>
}

export function createCluster(seed: number, { traced, overrides }: ClusterOptions): Cluster {
  const world = createWorld(seed, traced)
  const { dice } = world
  const dials = { ...drawDials(dice), ...overrides }
  const voters = ids(dials.nodes)
  const everybody = ids(dials.nodes + dials.outsiders)
  const platters = everybody.map(createPlatter)
  const judge = createJudge(world, dials, platters, voters)
  const nodes: SimNode[] = []
  const database =
    dials.databaseTrouble < 0
      ? null
      : createFakeDatabase({ world, trouble: () => (cluster.safety ? dials.databaseTrouble : 0), committed: judge.committed })
  const nodeOf = (id: number) => nodes[id - 1]!

  const network = createNetwork(world, dials, {
    deliver(from, to, frame, { delayMs, stands }) {
      const { run } = nodeOf(to)
      world.schedule({
        label: 'frame',
        delayMs,
        node: to,
        run,
        act() {
          if (!stands()) return world.mark('net/torn')
          world.trace(() => `${to} <- ${from} ${frameText(frame)}`)
          if (frame.type === 'beats') return nodeOf(to).naming?.onBeats(frame)
          nodeOf(to).heardMs.set(from, world.now())
          judge.onHeard(to, run, from, frame)
          nodeOf(to).driver?.onFrame(from, frame)
        },
      })
    },
  })

  const connect = (node: SimNode) => {
    for (const other of nodes) {
      if (other === node || other.driver === null) continue
      tell(node, 'up', other.id)
      tell(other, 'up', node.id)
    }
  }
  const tell = (node: SimNode, what: 'up' | 'gone', peer: NodeId) => {
    world.schedule({
      label: what,
      delayMs: dice.float(0.1, 5),
      node: node.id,
      run: node.run,
      act() {
        world.trace(() => `${node.id} peer ${peer} ${what}`)
        if (what === 'up') node.driver?.onPeerUp(peer)
        else {
          judge.onGone(node.id, peer)
          node.driver?.onPeerGone(peer)
          // An old word that comes last would be believed for ever, by those who take away what a node that is gone had.
          if (dials.tenants > 0 && nodeOf(peer).driver !== null) tell(node, 'up', peer)
        }
      },
    })
  }
  const disconnect = (node: SimNode) => {
    for (const other of nodes) if (other !== node && other.driver !== null) tell(other, 'gone', node.id)
  }
  const restartLater = (node: SimNode) => {
    if (dials.closeNotice) disconnect(node)
    if (!cluster.safety) return
    const act = () => node.driver === null && !node.isLost && cluster.safety && guarded(node, node.start)
    world.schedule({ label: 'restart', delayMs: dice.float(1, 400), node: 0, run: 0, act })
  }

  const ports: Ports = new Map()
  const [serviceDice, administratorDice] = [createDice(seed + 0x5e9), createDice(seed + 0xad31)]
  const hooks = { runEvent, guarded, connect, disconnect }
  const cluster: Cluster = {
    world,
    dials,
    judge,
    network,
    nodes,
    database,
    serviceDice,
    administratorDice,
    ports,
    safety: true,
    struckMs: 0,
    ...hooks,
  }

  for (const id of everybody) {
    const platter = platters[id - 1]!
    const parts = { world, dials, judge, network, database, serviceDice, ports, id, voters, platter, safety: () => cluster.safety }
    nodes.push(createSimNode({ ...parts, onStart: connect, onCrash: restartLater }))
  }

  function guarded(node: SimNode, act: () => void) {
    try {
      act()
      // Catalogue 24: an error that was swallowed, and believed to be none.
      if (node.diskFailed) throw new SimFailure(`node ${node.id} goes on after its disk failed`)
    } catch (error) {
      if (error instanceof Crash) node.crash()
      else if (error instanceof DiskFailure) {
        world.mark(`disk/${error.message}`)
        if (error.isForGood) node.lose()
        else node.crash()
      } else if (error instanceof Error && error.name === 'InvariantError') throw new SimFailure(`node ${node.id}: ${error.message}`)
      else throw error
    }
    if (node.driver === null) return
    const status = node.driver.status()
    judge.onStatus(node.id, node.run, status)
    judge.onTerm(status, node.run, node.rate)
    judge.onTold(node.id, status.appliedIndex)
    if (node.naming !== null) judge.onNamingTurn(node.id, status)
    if (!node.paused && world.now() - cluster.struckMs > peaceMs) judge.onPeace(node.id, node.run)
    checkQuorumHeard(cluster, node)
  }

  function runEvent(): boolean {
    const event = world.next()
    if (event === null) return false
    if (event.node === 0) {
      world.lived()
      event.act()
      return true
    }
    const node = nodeOf(event.node)
    if (event.run !== node.run) return true
    if (node.paused) {
      node.held.push(event)
      return true
    }
    world.lived()
    guarded(node, event.act)
    return true
  }
  return cluster
}
