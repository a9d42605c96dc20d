/**
 * The world of a script: real cores, wires that move nothing by themselves, disks that may be slow, links that may be cut, crashes. It
 * carries out each Ready in the order that its contract demands and tells the trace what happened. It knows no command by name.
 */

import { type RaftTuning, raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft, type Raft } from '../../src-node/raft/raft.ts'
import { type Entry, logIndex, type Message, type NodeId, nodeId, type Ready, type SnapshotPlace } from '../../src-node/raft/types.ts'
import { type CoreDisk, compact, diskOf, stableLog } from './core-net.ts'
import { createJudge } from './script-judge.ts'
import { entryLine, entryText, eventLine, messageLine, saveLine } from './script-trace.ts'

/** As src-node/raft/invariant.ts throws it. */
interface BrokenRule extends Error {
  readonly kind: 'broken' | 'data-lost'
}

export interface ScriptNode {
  readonly id: NodeId
  /** Null while it is down. */
  core: Raft | null
  disk: CoreDisk
  /** What its core wants saved stays pending until `persist`. */
  slowDisk: boolean
  pending: Ready | null
  /** A snapshot that came in, until it is installed. */
  incoming: Snapshot | null
  applied: Entry[]
  /** Answers to its questions for a read index, as context@index. */
  readonly reads: string[]
  /** Messages that left it, lost ones too. */
  sent: number
  /** The rule it found broken, which ended it. */
  ended: BrokenRule | null
  /** The script demanded that end. */
  endIsWanted: boolean
}

/** A node's state, and the place in the log that it stands for. */
export interface Snapshot {
  readonly place: SnapshotPlace
  readonly applied: readonly Entry[]
}

/** `changes`: roles, applied entries, deaths. `all`: also messages, votes and saves. */
type Detail = 'changes' | 'all'
export type Pick = (message: Message) => boolean

export interface ScriptWorld {
  readonly nodes: readonly ScriptNode[]
  readonly wire: Message[]
  /** Stored copies of messages, by name, to be said again later. */
  readonly kept: Map<string, Message>
  readonly snapshots: Map<string, Snapshot>
  readonly tuning: RaftTuning
  /** Messages that arrived since the command began. */
  readonly delivered: () => number
  detail: Detail
  node(id: number): ScriptNode
  /** Replaces the disk of a node and starts it from there. */
  boot(id: number, disk: CoreDisk, appliedUpTo?: number): void
  /** Asks a node where a read is linearizable. */
  read(id: number, context: number): void
  /** Gives one node one input and carries out what follows from it. */
  input(id: number, give: (core: Raft) => void): void
  /** Delivers what is picked, and what that causes, until nothing more is picked; `once`: only one message. */
  deliver(pick: Pick, limit?: 'once'): void
  lose(pick: Pick): void
  cut(from: number, to: number, on: boolean): void
  persist(id: number): void
  /** Of what a node has applied. */
  takeSnapshot(id: number): Snapshot
  /** It arrived as a whole. @returns what the core makes of it */
  receive(id: number, snapshot: Snapshot): string
  compact(id: number, index: number): void
  crash(id: number): void
  /** The lines since the last call. */
  takeTrace(): readonly string[]
}

/** A script that says more than this in one command has found a storm (reliability 3.30). */
const messagesMax = 10_000

const isBrokenRule = (error: unknown): error is BrokenRule => error instanceof Error && error.name === 'InvariantError'

/** `count` nodes, the first `voterCount` of which found the cluster; the others are there and belong to nothing. */
export function createScriptWorld(count: number, voterCount: number, overrides: Partial<RaftTuning> = {}): ScriptWorld {
  const tuning: RaftTuning = { ...raftDefaults, ...overrides }
  const ids = Array.from({ length: count }, (_, at) => nodeId(at + 1))
  const voters = ids.slice(0, voterCount)
  const wire: Message[] = []
  const cuts = new Set<string>()
  const judge = createJudge()
  let trace: string[] = []
  let deliveredCount = 0

  const say = (detail: Detail, line: string) => {
    if (detail === 'changes' || world.detail === 'all') trace.push(line)
  }
  const start = (id: NodeId, disk: CoreDisk, appliedUpTo: number) =>
    createRaft({
      options: { ...tuning, id, voters, seed: id * 7 },
      log: stableLog(disk),
      hardState: disk.hardState,
      applied: logIndex(appliedUpTo),
    })
  const nodes: ScriptNode[] = ids.map((id) => {
    const disk = diskOf([])
    return {
      id,
      disk,
      core: start(id, disk, 0),
      slowDisk: false,
      pending: null,
      incoming: null,
      applied: [],
      reads: [],
      sent: 0,
      ended: null,
      endIsWanted: false,
    }
  })
  const judged = (of: ScriptNode) => ({ id: of.id, view: of.core?.view ?? null, disk: of.disk })

  const send = (of: ScriptNode, messages: readonly Message[]) => {
    for (const message of messages) {
      judge.leaves(message, judged(of))
      of.sent++
      if (cuts.has(`${message.from}>${message.to}`)) say('all', `lost on a cut link: ${messageLine(message)}`)
      else wire.push(message)
    }
  }
  const install = (of: ScriptNode, { index, term, membership }: SnapshotPlace) => {
    const { applied } = of.incoming ?? fail(`node ${of.id} installs a snapshot that never came`)
    judge.installs(of.id, applied)
    of.incoming = null
    of.applied = [...applied]
    of.disk.base = { index, term }
    of.disk.membership = membership
    of.disk.entries.length = 0
  }
  const save = (of: ScriptNode, core: Raft, ready: Ready) => {
    of.pending = null
    if (ready.snapshot !== null) install(of, ready.snapshot)
    if (ready.hardState !== null) of.disk.hardState = ready.hardState
    const first = ready.entries[0]?.index
    if (first !== undefined) of.disk.entries.splice(first - 1 - (of.disk.base?.index ?? 0), Number.POSITIVE_INFINITY, ...ready.entries)
    say('all', saveLine(of.id, ready))
    core.persisted()
    send(of, ready.afterPersist)
  }
  const apply = (of: ScriptNode, core: Raft) => {
    const from = core.applied() + 1
    const to = core.appliableIndex()
    for (let at = from; at <= to; at++) {
      const [entry] = core.entries(logIndex(at), logIndex(at), { count: 1, bytes: 1 })
      of.applied.push(entry!)
      judge.applies(of.id, entry!)
      say('changes', `${of.id} applies ${entryLine(entry!)}`)
    }
    if (to >= from) core.appliedTo(to)
  }
  const drain = (of: ScriptNode) => {
    const { core } = of
    while (core !== null && of.pending === null) {
      const ready = core.ready()
      if (ready === null) break
      for (const event of ready.events) say(event.type === 'vote' ? 'all' : 'changes', eventLine(of.id, event))
      for (const read of ready.reads) {
        judge.safeRead(of.id, read)
        of.reads.push(`${read.context}@${read.index}`)
        say('changes', `${of.id} may answer read ${read.context} once it has applied ${read.index}`)
      }
      send(of, ready.messages)
      if (ready.snapshot === null && ready.hardState === null && ready.entries.length === 0) send(of, ready.afterPersist)
      else if (of.slowDisk) of.pending = ready
      else save(of, core, ready)
    }
    if (core !== null) apply(of, core)
  }
  /** A broken rule ends the node, as it ends the process; anything else is the script's own failure. */
  const guarded = (of: ScriptNode, step: (core: Raft) => void) => {
    if (of.core === null) return
    try {
      step(of.core)
      drain(of)
    } catch (error) {
      if (!isBrokenRule(error)) throw error
      of.core = null
      of.pending = null
      of.ended = error
      say('changes', `${of.id} ends itself (${error.kind}): ${error.message}`)
    }
    judge.step(nodes.map(judged))
  }
  const receive = (message: Message) => {
    const of = world.node(message.to)
    deliveredCount++
    if (deliveredCount > messagesMax) throw new Error('the wires never fall silent')
    say('all', `${messageLine(message)}${of.core === null ? ' (nobody is there)' : ''}`)
    guarded(of, (core) => core.step(message))
  }

  const world: ScriptWorld = {
    nodes,
    wire,
    kept: new Map(),
    snapshots: new Map(),
    tuning,
    delivered: () => deliveredCount,
    detail: 'all',
    node: (id) => nodes[id - 1] ?? fail(`there is no node ${id}`),
    boot(id, disk, appliedUpTo = disk.base?.index ?? 0) {
      const of = world.node(id)
      judge.restarted(id)
      of.disk = disk
      of.pending = null
      forbidUnwantedEnd(of)
      of.ended = null
      of.endIsWanted = false
      of.applied = (disk.base === undefined ? disk.entries : of.applied).filter(({ index }) => index <= appliedUpTo)
      try {
        of.core = start(of.id, disk, appliedUpTo)
      } catch (error) {
        if (!isBrokenRule(error)) throw error
        of.core = null
        of.ended = error
        say('changes', `${id} does not start (${error.kind}): ${error.message}`)
      }
    },
    input(id, give) {
      const of = world.node(id)
      if (of.core === null) fail(`node ${id} is down`)
      if (of.pending !== null) fail(`node ${id} waits for its disk`)
      guarded(of, give)
    },
    read(id, context) {
      judge.asks(id, context, nodes.map(judged))
      world.input(id, (core) => core.readIndex(context))
    },
    deliver(pick, limit) {
      for (;;) {
        const at = wire.findIndex((message) => world.node(message.to).pending === null && pick(message))
        if (at < 0) return
        receive(wire.splice(at, 1)[0]!)
        if (limit === 'once') return
      }
    },
    lose(pick) {
      for (const message of wire.filter(pick)) {
        wire.splice(wire.indexOf(message), 1)
        say('all', `lost: ${messageLine(message)}`)
      }
    },
    cut(from, to, on) {
      const link = `${from}>${to}`
      if (on) cuts.add(link)
      else cuts.delete(link)
    },
    persist(id) {
      const of = world.node(id)
      const { core, pending } = of
      if (core === null || pending === null) throw new Error(`node ${id} has nothing to persist`)
      guarded(of, () => save(of, core, pending))
    },
    takeSnapshot(id) {
      const { applied, disk } = world.node(id)
      const last = applied.at(-1) ?? fail(`node ${id} has applied nothing`)
      const membership =
        stableLog(disk)
          .memberships()
          .findLast(({ index }) => index <= last.index) ?? null
      return { place: { index: last.index, term: last.term, membership }, applied: [...applied] }
    },
    receive(id, snapshot) {
      const of = world.node(id)
      let verdict = ''
      of.incoming = snapshot
      world.input(id, (core) => {
        verdict = core.snapshotReceived(snapshot.place)
        if (verdict !== 'install') of.incoming = null
      })
      return verdict
    },
    compact(id, index) {
      const { applied, disk } = world.node(id)
      if ((applied.at(-1)?.index ?? 0) < index) fail(`node ${id} has not applied ${index}: its log may not be cut there`)
      compact(disk, index)
    },
    crash(id) {
      const of = world.node(id)
      of.incoming = null
      of.core = null
      of.pending = null
    },
    takeTrace() {
      const lines = trace
      trace = []
      deliveredCount = 0
      return lines
    },
  }
  return world
}

/** Commands that a node applied, by their texts. */
export const appliedTexts = ({ applied }: ScriptNode): readonly string[] => applied.filter(({ kind }) => kind === 'command').map(entryText)

/** A node that broke a rule has failed the script, unless the script says that it had to. */
export const forbidUnwantedEnd = ({ id, ended, endIsWanted }: ScriptNode): void => {
  if (ended !== null && !endIsWanted) fail(`node ${id} ended itself, and nothing expects it: ${ended.message}`)
}

const fail = (what: string): never => {
  throw new Error(what)
}
