/** Named snapshots: what a restore gives is what was taken, in whatever steps it is done and whatever happened since. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeAttach } from './attach-codec.ts'
import { configChangesOf } from './effect-kinds.ts'
import { encodePrune } from './prune-codec.ts'
import { createBench, key, publish, remove, whole } from './snapshot-bench.testing.ts'
import { encodeSnapshotCommand } from './snapshot-codec.ts'
import { createStateMachine } from './state-machine.ts'
import type { Command, StateMachine } from './types.ts'

describe('a restore', () => {
  it('replaces, brings back and removes, tells listeners of each, and says how many', () => {
    const { run, take, restore, contents, hash, machine } = createBench()
    for (const id of ['a', 'b', 'c']) run(publish(id, `${id}1`))
    const taken = take('s')
    run(publish('a', 'a2'))
    run(remove('b'))
    run(publish('d', 'd1'))
    const { reply, told } = restore(taken)
    expect(contents()).toEqual({ a: 'a1', b: 'b1', c: 'c1' })
    expect(reply).toEqual({ kind: 'snapshot-restored', index: 8, updated: 1, created: 1, removed: 1, besides: { brought: 0, removed: 0, left: 0 } })
    expect(configChangesOf(told).map(({ dataId, md5, index }) => [dataId, md5, index])).toEqual([
      ['a', 'md5-a1', 8],
      ['b', 'md5-b1', 8],
      ['d', '', 8],
    ])
    expect(machine.meta().stateHash).toBe(hash())
  })

  it('makes indexes grow, keeps ids of what is there, and gives new ones to what comes back', () => {
    const { run, take, restore, machine } = createBench()
    run(publish('a', 'a1'))
    run(publish('b', 'b1'))
    const taken = take('s')
    run(publish('a', 'a2'))
    run(remove('b'))
    restore(taken)
    expect(machine.find(key('a'))).toMatchObject({ id: 1, index: 6, createdMs: 1000, modifiedMs: 6000 })
    expect(machine.find(key('b'))).toMatchObject({ id: 3, index: 6, createdMs: 6000 })
    expect(machine.meta()).toMatchObject({ nextConfigId: 4, nextHistoryId: 7 })
  })

  it('leaves rows of history as any write does', () => {
    const { run, take, restore, history } = createBench()
    run(publish('a', 'a1'))
    run(publish('b', 'b1'))
    const taken = take('s')
    run(publish('a', 'a2'))
    run(remove('b'))
    run(publish('c', 'c1'))
    restore(taken)
    expect([6, 7, 8].map((nid) => [history.get(nid)?.operation, history.get(nid)?.text])).toEqual([
      ['U', 'a2'],
      ['I', 'b1'],
      ['D', 'c1'],
    ])
  })

  it('goes back to the oldest change since, whatever came after it', () => {
    const { run, take, restore, contents } = createBench()
    run(publish('a', '1'))
    const taken = take('s')
    for (const content of ['2', '3']) run(publish('a', content))
    run(remove('a'))
    run(publish('a', '4'))
    run(publish('b', 'only now'))
    run(remove('b'))
    const { reply } = restore(taken)
    expect([contents(), reply]).toMatchObject([{ a: '1' }, { updated: 1, created: 0, removed: 0 }])
  })

  it('is undone, and the undoing too', () => {
    const { run, take, restore, undo, contents, machine } = createBench()
    run(publish('a', '1'))
    const taken = take('s')
    run(publish('a', '2'))
    run(publish('b', '2'))
    restore(taken)
    run(publish('c', 'after the restore'))
    undo()
    expect(contents()).toEqual({ a: '2', b: '2' })
    undo()
    expect(contents()).toEqual({ a: '1', c: 'after the restore' })
    expect(machine.snapshots().map(({ kind, name }) => [kind, name])).toEqual([
      ['named', 's'],
      ['before-restore', 's'],
    ])
  })

  it('of what never changed changes nothing, and can be undone', () => {
    const { run, take, restore, undo, contents } = createBench()
    run(publish('a', '1'))
    expect(restore(take('s')).reply).toMatchObject({ updated: 0, created: 0, removed: 0 })
    run(publish('a', '2'))
    undo()
    expect(contents()).toEqual({ a: '1' })
  })

  it('is refused for a snapshot that is gone, or another one than is meant', () => {
    const { run, take, restore, long } = createBench()
    run(publish('a', '1'))
    const taken = take('s')
    expect(restore({ ...taken, contentHash: '0'.repeat(16) }).reply).toEqual({ kind: 'snapshot-refused', why: 'unknown' })
    expect(long({ kind: 'drop-snapshot', index: taken.index }).reply).toMatchObject({ kind: 'snapshot-dropped' })
    expect(restore(taken).reply).toEqual({ kind: 'snapshot-refused', why: 'unknown' })
    expect(long({ kind: 'drop-snapshot', index: taken.index }).reply).toEqual({ kind: 'snapshot-refused', why: 'unknown' })
  })

  it('finds out that the history is not what was written', () => {
    const { run, take, restore, history, machine } = createBench()
    run(publish('a', '1'))
    const taken = take('s')
    run(publish('a', '2'))
    history.set(2, { ...history.get(2)!, md5: 'md5-another' })
    expect(() => restore(taken)).toThrow(/the history gives 1 \([0-9a-f]{16}\) configurations, taken were 1 /)
    expect(machine.find(key('a'))).toMatchObject({ md5: 'md5-2' })
  })

  it('gives the same in steps of any size', () => {
    const done = [{ walked: 1, changed: 1, bytes: 1 }, { walked: 2, changed: 1, bytes: 1000 }, whole].map((limits) => {
      const { run, take, restore, log, machine } = createBench()
      for (const id of ['a', 'b', 'c', 'd']) run(publish(id, `${id}1`))
      const taken = take('s', limits)
      for (const id of ['b', 'd', 'e', 'f']) run(publish(id, `${id}2`))
      for (const id of ['a', 'f']) run(remove(id))
      const { told, steps } = restore(taken, limits)
      return { log, meta: machine.meta(), told, many: steps > 5 }
    })
    expect(done.map(({ many }) => many)).toEqual([true, true, false])
    for (const { log, meta, told } of done) expect({ log, meta, told }).toEqual({ log: done[0]!.log, meta: done[0]!.meta, told: done[0]!.told })
  })
})

describe('a list of snapshots', () => {
  it('says what each holds', () => {
    const { run, take } = createBench()
    run(publish('a', 'one'))
    run(publish('b', 'three'))
    expect(take('s')).toMatchObject({ index: 3, kind: 'named', name: 's', takenMs: 3000, historyFrom: 3, configs: 2, contentBytes: 8, usable: true })
  })

  it('has equal hashes for equal contents, whenever they were written', () => {
    const { run, take } = createBench()
    run(publish('a', '1'))
    const first = take('first')
    run(publish('a', '2'))
    const second = take('second')
    run(publish('a', '1'))
    expect([take('third').contentHash === first.contentHash, second.contentHash === first.contentHash]).toEqual([true, false])
  })

  it('takes each name once, and no more than so many', () => {
    const { take, long } = createBench()
    const first = take('s1')
    expect(long({ kind: 'take-snapshot', name: 's1' }).reply).toEqual({ kind: 'snapshot-refused', why: 'name-taken' })
    for (let n = 2; n <= 32; n++) take(`s${n}`)
    expect(long({ kind: 'take-snapshot', name: 'one more' }).reply).toEqual({ kind: 'snapshot-refused', why: 'too-many' })
    long({ kind: 'drop-snapshot', index: first.index })
    expect(take('one more').name).toBe('one more')
  })

  it('is part of the state: of its hash, and of what a machine begins with', () => {
    const { run, take, machine, records } = createBench()
    run(publish('a', '1'))
    take('s')
    const again = createStateMachine(machine.all(), machine.meta(), { snapshots: machine.snapshots(), records: records.values() })
    expect([again.meta(), again.snapshots()]).toEqual([machine.meta(), machine.snapshots()])
    expect(createStateMachine(machine.all(), machine.meta()).meta().stateHash).not.toBe(machine.meta().stateHash)
  })

  it('forgets with its batch what was not published', () => {
    const { machine, take } = createBench()
    machine.begin()
    const going = machine.applyLong({ index: 1, term: 1, stampMs: 1, payload: encodeSnapshotCommand({ kind: 'take-snapshot', name: 's' }) }, () =>
      [].values(),
    )
    while (going.step(whole) !== null);
    machine.discard()
    expect(machine.snapshots()).toEqual([])
    expect(take('s').index).toBe(1)
  })
})

describe('what a snapshot needs', () => {
  const prune = (cutoffMs: number, ...nids: number[]): Uint8Array => encodePrune({ kind: 'prune-history', cutoffMs, nids })

  it('stays in the history, whatever a leader names', () => {
    const { run, take, restore, raw, contents, history } = createBench()
    run(publish('a', '1'))
    run(publish('a', '2'))
    const taken = take('s')
    run(publish('a', '3'))
    raw(prune(2 ** 50, 1, 2, 3))
    expect([...history.keys()]).toEqual([3])
    restore(taken)
    expect(contents()).toEqual({ a: '2' })
  })

  it('goes with a way back that is as old as the history that goes', () => {
    const { run, take, restore, raw, hash, machine, history } = createBench()
    run(publish('a', '1'))
    const taken = take('s')
    run(publish('a', '2'))
    restore(taken)
    run(publish('a', '3'))
    expect(machine.snapshots().map(({ kind, takenMs }) => [kind, takenMs])).toContainEqual(['before-restore', 4000])
    raw(prune(4000, 1))
    expect(machine.snapshots()).toHaveLength(2)
    raw(prune(4001, 2, 3))
    expect([machine.snapshots().map(({ kind }) => kind), history.has(2)]).toEqual([['named'], true])
    expect(machine.meta().stateHash).toBe(hash())
  })

  it('is not there once rows came without history: such a snapshot is kept and not restored', () => {
    const { run, take, restore, raw, hash, machine, contents } = createBench()
    run(publish('a', '1'))
    const [first, second] = [take('first'), take('second')]
    const row = { ...publish('b', 'from a database'), expectedMd5: '' } as Extract<Command, { kind: 'publish-config' }>
    raw(encodeAttach({ kind: 'adopt-config', id: 9, createdMs: 1, modifiedMs: 2, row }))
    raw(encodeAttach({ kind: 'adopt-config', id: 10, createdMs: 1, modifiedMs: 2, row: { ...row, dataId: 'c' } }))
    expect(machine.snapshots().map(({ name, usable }) => [name, usable])).toEqual([
      ['first', false],
      ['second', false],
    ])
    expect([restore(first).reply, restore(second).reply]).toEqual(Array(2).fill({ kind: 'snapshot-refused', why: 'not-usable' }))
    expect(Object.keys(contents())).toEqual(['a', 'b', 'c'])
    expect(machine.meta().stateHash).toBe(hash())
    run(publish('a', '2'))
    raw(prune(2 ** 50, 1, 2))
    expect(take('third').usable).toBe(true)
  })
})

it('what another program changes or removes is taken back too; what it adds leaves no history, and no way back', () => {
  const { machine, run, take, restore, raw, contents } = createBench()
  run(publish('a', '1'))
  run(publish('b', '1'))
  const taken = take('s')
  const theirs = (row: Command) => raw(encodeAttach({ kind: 'adopt-change', asOf: 3, id: 0, createdMs: 1, modifiedMs: 2, row }))
  theirs({ ...publish('a', 'theirs'), expectedMd5: 'md5-1' })
  theirs({ ...remove('b'), expectedMd5: 'md5-1' })
  expect(contents()).toEqual({ a: 'theirs' })
  expect(restore(taken).reply).toMatchObject({ updated: 1, created: 1 })
  expect(contents()).toEqual({ a: '1', b: '1' })
  theirs({ ...publish('c', 'theirs'), expectedMd5: '' })
  expect([restore(taken).reply, machine.snapshots().some(({ usable }) => usable)]).toEqual([{ kind: 'snapshot-refused', why: 'not-usable' }, false])
})

it('bytes that are no command change nothing, and `apply` makes nothing of a snapshot command', () => {
  const { long, raw, machine } = createBench()
  expect(long(new Uint8Array([1, 7, 3])).reply).toEqual({ kind: 'invalid-command' })
  expect(raw(encodeSnapshotCommand({ kind: 'take-snapshot', name: 's' }))).toEqual({ kind: 'invalid-command' })
  expect(machine.snapshots()).toEqual([])
})

type Act = { readonly kind: 'publish' | 'remove' | 'take' | 'restore' | 'undo' | 'reopen'; readonly at: number }
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('publish', 'publish', 'remove', 'take', 'restore', 'undo', 'reopen'),
  at: fc.nat({ max: 3 }),
})

it('after any life, every restore gives what was copied when it was taken', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (acts, size) => {
      let current: StateMachine | null = null
      const bench = createBench()
      const copies = new Map<number, Record<string, string>>()
      let content = 0
      const limits = { walked: size, changed: size, bytes: 2 }
      for (const { kind, at } of acts) {
        const { machine, contents } = bench
        const list = machine.snapshots()
        const target = kind === 'undo' ? list.find((each) => each.kind === 'before-restore') : list[at % Math.max(1, list.length)]
        if (kind === 'publish') bench.run(publish(`d${at}`, `${++content}`))
        else if (kind === 'remove') bench.run(remove(`d${at}`))
        else if (kind === 'take' && list.length < 4) {
          const { index } = bench.take(`s${++content}`)
          copies.set(index, contents())
        } else if (kind === 'reopen')
          current = createStateMachine(machine.all(), machine.meta(), { snapshots: list, records: bench.records.values() })
        else if (target !== undefined) {
          const before = contents()
          bench.restore(target, limits)
          expect(contents()).toEqual(copies.get(target.index))
          copies.set(machine.meta().appliedIndex, before)
        }
        expect(machine.meta().stateHash).toBe(bench.hash())
        if (current !== null) expect(current.meta().stateHash).toMatch(/^[0-9a-f]{16}$/)
      }
    }),
    { numRuns: 200 },
  )
})
