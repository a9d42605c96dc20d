/** One schedule: a life of a cluster under faults, then the proof that it still works. */

import { requestIdsMax } from '../../src-node/state-machine/request-table.ts'
import { startAdministrators } from './administrators.ts'
import { type Clients, createClients } from './clients.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { Dials } from './dials.ts'
import type { FakeDatabase } from './fake-database.ts'
import { majorityOf as majority } from './judge/facts.ts'
import { startNemesis, wake } from './nemesis.ts'
import type { SimNode } from './node.ts'
import { memberNodes, membersBehind, startReconfiguration, voterNodes } from './reconfiguration.ts'
import { startRegistrars } from './registrars.ts'
import { createServicesAtLast } from './services/at-last.ts'
import { startTenants } from './services/tenants.ts'
import { startSnapshotKeeper } from './snapshot-keeper.ts'
import { checkNoStorm } from './storm.ts'
import type { Witness } from './witness.ts'
import { SimFailure } from './world.ts'

export interface Failure {
  readonly message: string
  readonly dials: Dials
  /** A promise broke, as opposed to an error that nobody meant to throw. */
  readonly promise: boolean
}

export interface ScheduleOptions {
  /** Keeps the last events as lines of text. */
  readonly traced?: boolean
  readonly witness?: Witness | null
  /** Put over the dials that the seed draws. */
  readonly overrides?: Partial<Dials>
}

export interface ScheduleResult {
  readonly seed: number
  /** Writes that were answered as applied while faults struck. */
  readonly applied: number
  readonly events: number
  readonly hash: number
  readonly virtualMs: number
  readonly marks: ReadonlyMap<string, number>
  /** The last events, if the run was traced. */
  readonly ring: readonly string[]
  readonly failure: Failure | null
}

/**
 * Safety phase of the drawn length, then liveness: as the cluster is (half of the lives), with one full state store, of a random majority, of
 * all; in the end the history that the witness, if any, has taken down. Throws nothing.
 */
export function runSchedule(seed: number, { traced = false, witness = null, overrides = {} }: ScheduleOptions = {}): ScheduleResult {
  const cluster = createCluster(seed, { traced, overrides })
  // A write whose id was forgotten happens twice, and a restore brings values back: no history of unique ones, which is all that a witness can judge.
  const sees = cluster.dials.requestIdsMax < requestIdsMax || cluster.dials.snapshotMs > 0 ? null : witness
  const clients = createClients(cluster, sees)
  const { world } = cluster
  let failure: Failure | null = null
  let applied = 0
  try {
    for (const node of cluster.nodes) node.start()
    clients.start()
    startNemesis(cluster)
    startReconfiguration(cluster)
    startSnapshotKeeper(cluster)
    startRegistrars(cluster)
    startAdministrators(cluster)
    const tenants = startTenants(cluster)
    // More nodes say more to each other: as much is to happen among their clients.
    const events = cluster.dials.events + cluster.dials.outsiders * 1500
    while (world.events() < events && cluster.runEvent());
    applied = world.marks.get('write/applied') ?? 0
    cluster.safety = false
    heal(cluster)
    settleMembers(cluster, clients)
    if (world.dice.chance(0.5)) converge(cluster, clients, memberNodes(cluster), 'the cluster as it is')
    leadWithout(cluster, clients)
    const alive = majorityOf(cluster)
    converge(cluster, clients, alive, 'a healed majority')
    converge(cluster, clients, memberNodes(cluster), 'all nodes')
    const services = tenants.length > 0 ? createServicesAtLast(cluster, tenants) : null
    services?.settle()
    handOver(cluster)
    services?.stand()
    services?.end()
    checkNoStorm(cluster)
    comeToRest(cluster)
    finalChecks(cluster)
    if (sees !== null) hear(cluster, sees)
  } catch (error) {
    // The product's own assertions count, also in a start that no turn guards.
    const promise = error instanceof SimFailure || (error instanceof Error && error.name === 'InvariantError')
    const message = promise && error instanceof Error ? error.message : error instanceof Error ? `${error.stack}` : `${error}`
    failure = { message, dials: cluster.dials, promise }
  }
  return { seed, applied, events: world.events(), hash: world.hash(), virtualMs: world.now(), marks: world.marks, ring: world.ring, failure }
}

function heal(cluster: Cluster): void {
  const { world, network, nodes, dials } = cluster
  network.healAll()
  network.setQuiet()
  for (const node of nodes) {
    // Damage that nobody has met so far is met some day: the disk is replaced, and the node with it.
    if (node.platter.damaged.size > 0) node.lose()
    node.logFails = null
    wake(cluster, node)
    node.slowMs = 0
    node.diskMs = Math.min(dials.diskMs, 1)
    node.diskFullUntil = 0
    node.stateFullUntil = 0
    node.fillsUp = 0
  }
  world.trace(() => 'HEALED')
}

/** So long must nothing be open: a change that still waits in a queue shows itself in less. */
const settledMs = 500

/** Whoever leads the newest term goes by a committed configuration. */
function isSettled(cluster: Cluster): boolean {
  const states = memberNodes(cluster).flatMap((node) => node.driver?.status() ?? [])
  const newest = Math.max(...states.map(({ term }) => term))
  const leader = states.find(({ role, term }) => role === 'leader' && term === newest)
  if (leader === undefined || !leader.serving) return false
  const { voters, learners } = cluster.judge.membership()
  return leader.voters.join() === voters.join() && leader.learners.join() === learners.join()
}

/** A change under way comes to its end; from here on the members stay the same. Nodes outside run on, and may disturb nobody. */
function settleMembers(cluster: Cluster, clients: Clients): void {
  const { dials, nodes, world } = cluster
  if (dials.outsiders === 0) return
  for (const node of nodes) if (node.driver === null) node.start()
  const deadline = world.now() + 15_000
  for (let sinceMs = world.now(); world.now() - sinceMs < settledMs; ) {
    if (!cluster.runEvent() || world.now() > deadline) throw new SimFailure('liveness: a membership change does not end within 15 s of virtual time')
    if (!isSettled(cluster)) sinceMs = world.now()
  }
  converge(cluster, clients, memberNodes(cluster), 'the members')
  if (memberNodes(cluster).length < nodes.length) world.mark('membership/outsiders-at-the-end')
}

/** Lost voters count: the others cannot know that they are. */
const quorumOf = ({ judge }: Cluster): number => majority(judge.membership().voters)

/** One node, best the leader, may never store state again: another one leads, and the others' writes are taken. */
function leadWithout(cluster: Cluster, clients: Clients): void {
  const { world } = cluster
  const nodes = memberNodes(cluster)
  // Without it there must be a quorum: of two voters, the full one may hold what the other lacks, and its vote is needed.
  if (voterNodes(cluster).length - 1 < quorumOf(cluster)) return
  const full = nodes.find((node) => node.driver?.status().role === 'leader') ?? world.dice.pick(nodes)
  full.stateFullUntil = Number.POSITIVE_INFINITY
  if (full.driver === null) full.start()
  const others = nodes.filter((node) => node !== full)
  converge(cluster, clients, others, `all but node ${full.id}, whose state store stays full,`)
  world.mark('liveness/led-without-a-full-store')
  full.stateFullUntil = 0
}

/** The others die and stay dead for the first part. */
function majorityOf(cluster: Cluster): SimNode[] {
  const { world } = cluster
  const nodes = voterNodes(cluster)
  for (const node of memberNodes(cluster)) if (!nodes.includes(node)) node.crash()
  const shuffled = nodes.map((node) => ({ node, order: world.dice.between(0, 1_000_000) })).toSorted((a, b) => a.order - b.order)
  const alive = shuffled.slice(0, quorumOf(cluster)).map(({ node }) => node)
  for (const { node } of shuffled.slice(quorumOf(cluster))) node.crash()
  return alive
}

/** Liveness 27-30: one leader, every living node's write is taken, all of them reach the same state, within bounds. */
function converge(cluster: Cluster, clients: Clients, alive: readonly SimNode[], who: string): void {
  const { world } = cluster
  for (const node of alive) if (node.driver === null) node.start()
  for (const node of alive) cluster.connect(node)
  const deadline = world.now() + 15_000
  const done = new Set<SimNode>()
  const tryWrite = (node: SimNode) => {
    if (done.has(node) || world.now() > deadline) return
    clients.write(node, (outcome) => {
      if (outcome === 'applied') done.add(node)
      else world.schedule({ label: 'write again', delayMs: 20, node: 0, run: 0, act: () => tryWrite(node) })
    })
  }
  for (const node of alive) tryWrite(node)
  const settled = () => {
    if (done.size < alive.length) return false
    const states = alive.map((node) => node.driver!.status())
    const first = states[0]!
    if (states.filter(({ role }) => role === 'leader').length !== 1) return false
    return states.every(
      (state) =>
        state.serving &&
        state.term === first.term &&
        state.leaderId === first.leaderId &&
        state.appliedIndex === first.lastIndex &&
        state.lastIndex === first.lastIndex,
    )
  }
  const budget = world.events() + 400_000
  while (!settled()) {
    if (world.now() > deadline || world.events() > budget || !cluster.runEvent()) {
      const states = alive.map((node) => JSON.stringify(node.driver?.status())).join('\n')
      throw new SimFailure(`liveness: ${who} did not settle within 15 s of virtual time; written: ${[...done].map(({ id }) => id)}\n${states}`)
    }
  }
}

/** Left in peace, leadership goes where it is asked to go. With an election timeout of three ticks an attempt may take longer than that, and is given up. */
function handOver(cluster: Cluster): void {
  const { world } = cluster
  const voters = voterNodes(cluster)
  const leads = ({ driver }: SimNode) => driver?.status().role === 'leader'
  const target = voters.find((node) => !leads(node))
  if (target === undefined) return
  let outcome = 'unasked'
  const ask = () => {
    outcome = 'open'
    target.driver?.transfer(target.id, (answer) => {
      outcome = answer.kind === 'done' ? 'done' : answer.code
    })
  }
  for (const deadline = world.now() + 10_000; outcome !== 'done'; cluster.runEvent()) {
    if (world.now() > deadline) throw new SimFailure(`3.10: in peace, leadership does not go to node ${target.id}: ${outcome}`)
    if (outcome !== 'open') cluster.guarded(target, ask)
  }
  world.mark('liveness/handed-over')
}

/** What was under way when leadership moved is applied everywhere, also where a restore met a full disk in between and waits to be tried again. */
function comeToRest(cluster: Cluster): void {
  const { world } = cluster
  const behind = () => membersBehind(cluster)
  for (const deadline = world.now() + 10_000; behind().length > 0; )
    if (world.now() > deadline || !cluster.runEvent())
      throw new SimFailure(`liveness: in peace, nodes ${behind().map(({ id }) => id)} do not apply what they have within 10 s of virtual time`)
}

function finalChecks(cluster: Cluster): void {
  const { judge } = cluster
  const nodes = memberNodes(cluster)
  for (const { id } of nodes) judge.onRest(id)
  const hashes = new Set(nodes.map((node) => node.machine()?.meta().stateHash))
  if (hashes.size !== 1) throw new SimFailure(`26: the nodes end with ${hashes.size} states`)
  if (new Set(nodes.map((node) => [...node.stateDisk.history.keys()].join())).size !== 1)
    throw new SimFailure('24: the nodes end with different histories')
  if (cluster.database !== null) checkDatabase(cluster, cluster.database)
  for (const record of judge.records()) {
    if (record.outcome === 'applied' && record.indexes.length === 0) throw new SimFailure(`22: acknowledged write ${record.id} is nowhere`)
  }
}

/** 28: it holds every commit once, and the rows as they are. */
function checkDatabase(cluster: Cluster, { history, rows }: FakeDatabase): void {
  const { world } = cluster
  const [node] = memberNodes(cluster)
  const disk = node!.stateDisk
  for (const deadline = world.now() + 5_000; history.size !== disk.history.size; )
    if (world.now() > deadline || !cluster.runEvent()) throw new SimFailure(`28: the database has ${history.size} of ${disk.history.size} commits`)
  for (const [nid, { md5 }] of disk.history) if (history.get(nid) !== md5) throw new SimFailure(`28: history ${nid} differs in the database`)
  const texts = (entries: Iterable<readonly [string, string]>) =>
    [...entries]
      .map((entry) => entry.join(' '))
      .toSorted()
      .join()
  if (texts(rows) !== texts([...disk.rows.values()].map(({ dataId, md5 }) => [dataId, md5] as const)))
    throw new SimFailure('28: the rows of the database are not those of the nodes')
  world.mark('database/whole')
}

/** Invariant 21, and what default reads promise. */
function hear(cluster: Cluster, witness: Witness): void {
  const { dials } = cluster
  for (const node of memberNodes(cluster))
    for (let key = 1; key <= dials.keys; key++) {
      const dataId = `key ${key}`
      witness.readAtLast({ node: node.id, run: node.run, dataId }, node.machine()?.find({ namespace: '', group: 'G', dataId }))
    }
  const problems = witness.problems()
  if (problems.length > 0) throw new SimFailure(`21: ${problems.join('\n')}`)
}
