import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCommand } from './command-codec.ts'
import { isRequestId } from './request-table.ts'
import { hashOfRows } from './state-hash.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type { ApplyResult, Command, DeleteConfig, PublishConfig, RequestRow, StateMachine } from './types.ts'

const key = { namespace: '', group: 'g', dataId: 'd' }
const idOf = (n: number): string => `request-id-${String(n).padStart(8, '0')}`

const publish = (content: string, over: Partial<PublishConfig> = {}): PublishConfig => ({
  ...{ kind: 'publish-config', ...key, content: new TextEncoder().encode(content), md5: `md5-${content}`, type: 'text', expectedMd5: null },
  ...{ appName: '', description: '', tags: null, sourceIp: '10.0.0.1', sourceUser: 'u', encryptedDataKey: '' },
  ...over,
})
const remove = (over: Partial<DeleteConfig> = {}): DeleteConfig => ({
  ...{ kind: 'delete-config', ...key, expectedMd5: null, sourceIp: '', sourceUser: '' },
  ...over,
})

const start = (idsMax?: number) => {
  const machine = createStateMachine([], emptyMeta(), { idsMax })
  let index = 0
  /** Applies each command as the next entry, all in one batch. */
  const batch = (...commands: Command[]): ApplyResult[] => {
    machine.begin()
    const results = commands.map((command) => machine.apply({ index: ++index, term: 1, stampMs: index, payload: encodeCommand(command) }))
    machine.publish()
    return results
  }
  const run = (command: Command): ApplyResult => batch(command)[0] as ApplyResult
  return { machine, run, batch }
}
const remembered = (machine: StateMachine): string[] => [...machine.requests()].map(({ requestId }) => requestId)
/** The same machine, from rows alone. */
const reloaded = (machine: StateMachine, idsMax?: number): StateMachine =>
  createStateMachine(machine.all(), machine.meta(), { requests: machine.requests(), idsMax })

describe('a request id', () => {
  it('is 16 to 64 letters, digits, underscores and dashes', () => {
    for (const good of ['0123456789abcdef', 'A_-'.repeat(21), crypto.randomUUID()]) expect(isRequestId(good)).toBe(true)
    for (const bad of ['', '0123456789abcde', 'x'.repeat(65), '0123456789abcde ', '0123456789abcdeé', '0123456789abcdef\n'])
      expect(isRequestId(bad)).toBe(false)
  })

  it('thesis 6.3: a repeat gets the first reply and changes nothing', () => {
    const { machine, run } = start()
    const first = run(publish('one', { requestId: idOf(1) }))
    expect(first.reply).toEqual({ kind: 'published', md5: 'md5-one', index: 1, created: true })
    expect(first.writes.map(({ kind }) => kind)).toEqual(['put-config', 'history-insert', 'put-request'])
    run(publish('two'))
    const before = machine.meta()
    expect(run(publish('one', { requestId: idOf(1), sourceIp: '10.9.9.9' }))).toEqual({ writes: [], reply: first.reply, effects: [] })
    expect(machine.find(key)?.md5).toBe('md5-two')
    expect(machine.meta()).toMatchObject({ nextConfigId: before.nextConfigId, nextHistoryId: before.nextHistoryId, appliedIndex: 3 })
  })

  it('brings back every kind of first reply, whatever stands there by then', () => {
    const { run } = start()
    const writes: Command[] = [
      remove({ requestId: idOf(1) }),
      publish('one', { requestId: idOf(2) }),
      publish('two', { requestId: idOf(3) }),
      publish('three', { requestId: idOf(4), expectedMd5: 'md5-one' }),
      remove({ requestId: idOf(5), expectedMd5: 'other' }),
      remove({ requestId: idOf(6) }),
    ]
    const replies = writes.map((command) => run(command).reply)
    expect(replies).toEqual([
      { kind: 'deleted', existed: false, index: 1 },
      { kind: 'published', md5: 'md5-one', index: 2, created: true },
      { kind: 'published', md5: 'md5-two', index: 3, created: false },
      { kind: 'cas-conflict', currentMd5: 'md5-two' },
      { kind: 'cas-conflict', currentMd5: 'md5-two' },
      { kind: 'deleted', existed: true, index: 6 },
    ])
    expect(writes.map((command) => run(command).reply)).toEqual(replies)
  })

  it('holds within one batch', () => {
    const { machine, batch } = start()
    const [first, second] = batch(publish('one', { requestId: idOf(1) }), publish('one', { requestId: idOf(1) }))
    expect(second).toEqual({ writes: [], reply: first?.reply, effects: [] })
    expect(remembered(machine)).toEqual([idOf(1)])
  })

  it('is not spent by a batch that the store did not take', () => {
    const { machine, run } = start(1)
    run(publish('zero', { requestId: idOf(0) }))
    const before = machine.meta()
    machine.begin()
    machine.apply({ index: 2, term: 1, stampMs: 2, payload: encodeCommand(publish('one', { requestId: idOf(1) })) })
    expect(remembered(machine)).toEqual([idOf(0)])
    machine.discard()
    expect([machine.meta(), remembered(machine)]).toEqual([before, [idOf(0)]])
    expect(run(publish('one', { requestId: idOf(1) })).reply).toMatchObject({ kind: 'published', index: 2 })
  })

  it('of another write is taken: nothing is changed, and the first write is named', () => {
    const { machine, run } = start()
    const first = publish('one', { requestId: idOf(1), tags: ['a'] })
    run(first)
    const others: Command[] = [
      publish('two', { requestId: idOf(1), tags: ['a'] }),
      { ...first, dataId: 'e' },
      { ...first, group: 'gd', dataId: '' },
      { ...first, namespace: 'n' },
      { ...first, expectedMd5: '' },
      { ...first, type: 'json' },
      { ...first, appName: 'x' },
      { ...first, description: 'x' },
      { ...first, encryptedDataKey: 'x' },
      { ...first, tags: ['b'] },
      { ...first, tags: [] },
      { ...first, tags: null },
      remove({ requestId: idOf(1) }),
    ]
    for (const other of others) expect(run(other)).toEqual({ writes: [], reply: { kind: 'request-id-taken', index: 1 }, effects: [] })
    expect(machine.find(key)?.md5).toBe('md5-one')
  })

  it('costs a write without one nothing', () => {
    const { machine, run } = start()
    expect(run(publish('one')).writes.map(({ kind }) => kind)).toEqual(['put-config', 'history-insert'])
    expect(remembered(machine)).toEqual([])
  })
})

describe('the table of request ids', () => {
  it('forgets the oldest by log index, and a forgotten id is a new write', () => {
    const { machine, run } = start(2)
    run(publish('one', { requestId: idOf(1) }))
    run(publish('two', { requestId: idOf(2) }))
    // A repeat makes an id no younger.
    run(publish('one', { requestId: idOf(1) }))
    const third = run(publish('three', { requestId: idOf(3) }))
    expect(third.writes.at(-1)).toEqual({ kind: 'drop-request', index: 1 })
    expect(remembered(machine)).toEqual([idOf(2), idOf(3)])
    expect(run(publish('one', { requestId: idOf(1) })).reply).toEqual({ kind: 'published', md5: 'md5-one', index: 5, created: false })
  })

  it('forgets within a batch, even what the batch itself brought', () => {
    const { machine, run, batch } = start(2)
    run(publish('zero', { requestId: idOf(0) }))
    const ids = [1, 2, 3, 0, 1]
    const results = batch(...ids.map((n) => publish(`${n}`, { requestId: idOf(n) })))
    expect(results.map(({ reply }) => reply)).toMatchObject(ids.map((_, at) => ({ kind: 'published', index: at + 2 })))
    expect(remembered(machine)).toEqual([idOf(0), idOf(1)])
    expect(reloaded(machine, 2).meta()).toEqual(machine.meta())
    expect(run(publish('1', { requestId: idOf(1) })).reply).toMatchObject({ index: 6 })
  })

  it('holds 65,536 in the product', () => {
    const rows = Array.from({ length: 65_536 }, (_, at): RequestRow => ({ ...row, requestId: idOf(at), index: at + 1 }))
    const machine = createStateMachine([], { ...emptyMeta(), appliedIndex: 65_536 }, { requests: rows })
    machine.begin()
    const payload = encodeCommand(publish('one', { requestId: idOf(70_000) }))
    const { writes } = machine.apply({ index: 65_537, term: 1, stampMs: 1, payload })
    machine.publish()
    expect(writes.at(-1)).toEqual({ kind: 'drop-request', index: 1 })
    expect([remembered(machine).length, remembered(machine)[0]]).toEqual([65_536, idOf(1)])
  })

  const row: RequestRow = { requestId: idOf(1), index: 1, commandHash: 5, outcome: 'created', md5: 'm' }
  it('is part of the state hash, with each of its fields', () => {
    const others: RequestRow[] = [
      { ...row, requestId: idOf(2) },
      { ...row, index: 2 },
      { ...row, commandHash: -5 },
      { ...row, outcome: 'updated' },
      { ...row, md5: '' },
    ]
    const hashes = [[], [row], ...others.map((other) => [other])].map((rows) => hashOfRows([], emptyMeta(), rows))
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  const step = fc.record({ id: fc.option(fc.nat(5)), content: fc.constantFrom('x', 'y'), drop: fc.boolean(), cut: fc.boolean() })
  it('is the same however the log is cut into batches, after a reload, and as a plain list of the last ids has it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, idsMax) => {
        let cut = createStateMachine([], emptyMeta(), { idsMax })
        const whole = createStateMachine([], emptyMeta(), { idsMax })
        /** The ids that count, oldest first, and the index of their first entry. */
        let known: { id: string; index: number }[] = []
        cut.begin()
        whole.begin()
        for (const [at, { id, content, drop, cut: ends }] of steps.entries()) {
          const requestId = id === null ? {} : { requestId: `${drop}-${content}-request-id-${id}` }
          const command = drop ? remove(requestId) : publish(content, requestId)
          const entry = { index: at + 1, term: 1, stampMs: at, payload: encodeCommand(command) }
          const result = cut.apply(entry)
          expect(result).toEqual(whole.apply(entry))
          const first = known.find((each) => each.id === requestId.requestId)
          expect(result.reply).toMatchObject({ index: first?.index ?? at + 1 })
          if (requestId.requestId !== undefined && first === undefined) known = [...known, { id: requestId.requestId, index: at + 1 }].slice(-idsMax)
          if (!ends) continue
          cut.publish()
          cut = reloaded(cut, idsMax)
          cut.begin()
        }
        cut.publish()
        whole.publish()
        expect(cut.meta()).toEqual(whole.meta())
        expect(remembered(whole)).toEqual(known.map(({ id }) => id))
        expect([...cut.requests()]).toEqual([...whole.requests()])
        expect(hashOfRows(whole.all(), whole.meta(), whole.requests())).toBe(whole.meta().stateHash)
      }),
      { numRuns: 300 },
    )
  })
})
