/** A move in its order, with scripted nodes: what forbids it, what ends it, and that every way out leads back. */

import { expect, it } from 'vitest'
import type { MysqlStart, RecordAreaLook, StoreLook } from '../../src-node/observe/channel.ts'
import type { MoveState } from '../contract/storage-move.ts'
import { createStorageMove, type MoveOrder, type StorageMoveParts, type StoreProgress } from './storage-move.ts'

const mysql: MysqlStart = { url: 'mysql://u@h/d', password: 'p', adopt: false }
const none = { configs: 0, bytes: 0, hash: '0' }
const noHistory = { ours: 0, theirs: 0, oursHash: '0', theirsHash: '0', alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, tooBig: 0 }
const noRecords = { ...noHistory, placeless: 0, left: 0, named: [], areas: [] }
const area = (name: RecordAreaLook['area'], over: Partial<RecordAreaLook> = {}): RecordAreaLook => ({
  ...{ area: name, alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, unfit: 0, ...over },
})
const recordsOf = (...areas: readonly RecordAreaLook[]): StoreLook['records'] => {
  const sum = (side: 'unlike' | 'oursAlone' | 'theirsAlone') => areas.reduce((all, each) => all + each[side], 0)
  const sides = { unlike: sum('unlike'), oursAlone: sum('oursAlone'), theirsAlone: sum('theirsAlone') }
  return { ...noRecords, ...sides, theirs: sides.unlike + sides.theirsAlone, areas }
}
const lookOf = (over: Partial<StoreLook> = {}): StoreLook => ({
  ...{
    address: 'h:3306',
    hasTables: true,
    owner: 'nobody',
    ownerId: '',
    storeIndex: null,
    appliedIndex: 9,
    ours: none,
    theirs: none,
    namespaces: [],
  },
  ...{ alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, newer: 0, differences: [], tooBig: 0, excesses: [], left: 0, leftRows: [] },
  ...{ history: noHistory, records: noRecords, ...over },
})
const filled: StoreProgress = { available: true, storedIndex: 9, appliedIndex: 9, trouble: null }
const toMysql: MoveOrder = { to: 'mysql', mysql }

interface Script {
  readonly first?: MysqlStart
  readonly leader?: number | null
  /** One for each look; the last one stays. */
  readonly looks?: readonly (StoreLook | string)[]
  readonly progress?: readonly (StoreProgress | null)[]
  readonly over?: Partial<StorageMoveParts>
}

const setUp = ({ first, leader = 1, looks = [lookOf()], progress = [filled], over = {} }: Script = {}) => {
  let current = first
  let nowMs = 0
  const steps: string[] = []
  const next = <T>(of: readonly T[], at: number): T => of[Math.min(at, of.length - 1)] as T
  let [looked, asked] = [0, 0]
  const move = createStorageMove({
    leader: () => leader,
    look: (_id, at) => {
      steps.push(at === null ? 'look at its own' : 'look')
      const found = next(looks, looked++)
      return Promise.resolve(
        typeof found === 'string'
          ? { ok: false, refusal: { code: 'wrong_state', nodeId: 1, httpStatus: null, detail: found } }
          : { ok: true, words: '', look: found },
      )
    },
    current: () => current,
    use: (wanted) => {
      current = wanted
      steps.push(wanted === undefined ? 'use sqlite' : 'use mysql')
      return Promise.resolve(true)
    },
    keep: ({ to }) => void steps.push(`keep ${to}`),
    progress: () => Promise.resolve(next(progress, asked++)),
    refusedBy: () => null,
    pause: (ms) => {
      nowMs += ms
      return Promise.resolve()
    },
    monoMs: () => nowMs,
    log: () => undefined,
    ...over,
  })
  return { move, steps, current: () => current }
}

it('a move looks, restarts, waits until all is there, compares, and is kept', async () => {
  const states: MoveState[] = []
  const { move, steps } = setUp({ looks: [lookOf({ oursAlone: 3 }), lookOf({ alike: 3 })], progress: [null, { ...filled, storedIndex: 4 }, filled] })
  const result = await move.run(toMysql, (state) => states.push(state))
  expect(result).toMatchObject({ ok: true, plan: { look: { alike: 3 } } })
  expect(steps).toEqual(['look', 'use mysql', 'look at its own', 'keep mysql'])
  expect(states.map((state) => (state.kind === 'running' ? `${state.phase} ${state.done}/${state.total}` : state.kind))).toEqual([
    ...['looking 0/0', 'restarting 0/0', 'filling 4/9', 'filling 9/9', 'comparing 0/0'],
  ])
  expect(move.state()).toEqual({ kind: 'idle' })
})

it('back again needs no filling, and compares with the database that was left', async () => {
  const { move, steps } = setUp({ first: mysql })
  expect((await move.run({ to: 'sqlite', leave: false }, () => undefined)).ok).toBe(true)
  expect(steps).toEqual(['look at its own', 'use sqlite', 'look', 'keep sqlite'])
})

it.each([
  ['foreign', lookOf({ owner: 'another-cluster' })],
  ['not-empty', lookOf({ theirs: { ...none, configs: 1 } })],
  ['not-empty', lookOf({ left: 1 })],
  ['not-empty', lookOf({ history: { ...noHistory, theirs: 1 } })],
  ['too-big', lookOf({ tooBig: 2 })],
] as const)('%s: nothing is done', async (code, look) => {
  const { move, steps } = setUp({ looks: [look] })
  expect(await move.run(toMysql, () => undefined)).toMatchObject({ ok: false, plan: { obstacles: [{ code }] } })
  expect(steps).toEqual(['look'])
})

const others = lookOf({ alike: 1, unlike: 2, oursAlone: 4, theirsAlone: 3, theirs: { ...none, configs: 6 } })
const withPolicy = (merge: MysqlStart['merge']): MoveOrder => ({ to: 'mysql', mysql: { ...mysql, merge } })

it.each([
  ['skip', { policy: 'skip', taken: 3, kept: 2, replaced: 0 }],
  ['overwrite', { policy: 'overwrite', taken: 3, kept: 0, replaced: 2 }],
] as const)('%s: rows of others are no obstacle, and what becomes of them is told before', async (policy, merge) => {
  const { move, steps, current } = setUp({ looks: [others, lookOf({ alike: 10 })] })
  expect(await move.plan(withPolicy(policy))).toMatchObject({ ok: true, plan: { obstacles: [], merge, isResumed: false } })
  expect((await move.run(withPolicy(policy), () => undefined)).ok).toBe(true)
  expect([steps.at(-1), current()?.merge]).toEqual(['keep mysql', policy])
})

it('abort: only rows under our names with other contents are in the way, also of a move that was cut off before anything was written', async () => {
  const { move } = setUp({
    looks: [others, lookOf({ theirsAlone: 3, theirs: { ...none, configs: 3 } }), lookOf({ ...others, owner: 'this-cluster', storeIndex: 0 })],
  })
  expect(await move.plan(withPolicy('abort'))).toMatchObject({ plan: { obstacles: [{ code: 'conflict', count: 2 }] } })
  expect(await move.plan(withPolicy('abort'))).toMatchObject({ plan: { obstacles: [], merge: { taken: 3 } } })
  expect(await move.plan(toMysql)).toMatchObject({ plan: { obstacles: [{ code: 'not-empty' }], merge: null } })
})

it('abort: namespaces and users of others under our names are in the way as well', async () => {
  const { move } = setUp({
    looks: [lookOf({ ...others, unlike: 0, records: recordsOf(area('namespaces', { unlike: 1 }), area('users', { unlike: 2 })) })],
  })
  expect(await move.plan(withPolicy('abort'))).toMatchObject({ plan: { obstacles: [{ code: 'conflict', count: 3 }] } })
})

it('a namespace of others under a name of ours wants a policy, a user that came with the schema does not', async () => {
  const { move } = setUp({
    looks: [
      lookOf({ records: recordsOf(area('users', { unlike: 1, theirsAlone: 1 })) }),
      lookOf({ records: recordsOf(area('namespaces', { unlike: 1 })) }),
    ],
  })
  const counts = [{ area: 'configs' }, { area: 'users', taken: 1, skipped: 0, overwritten: 1 }]
  expect(await move.plan(toMysql)).toMatchObject({ plan: { obstacles: [], merge: null, counts } })
  expect(await move.plan(toMysql)).toMatchObject({ plan: { obstacles: [{ code: 'not-empty', count: 1 }] } })
})

const mixed = lookOf({
  ...others,
  records: recordsOf(
    area('namespaces', { oursAlone: 3, unfit: 1, theirsAlone: 2, unlike: 1 }),
    area('users', { oursAlone: 1, theirsAlone: 1, unlike: 2 }),
    area('gray'),
  ),
})
it.each([
  ['skip', { skipped: 2, overwritten: 0 }, { skipped: 1, overwritten: 0 }],
  ['overwrite', { skipped: 0, overwritten: 2 }, { skipped: 0, overwritten: 1 }],
] as const)('%s: of each kind it is told what would become of it, and in the end what has', async (policy, configs, namespaces) => {
  const end = lookOf({
    alike: 10,
    records: recordsOf(area('namespaces', { alike: 5, oursAlone: 1, unfit: 1 }), area('users', { alike: 4 }), area('gray')),
  })
  const { move } = setUp({ looks: [mixed, mixed, { ...end, owner: 'this-cluster', records: { ...end.records, tooBig: 1 } }] })
  const counts = [
    { area: 'configs', moved: 4, taken: 3, ...configs },
    { area: 'namespaces', moved: 2, taken: 2, ...namespaces },
    // Accounts of ours give way to none.
    { area: 'users', moved: 1, taken: 1, skipped: 0, overwritten: 2 },
    { area: 'gray', moved: 0, taken: 0, skipped: 0, overwritten: 0 },
  ]
  expect(await move.plan(withPolicy(policy))).toMatchObject({ plan: { counts } })
  expect(await move.run(withPolicy(policy), () => undefined)).toMatchObject({ ok: true, counts })
})

it('gone on with, nothing of the database counts', async () => {
  const { move } = setUp({ looks: [{ ...mixed, owner: 'this-cluster', storeIndex: 5 }] })
  const counts = [
    { area: 'configs', moved: 4, taken: 0, skipped: 0, overwritten: 2 },
    { area: 'namespaces', moved: 2, taken: 0, skipped: 0, overwritten: 1 },
    { area: 'users', moved: 1, taken: 0, skipped: 0, overwritten: 2 },
  ]
  expect(await move.plan(toMysql)).toMatchObject({ plan: { counts: [...counts, { area: 'gray' }] } })
})

it('a policy changes nothing where nobody else has rows', async () => {
  const { move } = setUp()
  expect(await move.plan(withPolicy('overwrite'))).toMatchObject({ plan: { obstacles: [], merge: null } })
})

it('a database that this cluster began to fill is gone on with', async () => {
  const looks = [
    lookOf({
      owner: 'this-cluster',
      alike: 2,
      oursAlone: 1,
      theirs: { ...none, configs: 2 },
      history: { ...noHistory, ours: 5, theirs: 3, oursAlone: 2 },
    }),
    lookOf(),
  ]
  const { move } = setUp({ looks })
  expect(await move.plan(toMysql)).toMatchObject({ ok: true, plan: { isResumed: true, rows: 3, obstacles: [] } })
  expect((await move.run(toMysql, () => undefined)).ok).toBe(true)
})

it.each([
  ['a database that refuses the cluster', { over: { refusedBy: () => 'not yours' } }, 'not yours'],
  ['nothing more that comes in', { progress: [{ ...filled, available: false, storedIndex: 2, trouble: 'no-answer' }] }, 'no-answer'],
  ['sides that differ in the end', { looks: [lookOf(), lookOf({ unlike: 1 })] }, '1 configurations are not alike'],
  ['a user that is not there', { looks: [lookOf(), lookOf({ records: { ...noRecords, oursAlone: 3, tooBig: 1 } })] }, '2 namespaces, users'],
  ['history that is not there', { looks: [lookOf(), lookOf({ history: { ...noHistory, oursAlone: 3, tooBig: 1 } })] }, '2 rows of history'],
  ['sides that cannot be compared', { looks: [lookOf(), 'gone'] }, 'gone'],
  [
    'a choice that cannot be written',
    {
      over: {
        keep: () => {
          throw new Error('ENOSPC')
        },
      },
    },
    'ENOSPC',
  ],
] satisfies readonly (readonly [string, Script, string])[])('%s: it goes back', async (_what, script, words) => {
  const { move, steps, current } = setUp(script)
  const result = await move.run(toMysql, () => undefined)
  expect(result).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining(words) } })
  expect([steps.at(-1), current()]).toEqual(['use sqlite', undefined])
})

it('nodes that do not come back are started as they were', async () => {
  let calls = 0
  const { move } = setUp({ over: { use: () => Promise.resolve(++calls > 1) } })
  expect(await move.run(toMysql, () => undefined)).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('did not come back') } })
  expect(calls).toBe(2)
})

it('an abort while it fills goes back, and there is nothing to abort afterwards', async () => {
  const { move, steps } = setUp({ progress: [{ ...filled, available: false, storedIndex: 1 }] })
  const running = move.run(toMysql, (state) => {
    if (state.kind === 'running' && state.phase === 'filling') move.abort()
  })
  expect(await running).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('aborted') } })
  expect(steps.at(-1)).toBe('use sqlite')
  expect(move.abort()).toBe(false)
})

it('a database that differs, or cannot be seen, is left only when told to', async () => {
  const unlike = { first: mysql, looks: [lookOf({ theirsAlone: 1 })] }
  expect(await setUp(unlike).move.run({ to: 'sqlite', leave: false }, () => undefined)).toMatchObject({
    ok: false,
    plan: { obstacles: [{ code: 'unlike' }] },
  })
  expect((await setUp(unlike).move.run({ to: 'sqlite', leave: true }, () => undefined)).ok).toBe(true)
  const unseen = { first: mysql, looks: ['away'] }
  expect((await setUp(unseen).move.run({ to: 'sqlite', leave: false }, () => undefined)).ok).toBe(false)
  expect(await setUp(unseen).move.run({ to: 'sqlite', leave: true }, () => undefined)).toEqual({ ok: true, plan: null, counts: [] })
})

it('refuses the way that it came, a second move, and one without a leader', async () => {
  expect(await setUp({ first: mysql }).move.run(toMysql, () => undefined)).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
  expect(await setUp().move.plan({ to: 'sqlite', leave: false })).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
  const { move } = setUp()
  const first = move.run(toMysql, () => undefined)
  expect(await move.run(toMysql, () => undefined)).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('under way') } })
  expect((await first).ok).toBe(true)
  expect(await setUp({ leader: null }).move.run(toMysql, () => undefined)).toMatchObject({ ok: false, refusal: { code: 'no_quorum' } })
})
