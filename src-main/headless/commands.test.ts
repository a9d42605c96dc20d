import { expect, it } from 'vitest'
import type { ActionResult, Cluster } from '../cluster/types.ts'
import { createNodeFaults } from '../faults/node-faults.ts'
import { runCommand } from './commands.ts'

/** Writes down what it is told to do; node 9 does not exist. */
const setUp = () => {
  const did: string[] = []
  const act =
    (what: string) =>
    (...values: number[]): ActionResult => {
      if (values[0] === 9) return { ok: false, refusal: { code: 'not_found', nodeId: null, httpStatus: null, detail: 'there is no node 9' } }
      did.push([what, ...values].join(' '))
      return { ok: true }
    }
  const cluster = {
    places: [1, 2, 3].map((id) => ({ id })),
    ...{ startNode: act('start'), stopNode: act('stop'), restartNode: act('restart') },
    transferTo: async (id: number) => act('transfer')(id),
    auth: { switchTo: async (on: boolean) => act(`auth ${on}`)() },
    ...{ killNode: act('kill'), pauseNode: act('pause'), resumeNode: act('resume'), blockNode: act('block') },
    faults: createNodeFaults({ ids: () => [1, 2, 3], send: () => true, log: (_level, text) => did.push(text.replace('Fault by the user: ', '')) }),
  } as unknown as Cluster
  return { run: (line: string) => runCommand(line, cluster), did: () => did.splice(0), cluster }
}

it.each([
  ['kill 2', ['kill 2']],
  ['kill all', ['kill 1', 'kill 2', 'kill 3']],
  ['pause 1 2000', ['pause 1 2000']],
  ['resume 1', ['resume 1']],
  ['block 3 40', ['block 3 40']],
  ['restart 2', ['restart 2']],
  ['transfer 3', ['transfer 3']],
  ['auth on', ['auth true']],
  ['auth off', ['auth false']],
  ['  fault   cut 1 2 ', ['frames from node 1 to node 2 are dropped', 'frames from node 2 to node 1 are dropped']],
  ['fault cut-from 1 2', ['frames from node 1 to node 2 are dropped']],
  ['fault clock 2 -3600000', ['the wall clock of node 2 is -3600000 ms off']],
  ['fault disk-slow 3 log 20.5', ['the disk of node 3 for its Raft log: 20.5 ms slow']],
  ['fault disk-full 3 state on', ['the disk of node 3 for its state store: 0 ms slow, full']],
])('%s', async (line, expected) => {
  const { run, did } = setUp()
  expect(await run(line)).toEqual({ ok: true })
  expect(did()).toEqual(expected)
})

it('cuts a node off from all others, both ways, and heals', async () => {
  const { run, cluster } = setUp()
  expect(await run('fault isolate 2')).toEqual({ ok: true })
  const cut = (id: number) =>
    cluster.faults
      .of(id)
      .links.map(({ peer, direction }) => `${direction} ${peer}`)
      .toSorted()
  expect([cut(1), cut(2), cut(3)]).toEqual([
    ['in 2', 'out 2'],
    ['in 1', 'in 3', 'out 1', 'out 3'],
    ['in 2', 'out 2'],
  ])
  await run('fault heal')
  expect([cut(1), cut(2), cut(3)]).toEqual([[], [], []])
})

it('keeps the loss of a line when its delay is set, and lists both', async () => {
  const { run } = setUp()
  await run('fault loss 1 3 12.5')
  await run('fault delay 1 3 40 10')
  const line = { peer: 3, direction: 'out', cut: false, delayMs: 40, jitterMs: 10, loss: 0.125 }
  expect(await run('fault list')).toMatchObject({ ok: true, facts: { faults: [{ id: 1, links: [line] }, { id: 2, links: [] }, { id: 3 }] } })
})

it.each([
  ['', 'help names them'],
  ['constructor', 'help names them'],
  ['fault', 'help names them'],
  ['kill', 'ID is missing; usage: kill ID'],
  ['kill all now', '"now" is too much; usage: kill all'],
  ['kill 2 3 4', '"3 4" is too much; usage: kill ID'],
  ['fault heal 2', '"2" is too much'],
  ['fault delay 1 2 5 5 5', '"5" is too much'],
  ['fault delay 1 2', 'MS is missing'],
  ['fault disk-full 1 log', 'on|off is missing'],
  ['fault clock 1 0.5', 'whole'],
  ['console', 'there is no console'],
  ['kill two', '"two" is no number; usage: kill ID'],
  ['pause 1 1e9', '"1e9" is no number'],
  ['kill 9', 'there is no node 9'],
  ['transfer 9', 'there is no node 9'],
  ['fault cut 1 1', 'two different ends'],
  ['fault cut 1 4', 'there is no node 4'],
  ['fault delay 1 2 9000', '0 to 5000 ms'],
  ['fault loss 1 2 101', 'PERCENT is 0 to 100'],
  ['fault disk-full 1 both on', '"both" is none of log, state'],
])('refuses "%s" in words', async (line, words) => {
  const { run, did } = setUp()
  expect(await run(line)).toMatchObject({ ok: false, detail: expect.stringContaining(words) })
  expect(did()).toEqual([])
})

it('names every command', async () => {
  const { run } = setUp()
  const help = await run('help')
  expect(help).toMatchObject({ ok: true, facts: { commands: expect.arrayContaining(['kill ID', 'fault heal', 'console']) } })
})

it.each([
  ['export', 'FILE is missing; usage: export FILE [NAMESPACE]'],
  ['import a.zip REPLACE', '"REPLACE" is none of ABORT, SKIP, OVERWRITE; usage: import FILE [POLICY] [NAMESPACE]'],
  ['compare 1', 'ID is missing; usage: compare ID ID'],
])('%s is refused with its usage', async (line, detail) => {
  expect(await setUp().run(line)).toEqual({ ok: false, code: 'invalid', detail })
})

it('compares no node with itself, and none that is not there', async () => {
  const { run } = setUp()
  expect(await run('compare 2 2')).toMatchObject({ ok: false, code: 'invalid' })
  expect(await run('compare 1 9')).toMatchObject({ ok: false, code: 'not_found', detail: 'there is no node 9' })
})

it('says of a number that was rebuilt which node has come in its place', async () => {
  const { cluster, did } = setUp()
  const rebuilt = { ...cluster, places: [{ id: 1 }, { id: 3 }, { id: 5, inPlaceOf: 2 }] } as unknown as Cluster
  expect(await runCommand('kill 2', rebuilt)).toEqual({
    ...{ ok: false, code: 'not_found', detail: 'there is no node 2 any more: node 5 has come in its place' },
  })
  expect(await runCommand('fault cut 1 2', rebuilt)).toMatchObject({ code: 'not_found' })
  expect(did()).toEqual([])
  expect(await runCommand('kill 5', rebuilt)).toEqual({ ok: true })
})
