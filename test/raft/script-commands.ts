/** Every command of the scripts, as a table: its words and what it does to the world. README.md of the scripts tells the same to people. */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { nodeId, term } from '../../src-node/raft/types.ts'
import { type CoreDisk, diskOf } from './core-net.ts'
import { messageOf, pickOf } from './script-filter.ts'
import { entriesLine, messageLine } from './script-trace.ts'
import { createScriptWorld, type ScriptNode, type ScriptWorld } from './script-world.ts'

type Command = (world: ScriptWorld, words: readonly string[]) => readonly string[] | undefined

const everything = () => true
const fail = (what: string): never => {
  throw new Error(what)
}
const whole = (word: string | undefined): number => {
  const value = Number(word)
  return Number.isInteger(value) ? value : fail(`"${word}" is no whole number`)
}
const keysAndValues = (words: readonly string[]) => words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string])
const switchOf = (word: string | undefined): boolean => (word === 'on' ? true : word === 'off' ? false : fail('say on or off'))

/** `nodes 5 voters=3 electionTicksMin=10`: a new world; nodes 4 and 5 belong to nothing yet. Any number of the core's tuning may be set. */
export function worldOf(words: readonly string[]): ScriptWorld {
  const settings = keysAndValues(words)
  const voters = settings.find(([key]) => key === 'voters')?.[1] ?? words[0]
  const tuning = settings.filter(([key]) => key !== 'voters')
  const overrides = tuning.map(([key, value]) => {
    if (!Object.hasOwn(raftDefaults, key)) fail(`the core has no setting "${key}"`)
    return [key, whole(value)] as const
  })
  return createScriptWorld(whole(words[0]), whole(voters), Object.fromEntries(overrides))
}

/** `disk 2 1 1 3 term=4 vote=1`: a log by the terms of its entries, and a hard state. */
const givenDisk = (words: readonly string[]): CoreDisk => {
  const disk = diskOf(words.filter((word) => !word.includes('=')).map(whole))
  const hardState = { ...disk.hardState }
  for (const [key, value] of keysAndValues(words)) {
    if (key === 'term') hardState.term = term(whole(value))
    else if (key === 'vote') hardState.vote = nodeId(whole(value))
    else fail(`a disk has no "${key}"`)
  }
  disk.hardState = hardState
  return disk
}

const tick = (world: ScriptWorld, id: number) => world.input(id, (core) => core.tick())

/** Ticks a node until it asks for pre-votes, once more if it has asked already; alone, until it leads. */
const campaign = (world: ScriptWorld, id: number) => {
  const of = world.node(id)
  if (of.core?.view.role === 'leader') fail(`node ${id} leads already`)
  const sentBefore = of.sent
  for (let ticks = 0; ticks <= world.tuning.electionTicksMax; ticks++) {
    tick(world, id)
    if (of.sent > sentBefore || of.core?.view.role === 'leader') return
  }
  fail(`node ${id} does not campaign`)
}

const quietly = (world: ScriptWorld, what: () => void) => {
  world.detail = 'changes'
  try {
    what()
  } finally {
    world.detail = 'all'
  }
}

const stateLine = ({ id, core, disk, pending }: ScriptNode): string => {
  if (core === null)
    return `${id} down, disk has term ${disk.hardState.term} vote ${disk.hardState.vote ?? '-'} last ${(disk.base?.index ?? 0) + disk.entries.length}`
  const { role, term: inTerm, vote, leaderId, commit } = core.view
  const known = `term ${inTerm} vote ${vote ?? '-'} leader ${leaderId ?? '-'} commit ${commit} last ${core.lastIndex()}`
  return `${id} ${role} ${known}${pending === null ? '' : ', waits for its disk'}`
}

const chosen = (world: ScriptWorld, words: readonly string[]) => (words.length === 0 ? world.nodes : words.map((word) => world.node(whole(word))))

/** Links that the words name: `1>2` one way, `1-2` both, `1` all of a node's. */
const linksOf = (world: ScriptWorld, words: readonly string[]): readonly (readonly [number, number])[] =>
  words.flatMap((word) => {
    const both = (a: number, b: number) => [[a, b] as const, [b, a] as const]
    if (word.includes('>')) return [word.split('>').map(whole) as [number, number]]
    if (word.includes('-')) return both(...(word.split('-').map(whole) as [number, number]))
    return world.nodes.filter(({ id }) => id !== whole(word)).flatMap(({ id }) => both(whole(word), id))
  })

const clockCommands: Readonly<Record<string, Command>> = {
  // tick 1 30: thirty ticks of node 1
  tick(world, [id, times = '1']) {
    for (let i = 0; i < whole(times); i++) tick(world, whole(id))
    return undefined
  },
  // campaign 1: ticks until node 1 asks for pre-votes
  campaign(world, [id]) {
    campaign(world, whole(id))
    return undefined
  },
  // elect 1: campaigns, and everything is delivered
  elect(world, [id]) {
    quietly(world, () => {
      campaign(world, whole(id))
      world.deliver(everything)
    })
    return undefined
  },
  // run 100: a hundred ticks of every node, everything delivered after each; cut links stay cut
  run(world, [times]) {
    quietly(world, () => {
      for (let i = 0; i < whole(times); i++) {
        for (const { id, core, pending } of world.nodes) if (core !== null && pending === null) tick(world, id)
        world.deliver(everything)
      }
    })
    return undefined
  },
}

const wireCommands: Readonly<Record<string, Command>> = {
  // deliver, deliver 1>2 append, deliver once 3>: what is picked, and what that causes as far as it is picked
  deliver(world, words) {
    const once = words.includes('once')
    world.deliver(pickOf(words.filter((word) => word !== 'once')), once ? 'once' : undefined)
    return undefined
  },
  // settle: delivers everything, tells only changes
  settle(world, words) {
    quietly(world, () => world.deliver(pickOf(words)))
    return undefined
  },
  // lose 1>2: messages on the wires now
  lose(world, words) {
    world.lose(pickOf(words))
    return undefined
  },
  // cut 1>2, cut 1-2, cut 3: from now on messages are lost; heal alike
  cut(world, words) {
    for (const [from, to] of linksOf(world, words)) world.cut(from, to, true)
    return undefined
  },
  heal(world, words) {
    const all = world.nodes.map(({ id }) => `${id}`)
    for (const [from, to] of linksOf(world, words.length === 0 ? all : words)) world.cut(from, to, false)
    return undefined
  },
  // keep old 1>2 append: remembers a copy of the first such message; say old: it arrives again
  keep(world, [name, ...words]) {
    const message = world.wire.find(pickOf(words)) ?? fail('no such message is on the wires')
    world.kept.set(name!, message)
    return [`kept: ${messageLine(message)}`]
  },
  say(world, [name]) {
    world.wire.push(world.kept.get(name!) ?? fail(`no message is kept as "${name}"`))
    return undefined
  },
  // send 2>1 vote term=5 last=3@2: a message that nobody said
  send(world, words) {
    world.wire.push(messageOf(words))
    return undefined
  },
  wire: (world) => world.wire.map(messageLine),
}

const nodeCommands: Readonly<Record<string, Command>> = {
  propose(world, [id, ...texts]) {
    world.input(whole(id), (core) => core.propose(texts.map((text) => new TextEncoder().encode(text))))
    return undefined
  },
  // read 2 7: node 2 asks where a read is linearizable; 7 is its number
  read(world, [id, context]) {
    world.read(whole(id), whole(context))
    return undefined
  },
  // transfer 1 2: node 1 hands leadership to node 2
  transfer(world, [id, target]) {
    let begun = false
    world.input(whole(id), (core) => {
      begun = core.transferTo(nodeId(whole(target)))
    })
    return begun ? undefined : ['refused']
  },
  // change 1 add-learner 4, change 1 promote 4, change 1 remove 4
  change(world, [id, kind, target]) {
    if (kind !== 'add-learner' && kind !== 'promote' && kind !== 'remove') throw new Error(`there is no change "${kind}"`)
    let outcome: number | string = ''
    world.input(whole(id), (core) => {
      outcome = core.changeMembership({ kind, id: nodeId(whole(target)) })
    })
    return typeof outcome === 'number' ? undefined : [`refused: ${outcome}`]
  },
  // disk 2 1 1 3 term=4 vote=1: node 2 starts from this disk
  disk(world, [id, ...words]) {
    world.boot(whole(id), givenDisk(words))
    return undefined
  },
  // hold 2: the disk of node 2 takes its time; persist 2: what waits is saved; fast 2: no more waiting
  hold(world, [id]) {
    world.node(whole(id)).slowDisk = true
    return undefined
  },
  persist(world, [id]) {
    world.persist(whole(id))
    return undefined
  },
  fast(world, [id]) {
    world.node(whole(id)).slowDisk = false
    return undefined
  },
  // crash 2: what is not saved is gone; restart 2, restart 2 applied=3: from its disk
  crash(world, words) {
    for (const word of words) world.crash(whole(word))
    return undefined
  },
  restart(world, [id, ...words]) {
    const applied = keysAndValues(words).find(([key]) => key === 'applied')?.[1]
    world.boot(whole(id), world.node(whole(id)).disk, applied === undefined ? undefined : whole(applied))
    return undefined
  },
  // gone 2 1: node 2 sees the socket of node 1 close; up 2 1: and open again
  gone(world, [id, peer]) {
    world.input(whole(id), (core) => core.peerGone(nodeId(whole(peer))))
    return undefined
  },
  up(world, [id, peer]) {
    world.input(whole(id), (core) => core.peerUp(nodeId(whole(peer))))
    return undefined
  },
  congested(world, [id, peer, on]) {
    world.input(whole(id), (core) => core.congested(nodeId(whole(peer)), switchOf(on)))
    return undefined
  },
  resign(world, [id]) {
    world.input(whole(id), (core) => core.resign('asked to'))
    return undefined
  },
  'may-lead'(world, [id, on]) {
    world.input(whole(id), (core) => core.mayLead(switchOf(on), 'asked to'))
    return undefined
  },
  state: (world, words) => chosen(world, words).map(stateLine),
  log: (world, words) =>
    chosen(world, words).map(({ id, disk }) => {
      const before = disk.base === undefined ? '' : `after ${disk.base.index}@${disk.base.term} `
      return `${id} ${before}${entriesLine(disk.entries)}`
    }),
}

const snapshotCommands: Readonly<Record<string, Command>> = {
  // snapshot s 1: of what node 1 has applied; compact 1 8: node 1 forgets its log up to entry 8
  snapshot(world, [name, id]) {
    const snapshot = world.takeSnapshot(whole(id))
    world.snapshots.set(name!, snapshot)
    return [`${name} stands for ${snapshot.place.index}@${snapshot.place.term}`]
  },
  compact(world, [id, index]) {
    world.compact(whole(id), whole(index))
    return undefined
  },
  // install s 3: the snapshot has come to node 3 as a whole
  install(world, [name, id]) {
    const verdict = world.receive(whole(id), world.snapshots.get(name!) ?? fail(`there is no snapshot "${name}"`))
    return verdict === '' ? undefined : [verdict]
  },
  // sent 1 3 11: node 1 is told that its transfer to node 3 ended, and that it stood for entry 11, 0 for none
  sent(world, [id, to, index]) {
    world.input(whole(id), (core) => core.snapshotSent(nodeId(whole(to)), whole(index)))
    return undefined
  },
}

export const commands: Readonly<Record<string, Command>> = { ...clockCommands, ...wireCommands, ...nodeCommands, ...snapshotCommands }
