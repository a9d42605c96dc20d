import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCommand } from './command-codec.ts'
import { encodePrune } from './prune-codec.ts'
import { hashOfRows } from './state-hash.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type { ApplyResult, Command, StateMachine } from './types.ts'

const key = { namespace: '', group: 'g', dataId: 'd' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const publish = (content: string, over: Partial<Extract<Command, { kind: 'publish-config' }>> = {}): Command => ({
  ...{ kind: 'publish-config', ...key, content: bytes(content), md5: `md5-${content}`, type: 'text', expectedMd5: null, appName: '' },
  ...{ description: '', tags: null, sourceIp: '10.0.0.1', sourceUser: 'u', encryptedDataKey: '' },
  ...over,
})
const remove = (over: Partial<Extract<Command, { kind: 'delete-config' }>> = {}): Command => ({
  ...{ kind: 'delete-config', ...key, expectedMd5: null, sourceIp: '10.0.0.2', sourceUser: 'v' },
  ...over,
})

interface Bench {
  readonly machine: StateMachine
  /** Applies one command as a batch of its own, at a stamp of 1000 x its index. */
  run(command: Command, stampMs?: number): ApplyResult
}
const start = (): Bench => {
  const machine = createStateMachine([], emptyMeta())
  let index = 0
  const run = (command: Command, stampMs?: number): ApplyResult => {
    index++
    machine.begin()
    const result = machine.apply({ index, term: 1, stampMs: stampMs ?? index * 1000, payload: encodeCommand(command) })
    machine.publish()
    return result
  }
  return { machine, run }
}

it('counts a command of an area that it does not know, and changes nothing', () => {
  const machine = createStateMachine([], emptyMeta())
  machine.begin()
  expect(machine.apply({ index: 1, term: 1, stampMs: 1, payload: new Uint8Array([1, 255]) })).toEqual({
    ...{ writes: [], reply: { kind: 'invalid-command' }, effects: [] },
  })
  machine.publish()
  expect(machine.meta().appliedIndex).toBe(1)
})

describe('history that goes', () => {
  const prune = (machine: StateMachine, payload: Uint8Array, stampMs = 5000): ApplyResult => {
    machine.begin()
    const result = machine.apply({ index: 9, term: 1, stampMs, payload })
    machine.publish()
    return result
  }

  it('is told to the store by its numbers, and changes nothing else', () => {
    const { machine, run } = start()
    run(publish('one'), 1000)
    run(publish('two'), 5000)
    const { nextHistoryId, nextConfigId, stateHash } = machine.meta()
    const { writes, reply, effects } = prune(machine, encodePrune({ kind: 'prune-history', cutoffMs: 2000, nids: [1] }))
    expect(writes).toEqual([{ kind: 'prune-history', nids: [1], cutoffMs: 2000, index: 9 }])
    expect([reply, effects]).toEqual([{ kind: 'history-pruned', index: 9 }, []])
    expect(machine.meta()).toMatchObject({ appliedIndex: 9, nextHistoryId, nextConfigId, stateHash })
  })

  it('is older than the log time, whatever cutoff a leader names', () => {
    const { machine, run } = start()
    run(publish('one'), 1000)
    const { writes } = prune(machine, encodePrune({ kind: 'prune-history', cutoffMs: 2 ** 50, nids: [1] }), 3000)
    expect(writes).toMatchObject([{ cutoffMs: 3000 }])
  })

  it('is none of it, if the command cannot be read', () => {
    const { machine } = start()
    expect(prune(machine, new Uint8Array([1, 5, 7]))).toMatchObject({ writes: [], reply: { kind: 'invalid-command' } })
  })
})

describe('publish', () => {
  it('inserts with a history row of the new content', () => {
    const { machine, run } = start()
    const { writes, reply, effects } = run(publish('one'))
    expect(writes.map((write) => write.kind)).toEqual(['put-config', 'history-insert'])
    expect(reply).toEqual({ kind: 'published', md5: 'md5-one', index: 1, created: true })
    expect(effects).toEqual([{ kind: 'config-changed', ...key, md5: 'md5-one', index: 1 }])
    expect(machine.find(key)).toMatchObject({ id: 1, md5: 'md5-one', createdMs: 1000, modifiedMs: 1000, contentBytes: 3 })
  })

  it('updates after the old row is copied to history', () => {
    const { machine, run } = start()
    run(publish('one'))
    const { writes, reply } = run(publish('two'))
    expect(writes[0]).toEqual({
      ...{ kind: 'history-copy', nid: 2, id: 1, operation: 'U', atMs: 2000, sourceIp: '10.0.0.1', sourceUser: 'u', index: 2, contentBytes: 3 },
    })
    expect(writes[1]).toMatchObject({ kind: 'put-config', keepTags: true, row: { id: 1, createdMs: 1000, modifiedMs: 2000 } })
    expect(reply).toMatchObject({ created: false })
    expect(machine.size()).toBe(1)
  })

  it('keeps the tags that the row has unless it names others', () => {
    const { run } = start()
    const putOf = (result: ApplyResult) => result.writes.find(({ kind }) => kind === 'put-config')
    expect(putOf(run(publish('one', { tags: ['a', 'b'] })))).toEqual({ kind: 'put-config', row: expect.objectContaining({ tags: ['a', 'b'] }) })
    expect(putOf(run(publish('two')))).toMatchObject({ keepTags: true })
    expect(putOf(run(publish('three', { tags: [] })))).toEqual({ kind: 'put-config', row: expect.objectContaining({ tags: [] }) })
  })

  it('is a write even if the content is the same', () => {
    const { machine, run } = start()
    run(publish('one'))
    const before = machine.meta().stateHash
    expect(run(publish('one')).writes).toHaveLength(2)
    expect(machine.find(key)?.modifiedMs).toBe(2000)
    expect(machine.meta().stateHash).not.toBe(before)
  })

  it('keeps no content in memory', () => {
    const { machine, run } = start()
    run(publish('one'))
    expect(machine.find(key)).not.toHaveProperty('content')
  })
})

describe('compare and set', () => {
  it('refuses another md5 and tells the current one', () => {
    const { machine, run } = start()
    run(publish('one'))
    const result = run(publish('two', { expectedMd5: 'md5-zero' }))
    expect(result).toEqual({ writes: [], reply: { kind: 'cas-conflict', currentMd5: 'md5-one' }, effects: [] })
    expect(machine.find(key)?.md5).toBe('md5-one')
  })

  it('takes the current md5, or absence when asked for', () => {
    const { run } = start()
    expect(run(publish('one', { expectedMd5: '' })).reply.kind).toBe('published')
    expect(run(publish('two', { expectedMd5: '' })).reply.kind).toBe('cas-conflict')
    expect(run(publish('two', { expectedMd5: 'md5-one' })).reply.kind).toBe('published')
    expect(run(remove({ expectedMd5: 'md5-one' })).reply.kind).toBe('cas-conflict')
    expect(run(remove({ expectedMd5: 'md5-two' })).reply.kind).toBe('deleted')
  })
})

describe('delete', () => {
  it('copies the row to history, then drops it', () => {
    const { machine, run } = start()
    run(publish('one'))
    const { writes, reply, effects } = run(remove())
    expect(writes).toMatchObject([
      { kind: 'history-copy', operation: 'D', sourceUser: 'v' },
      { kind: 'drop-config', id: 1 },
    ])
    expect(reply).toEqual({ kind: 'deleted', existed: true, index: 2 })
    expect(effects).toMatchObject([{ md5: '', index: 2 }])
    expect(machine.find(key)).toBeUndefined()
  })

  it('of nothing succeeds and writes nothing', () => {
    const { run } = start()
    expect(run(remove())).toEqual({ writes: [], reply: { kind: 'deleted', existed: false, index: 1 }, effects: [] })
  })

  it('leaves its id behind: a new row gets a new one', () => {
    const { machine, run } = start()
    run(publish('one'))
    run(remove())
    run(publish('one'))
    expect(machine.find(key)?.id).toBe(2)
  })
})

describe('log time', () => {
  it('never falls, whatever the stamps', () => {
    const { machine, run } = start()
    run(publish('one'), 5000)
    run(publish('two'), 3000)
    expect(machine.find(key)?.modifiedMs).toBe(5000)
    run(publish('two'), Number.NaN)
    expect(machine.meta().lastTimeMs).toBe(5000)
  })
})

describe('a poison entry', () => {
  it('is a recorded no-op', () => {
    const { machine, run } = start()
    run(publish('one'))
    machine.begin()
    const result = machine.apply({ index: 2, term: 1, stampMs: 0, payload: bytes('junk') })
    machine.publish()
    expect(result).toEqual({ writes: [], reply: { kind: 'invalid-command' }, effects: [] })
    expect(machine.meta().appliedIndex).toBe(2)
    expect(machine.size()).toBe(1)
  })
})

describe('a batch', () => {
  it('sees its own changes; readers see them after publish', () => {
    const { machine } = start()
    machine.begin()
    machine.apply({ index: 1, term: 1, stampMs: 1, payload: encodeCommand(publish('one')) })
    const { reply } = machine.apply({ index: 2, term: 1, stampMs: 2, payload: encodeCommand(publish('two', { expectedMd5: 'md5-one' })) })
    machine.skip(3, 2)
    expect(reply.kind).toBe('published')
    expect([machine.find(key), machine.size(), machine.meta().appliedIndex]).toEqual([undefined, 0, 0])
    expect(machine.pendingMeta()).toMatchObject({ appliedIndex: 3, appliedTerm: 2, nextConfigId: 2, nextHistoryId: 3 })
    const pending = machine.pendingMeta()
    machine.publish()
    expect(machine.meta()).toEqual(pending)
    expect(machine.find(key)?.md5).toBe('md5-two')
  })

  it('leaves no trace when discarded', () => {
    const { machine, run } = start()
    run(publish('one'))
    const before = machine.meta()
    machine.begin()
    machine.apply({ index: 2, term: 1, stampMs: 9000, payload: encodeCommand(remove()) })
    machine.discard()
    expect(machine.meta()).toEqual(before)
    expect(machine.find(key)?.md5).toBe('md5-one')
    expect(run(publish('two')).writes[0]).toMatchObject({ nid: 2 })
  })

  it('out of order is a bug of the caller', () => {
    const { machine } = start()
    expect(() => machine.skip(1, 1)).toThrow('no batch')
    machine.begin()
    expect(() => machine.begin()).toThrow('running already')
  })
})

describe('the state hash', () => {
  const step = fc.record({
    dataId: fc.constantFrom('a', 'b', 'ab', 'c'),
    group: fc.constantFrom('', 'a', 'b'),
    content: fc.constantFrom('x', 'y', 'z'),
    drop: fc.boolean(),
    cut: fc.boolean(),
  })

  it('is the same incrementally, from all rows, after a reload, and however the log is cut into batches', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cut = createStateMachine([], emptyMeta())
        const whole = createStateMachine([], emptyMeta())
        cut.begin()
        whole.begin()
        for (const [at, { dataId, group, content, drop, cut: ends }] of steps.entries()) {
          const command = drop ? remove({ dataId, group }) : publish(content, { dataId, group })
          const entry = { index: at + 1, term: 1, stampMs: at * 10, payload: encodeCommand(command) }
          expect(cut.apply(entry)).toEqual(whole.apply(entry))
          if (ends) {
            cut.publish()
            cut.begin()
          }
        }
        cut.publish()
        whole.publish()
        expect(cut.meta()).toEqual(whole.meta())
        expect(hashOfRows(whole.all(), whole.meta())).toBe(whole.meta().stateHash)
        const reversed = [...whole.all()].reverse()
        expect(createStateMachine(reversed, whole.meta()).meta()).toEqual(whole.meta())
      }),
      { numRuns: 200 },
    )
  })

  it('is of the empty state before the first entry', () => {
    expect(createStateMachine([], emptyMeta()).meta()).toEqual(emptyMeta())
    expect(emptyMeta().stateHash).toMatch(/^[0-9a-f]{16}$/)
  })

  it('differs for each field of a row', () => {
    const row = { ...key, id: 1, md5: 'm', type: 'text', encryptedDataKey: '', createdMs: 1, modifiedMs: 2, index: 3, contentBytes: 4 } as const
    const others = [
      { ...row, dataId: 'e' },
      { ...row, group: 'gd', dataId: '' },
      { ...row, namespace: 'n' },
      { ...row, md5: 'n' },
      { ...row, type: 'json' as const },
      { ...row, encryptedDataKey: 'k' },
      { ...row, id: 2 },
      { ...row, createdMs: 2 ** 40 + 1 },
      { ...row, modifiedMs: 3 },
      { ...row, index: 3 + 2 ** 32 },
      { ...row, contentBytes: 5 },
    ]
    const hashes = [row, ...others].map((each) => hashOfRows([each], emptyMeta()))
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
