/** What strikes a simulated cluster while the safety phase lasts: crashes, pauses, cuts, full and slow disks, jumping clocks. */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import type { Cluster } from './cluster.ts'
import type { Nemesis } from './dials.ts'
import type { SimNode } from './node.ts'

/** Strikes at random moments until the safety phase ends. */
export function startNemesis(cluster: Cluster): void {
  const { world, dials } = cluster
  const strike = () => {
    if (!cluster.safety) return
    const nemesis = world.dice.chance(dials.heals) ? 'heal' : world.dice.pick(dials.nemeses)
    world.mark(`nemesis/${nemesis}`)
    world.trace(() => `NEMESIS ${nemesis}`)
    carryOut(cluster, nemesis)
    noteStrike(cluster)
    world.schedule({ label: 'nemesis', delayMs: world.dice.float(0, dials.nemesisMs * 2), node: 0, run: 0, act: strike })
  }
  world.schedule({ label: 'nemesis', delayMs: world.dice.float(0, dials.nemesisMs * 2), node: 0, run: 0, act: strike })
}

/** Peace begins anew. */
function noteStrike(cluster: Cluster): void {
  cluster.struckMs = cluster.world.now()
  for (const node of cluster.nodes) node.oldWaitEndsMs = node.diskWaitEndsMs
}

function pause(cluster: Cluster, node: SimNode, ms: number): void {
  if (node.driver === null) return
  if (!node.paused) node.pausedSinceMs = cluster.world.now()
  node.paused = true
  const { run } = node
  cluster.world.schedule({ label: 'wake', delayMs: ms, node: 0, run: 0, act: () => node.run === run && wake(cluster, node) })
}

/** Everything that waited happens now, in order. */
export function wake(cluster: Cluster, node: SimNode): void {
  const { world } = cluster
  if (node.paused) cluster.judge.onWoke(node.id, world.now() - node.pausedSinceMs)
  node.paused = false
  noteStrike(cluster)
  for (const event of node.held.splice(0)) world.resume(event)
}

function isolate(cluster: Cluster, node: SimNode): void {
  for (const other of cluster.nodes) {
    if (other === node) continue
    cluster.network.cut(node.id, other.id)
    cluster.network.cut(other.id, node.id)
  }
}

/** Cut off for so long that another leads, and back with all that it has appended meanwhile: two logs that differ. */
function depose(cluster: Cluster, leader: SimNode): void {
  const { world, network, nodes, dials } = cluster
  isolate(cluster, leader)
  const electionMs = (dials.tuning.electionTicksMax ?? raftDefaults.electionTicksMax) * driverDefaults.tickMs
  const back = () => {
    network.healAll()
    for (const other of nodes) {
      reset(cluster, leader, other)
      reset(cluster, other, leader)
    }
  }
  world.schedule({ label: 'back', delayMs: electionMs * world.dice.float(1, 4), node: 0, run: 0, act: back })
}

/** `from` learns that its connection to `to` closed, and a little later that it stands again. */
function reset({ world, judge }: Cluster, from: SimNode, to: SimNode): void {
  if (from === to || from.driver === null) return
  const event = { label: 'reset', node: from.id, run: from.run }
  const closed = () => {
    judge.onGone(from.id, to.id)
    from.driver?.onPeerGone(to.id)
  }
  world.schedule({ ...event, delayMs: world.dice.float(0, 3), act: closed })
  world.schedule({ ...event, delayMs: world.dice.float(3, 30), act: () => to.driver !== null && from.driver?.onPeerUp(to.id) })
}

/** Asked of any node, of any target: whoever leads hands over, or says why not; always an answer while the asked node lives. */
function transfer(cluster: Cluster, asked: SimNode, target: SimNode): void {
  const { world } = cluster
  const { driver } = asked
  if (driver === null) return
  cluster.guarded(asked, () =>
    driver.transfer(target.id, (outcome) => {
      world.trace(() => `${asked.id} transfer to ${target.id}: ${JSON.stringify(outcome)}`)
      world.mark(`transfer/${outcome.kind === 'done' ? 'done' : outcome.code}`)
    }),
  )
}

/**
 * A leader hands over, and from then on nothing reaches it: it goes on in good faith, as long as its own rules let it. Waits a while for a
 * leader with a follower that holds everything, else nothing would come of it.
 */
function handOverDeaf(cluster: Cluster, waitMs: number): void {
  const { world, network, nodes } = cluster
  if (!cluster.safety || waitMs <= 0) return
  for (const leader of nodes) {
    const status = leader.driver?.status()
    if (status?.role !== 'leader' || leader.paused) continue
    const heir = status.peers.find(({ id, voter, matchIndex }) => voter && matchIndex === status.lastIndex && nodes[id - 1]?.driver !== null)
    if (heir === undefined) continue
    transfer(cluster, leader, nodes[heir.id - 1]!)
    const deafen = () => {
      // Faults may have ended meanwhile: nobody would heal it.
      if (!cluster.safety) return
      for (const other of nodes) if (other !== leader) network.cut(other.id, leader.id)
    }
    world.schedule({ label: 'deafen', delayMs: 0.05, node: 0, run: 0, act: deafen })
    return
  }
  world.schedule({ label: 'wait for an heir', delayMs: 3, node: 0, run: 0, act: () => handOverDeaf(cluster, waitMs - 3) })
}

/** The connection breaks in the middle of a frame: both ends learn it, and that a new one stands; what was on its way is lost. */
function tear(cluster: Cluster, a: SimNode, b: SimNode): void {
  if (a === b) return
  cluster.network.tear(a.id, b.id, cluster.world.now() + 3)
  reset(cluster, a, b)
  reset(cluster, b, a)
}

/** So many that the others still are a quorum, of members that nobody changes. */
function mayLose({ world, nodes, dials }: Cluster): boolean {
  if (dials.outsiders > 0 || world.events() < dials.lossesFrom * dials.events) return false
  const lost = nodes.filter(({ isLost, platter }) => isLost || platter.damaged.size > 0)
  return lost.length < Math.floor((nodes.length - 1) / 2)
}

/** Somewhere in the log, found when it is read: at the next start, or when a follower or the state machine needs the entry. */
function flipBit(cluster: Cluster, victim: SimNode): void {
  const { platter, isLost } = victim
  const last = platter.entries.length
  if (isLost || last <= platter.base.index || !mayLose(cluster)) return
  platter.damaged.add(cluster.world.dice.between(platter.base.index + 1, last))
  cluster.world.mark('disk/bit-flipped')
  // Else few are ever found: lives with tenants are new, and need not be what they were.
  if (cluster.dials.tenants > 0) victim.crash()
}

/** Catalogue 18: its folder is gone, and the product does not let it come back under its id. What it once acknowledged is still counted. */
function wipe(cluster: Cluster, victim: SimNode): void {
  if (victim.isLost || !mayLose(cluster)) return
  victim.lose()
  cluster.world.mark('disk/wiped')
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
    case 'depose':
      depose(cluster, leader)
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
      reset(cluster, victim, other)
      reset(cluster, other, victim)
      return
    case 'tear':
      tear(cluster, victim, other)
      return
    case 'log-write-error':
    case 'log-sync-error':
      // Each is a crash as well, of which there are four kinds already.
      if (dice.chance(0.4)) victim.logFails = nemesis === 'log-write-error' ? 'write' : 'sync'
      return
    case 'bit-flip':
      flipBit(cluster, victim)
      return
    case 'wipe':
      wipe(cluster, victim)
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
    case 'transfer':
      transfer(cluster, victim, other)
      return
    case 'transfer-and-crash':
      transfer(cluster, victim, other)
      world.schedule({
        label: 'crash after transfer',
        delayMs: dice.float(0, 20),
        node: 0,
        run: 0,
        act: () => cluster.safety && dice.pick([leader, other]).crash(),
      })
      return
    case 'transfer-and-deafen':
      handOverDeaf(cluster, 300)
      return
    case 'heal':
      network.healAll()
      return
    default:
      nemesis satisfies never
  }
}
