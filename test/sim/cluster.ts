/** A cluster of simulated nodes with its clients and its nemesis; `runEvent` is one turn followed by every check. */

import { createHash } from 'node:crypto'
import { raftDefaults } from '../../src-node/raft/options.ts'
import type { NodeId } from '../../src-node/raft/types.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import type { Command } from '../../src-node/state-machine/types.ts'
import { type Dials, drawDials, type Nemesis } from './dials.ts'
import { createPlatter, ids } from './disk.ts'
import { createJudge, type Judge } from './judge.ts'
import { createNetwork, type Network } from './network.ts'
import { Crash, createSimNode, frameText, type SimNode } from './node.ts'
import type { Sight, Witness } from './witness.ts'
import { createWorld, SimFailure, type World } from './world.ts'

export interface Cluster {
  readonly world: World
  readonly dials: Dials
  readonly judge: Judge
  readonly network: Network
  readonly nodes: readonly SimNode[]
  /** False once faults have ended. */
  safety: boolean
  runEvent(): boolean
  write(node: SimNode, done: (outcome: string) => void, client?: number): void
  connect(node: SimNode): void
}

const content = (id: number) => new TextEncoder().encode(`value ${id}`)

export function createCluster(seed: number, traced: boolean, witness: Witness | null = null): Cluster {
  const world = createWorld(seed, traced)
  const { dice } = world
  const dials = drawDials(dice)
  const voters = ids(dials.nodes)
  const platters = voters.map(createPlatter)
  const judge = createJudge(world, platters)
  const nodes: SimNode[] = []
  const nodeOf = (id: number) => nodes[id - 1]!
  const lastMd5 = new Map<string, string>()
  const casWon = new Set<string>()
  let values = 0

  const network = createNetwork(world, dials, {
    deliver(from, to, frame, delayMs) {
      const { run } = nodeOf(to)
      world.schedule({
        label: 'frame',
        delayMs,
        node: to,
        run,
        act() {
          world.trace(() => `${to} <- ${from} ${frameText(frame)}`)
          nodeOf(to).heardMs.set(from, world.now())
          nodeOf(to).driver?.onFrame(from, frame)
        },
      })
    },
  })

  /** Both ends learn that the connection between two running nodes stands. */
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
        else node.driver?.onPeerGone(peer)
      },
    })
  }

  const cluster: Cluster = { world, dials, judge, network, nodes, safety: true, runEvent, write, connect }

  for (const id of voters) {
    nodes.push(
      createSimNode({
        world,
        dials,
        judge,
        network,
        id,
        voters,
        platter: platters[id - 1]!,
        safety: () => cluster.safety,
        onStart: connect,
        onCrash(node) {
          if (dials.closeNotice) for (const other of nodes) if (other !== node && other.driver !== null) tell(other, 'gone', node.id)
          if (cluster.safety)
            world.schedule({
              label: 'restart',
              delayMs: dice.float(1, 400),
              node: 0,
              run: 0,
              act: () => node.driver === null && cluster.safety && guarded(node, node.start),
            })
        },
      }),
    )
  }

  function guarded(node: SimNode, act: () => void) {
    try {
      act()
    } catch (error) {
      if (error instanceof Crash) node.crash()
      else if (error instanceof Error && error.name === 'InvariantError') throw new SimFailure(`node ${node.id}: ${error.message}`)
      else throw error
    }
    if (node.driver === null) return
    judge.onStatus(node.id, node.run, node.driver.status())
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

  function write(node: SimNode, done: (outcome: string) => void, client = 0) {
    const driver = node.driver
    if (driver === null) {
      done('down')
      return
    }
    const dataId = `key ${dice.between(1, dials.keys)}`
    const expectedMd5 = dice.chance(0.3) ? (lastMd5.get(dataId) ?? '') : null
    const bytes = content(++values)
    const md5 = createHash('md5').update(bytes).digest('hex')
    const common = { namespace: '', group: 'G', dataId, expectedMd5, sourceIp: `${++values}`, sourceUser: '' }
    const fields = { type: 'text', appName: '', description: '', tags: [], encryptedDataKey: '' } as const
    const command: Command = dice.chance(0.1)
      ? { kind: 'delete-config', ...common }
      : { kind: 'publish-config', ...common, content: bytes, md5, ...fields }
    const payload = encodeCommand(command)
    const sight: Sight = { node: node.id, run: node.run, dataId }
    const look = () => witness?.read(sight, node.machine()?.find(common))
    look()
    const told = witness?.write(client, sight, command)
    const record = judge.begin(payload, node.id)
    world.trace(() => `${node.id} write ${record.id}`)
    guarded(node, () =>
      driver.write(payload, (outcome) => {
        world.trace(() => `${node.id} write ${record.id}: ${JSON.stringify(outcome)}`)
        judge.end(record, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)
        if (outcome.kind === 'applied' && outcome.reply.kind === 'published') {
          lastMd5.set(dataId, outcome.reply.md5)
          if (expectedMd5) {
            // Values are unique, so a md5 can be replaced only once (invariant 23).
            if (casWon.has(expectedMd5)) throw new SimFailure(`23: two compare-and-set writes replaced ${expectedMd5}`)
            casWon.add(expectedMd5)
            world.mark('write/cas-won')
          }
        }
        if (outcome.kind === 'refused') world.mark(`write/refused: ${outcome.code}`)
        told?.(outcome)
        look()
        done(outcome.kind)
      }),
    )
  }
  return cluster
}

/** Clients that write one thing after another, each at a node of its choice; a node's death leaves them in the dark. */
export function startClients(cluster: Cluster): void {
  const { world, dials, nodes } = cluster
  const { dice } = world
  const think = (client: number) => {
    world.schedule({ label: `client ${client}`, delayMs: dice.float(0, dials.thinkMs * 2), node: 0, run: 0, act: () => act(client) })
  }
  const act = (client: number) => {
    if (!cluster.safety) return
    const node = dice.pick(nodes)
    let answered = false
    const next = () => {
      if (answered) return
      answered = true
      giveUp()
      think(client)
    }
    // A dead or stuck node does not answer: the client gives up and goes elsewhere.
    const giveUp = world.schedule({ label: `client ${client} gives up`, delayMs: 700, node: 0, run: 0, act: next })
    cluster.write(node, next, client)
  }
  for (let client = 1; client <= dials.clients; client++) think(client)
}

const struckMs = new WeakMap<World, number>()

/** Thesis 6.2: left in peace, a leader that hears no majority for long does not go on leading. */
function checkQuorumHeard({ world, dials, nodes }: Cluster, node: SimNode): void {
  if (node.role !== 'leader') {
    node.role = node.driver?.status().role ?? 'follower'
    node.leadsSinceMs = world.now()
    return
  }
  node.role = node.driver?.status().role ?? 'follower'
  if (node.role !== 'leader' || node.paused || nodes.length === 1) return
  const tickMs = (driverDefaults.tickMs + node.slowMs + node.diskMs) / node.rate
  const since = world.now() - 3 * (dials.tuning.electionTicksMax ?? raftDefaults.electionTicksMax) * tickMs - 100
  if (since < Math.max(node.leadsSinceMs, struckMs.get(world) ?? 0)) return
  world.mark('role/leader-in-peace')
  const heard = [...node.heardMs.values()].filter((atMs) => atMs >= since).length
  if (heard + 1 <= nodes.length / 2) throw new SimFailure(`6.2: node ${node.id} leads, and has heard ${heard} others since ${since}`)
}

/** Strikes at random moments until the safety phase ends. */
export function startNemesis(cluster: Cluster): void {
  const { world, dials } = cluster
  const strike = () => {
    if (!cluster.safety) return
    const nemesis = world.dice.pick(dials.nemeses)
    world.mark(`nemesis/${nemesis}`)
    world.trace(() => `NEMESIS ${nemesis}`)
    carryOut(cluster, nemesis)
    struckMs.set(world, world.now())
    world.schedule({ label: 'nemesis', delayMs: world.dice.float(0, dials.nemesisMs * 2), node: 0, run: 0, act: strike })
  }
  world.schedule({ label: 'nemesis', delayMs: world.dice.float(0, dials.nemesisMs * 2), node: 0, run: 0, act: strike })
}

function pause({ world }: Cluster, node: SimNode, ms: number): void {
  if (node.driver === null) return
  node.paused = true
  const { run } = node
  world.schedule({ label: 'wake', delayMs: ms, node: 0, run: 0, act: () => node.run === run && wake(world, node) })
}

/** Everything that waited happens now, in order. */
export function wake(world: World, node: SimNode): void {
  node.paused = false
  struckMs.set(world, world.now())
  for (const event of node.held.splice(0)) world.schedule({ ...event, delayMs: 0 })
}

function isolate(cluster: Cluster, node: SimNode): void {
  for (const other of cluster.nodes) {
    if (other === node) continue
    cluster.network.cut(node.id, other.id)
    cluster.network.cut(other.id, node.id)
  }
}

function carryOut(cluster: Cluster, nemesis: Nemesis): void {
  const { world, network, nodes } = cluster
  const { dice } = world
  const victim = dice.pick(nodes)
  const other = dice.pick(nodes)
  const leader = nodes.find((node) => node.driver?.status().role === 'leader') ?? victim
  const until = (maxMs: number) => world.now() + dice.float(1, maxMs)
  switch (nemesis) {
    case 'crash':
      victim.crash()
      return
    case 'crash-leader':
      leader.crash()
      return
    case 'crash-all':
      for (const node of nodes) node.crash()
      return
    case 'pause':
      pause(cluster, victim, dice.float(1, 400))
      return
    case 'slow':
      victim.slowMs = dice.pick([0, 1, 5, 20])
      return
    case 'partition':
      isolate(cluster, victim)
      return
    case 'leader-alone':
      isolate(cluster, leader)
      return
    case 'one-way':
      network.cut(victim.id, other.id)
      return
    case 'ring':
      for (const node of nodes) network.cut(node.id, (node.id % nodes.length) + 1)
      return
    case 'clog':
      network.clog(victim.id, other.id, until(200))
      return
    case 'reset':
      if (victim === other) return
      for (const [from, to] of [
        [victim, other],
        [other, victim],
      ] as const) {
        from.driver &&
          world.schedule({ label: 'reset', delayMs: dice.float(0, 3), node: from.id, run: from.run, act: () => from.driver?.onPeerGone(to.id) })
        from.driver &&
          world.schedule({
            label: 'reset',
            delayMs: dice.float(3, 30),
            node: from.id,
            run: from.run,
            act: () => to.driver !== null && from.driver?.onPeerUp(to.id),
          })
      }
      return
    case 'disk-slow':
      victim.diskMs = dice.pick([0, 5, 50, 300])
      return
    case 'disk-full':
      victim.diskFullUntil = until(300)
      return
    case 'state-full':
      victim.stateFullUntil = until(300)
      return
    case 'leader-state-full':
      leader.stateFullUntil = until(5000)
      return
    case 'wall-jump':
      victim.wallOffsetMs += dice.float(-3_600_000, 3_600_000)
      return
    case 'sleep-all': {
      const ms = dice.float(1, 30_000)
      for (const node of nodes) pause(cluster, node, ms)
      return
    }
    case 'heal':
      network.healAll()
      return
    default:
      nemesis satisfies never
  }
}
