/** What a script can demand. Unlike the expected trace, UPDATE_SCRIPTS rewrites none of it: this is what a script is for. */

import { pickOf } from './script-filter.ts'
import { entryLine } from './script-trace.ts'
import { appliedTexts, type ScriptNode, type ScriptWorld } from './script-world.ts'

type Demand = (world: ScriptWorld, words: readonly string[]) => void

const fail = (what: string): never => {
  throw new Error(what)
}
const equal = (what: string, is: unknown, wanted: unknown): void => {
  if (String(is) !== String(wanted)) fail(`${what} is ${is}, not ${wanted}`)
}
const alive = ({ nodes }: ScriptWorld): readonly ScriptNode[] => nodes.filter(({ core }) => core !== null)
const viewOf = (world: ScriptWorld, id: string) => world.node(Number(id)).core?.view ?? fail(`node ${id} is down`)
const membersOf = (world: ScriptWorld, id: string) => world.node(Number(id)).core?.membership() ?? fail(`node ${id} is down`)
const leaders = (world: ScriptWorld) => alive(world).filter(({ core }) => core?.view.role === 'leader')
const chosen = (world: ScriptWorld, ids: readonly string[]) => (ids.length === 0 ? alive(world) : ids.map((id) => world.node(Number(id))))

/** First word of the demand -> what it checks. */
const demands: Readonly<Record<string, Demand>> = {
  // leader 2: node 2 leads, and nobody else thinks it does
  leader: (world, [id]) =>
    equal(
      'who leads',
      leaders(world)
        .map((each) => each.id)
        .join(', '),
      id,
    ),
  // one-leader: exactly one, whoever it is
  'one-leader': (world) => equal('the number of leaders', leaders(world).length, 1),
  'no-leader': (world) => equal('the number of leaders', leaders(world).length, 0),
  'not-leading': (world, [id]) => equal(`whether node ${id} leads`, viewOf(world, id!).role === 'leader', false),
  role: (world, [id, role]) => equal(`the role of node ${id}`, viewOf(world, id!).role, role),
  // follows 2 1: node 2 takes node 1 for the leader; follows 2 - : it knows none
  follows: (world, [id, leader]) => equal(`the leader of node ${id}`, viewOf(world, id!).leaderId ?? '-', leader),
  term: (world, [id, wanted]) => equal(`the term of node ${id}`, viewOf(world, id!).term, wanted),
  commit: (world, [id, wanted]) => equal(`the commit index of node ${id}`, viewOf(world, id!).commit, wanted),
  match: (world, [id, peer, wanted]) => {
    const matches = world.node(Number(id)).core
    equal(`what node ${id} knows of node ${peer}`, matches?.matchIndex(world.node(Number(peer)).id), wanted)
  },
  // saved 1 term 5 vote 2: what is on the disk of node 1
  saved: (world, [id, , atTerm, , vote]) => {
    const { hardState } = world.node(Number(id)).disk
    equal(`on disk ${id}`, `term ${hardState.term} vote ${hardState.vote ?? '-'}`, `term ${atTerm} vote ${vote}`)
  },
  // log 1 1@1 2@2: the log on the disk of node 1, by positions
  log: (world, [id, ...positions]) =>
    equal(
      `the log of node ${id}`,
      world
        .node(Number(id))
        .disk.entries.map(({ index, term }) => `${index}@${term}`)
        .join(' '),
      positions.join(' '),
    ),
  'same-logs': (world, ids) => {
    const logs = chosen(world, ids).map(({ id, disk }) => ({ id, log: disk.entries.map(entryLine).join(', ') }))
    for (const { id, log } of logs) equal(`the log of node ${id}`, log, logs[0]!.log)
  },
  // applied a b: every node that runs has applied these commands, and no others, in this order
  applied: (world, texts) => {
    for (const node of alive(world)) equal(`what node ${node.id} applied`, appliedTexts(node).join(' '), texts.join(' '))
  },
  'applied-by': (world, [id, ...texts]) => equal(`what node ${id} applied`, appliedTexts(world.node(Number(id))).join(' '), texts.join(' ')),
  // reads 1 7@3: the questions of node 1 that were answered, with their index; reads 1: none
  reads: (world, [id, ...reads]) => equal(`the reads of node ${id}`, world.node(Number(id)).reads.join(' '), reads.join(' ')),
  // voters 1 2 3: those that the configuration in force at node 1 names, here 2 and 3
  voters: (world, [id, ...ids]) => equal(`the voters at node ${id}`, membersOf(world, id!).voters.join(' '), ids.join(' ')),
  learners: (world, [id, ...ids]) => equal(`the learners at node ${id}`, membersOf(world, id!).learners.join(' '), ids.join(' ')),
  // lagging 1 3: those that node 1 can help by a snapshot only
  lagging: (world, [id, ...ids]) => equal(`who lags behind node ${id}`, world.node(Number(id)).core?.lagging().join(' '), ids.join(' ')),
  // base 3 11@2: the log of node 3 begins after this place
  base: (world, [id, place]) => {
    const { base } = world.node(Number(id)).disk
    equal(`where the log of node ${id} begins`, `${base?.index ?? 0}@${base?.term ?? 0}`, place)
  },
  // ended 1 data-lost: node 1 ended itself, for this kind of reason
  ended: (world, [id, kind]) => {
    const node = world.node(Number(id))
    equal(`why node ${id} ended`, node.ended?.kind ?? 'not at all', kind)
    node.endIsWanted = true
  },
  // wire 2 1> append: so many messages wait on the wires
  wire: (world, [count, ...words]) => equal('the number of messages', world.wire.filter(pickOf(words)).length, count),
}

const expectKinds: readonly string[] = Object.keys(demands)

export function checkDemand(world: ScriptWorld, [kind = '', ...words]: readonly string[], deliveredBefore: number): void {
  if (kind === 'delivered') {
    const limit = Number(words[1])
    if (words[0] !== '<=' || !(deliveredBefore <= limit)) fail(`the last command delivered ${deliveredBefore} messages, not ${words.join(' ')}`)
    return
  }
  const demand = demands[kind] ?? fail(`there is nothing to expect called "${kind}"; there is ${expectKinds.join(', ')}`)
  demand(world, words)
}
