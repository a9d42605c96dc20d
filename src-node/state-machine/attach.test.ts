/** Rows of a database that is being attached, as commands: equal on all nodes, with ids that nothing else gets. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeAttach, encodeAttach, isAttach } from './attach-codec.ts'
import { changesConfigs, encodeCommand } from './command-codec.ts'
import { hashOfRows } from './state-hash.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type { AdoptChange, AdoptConfig, AttachCommand, DeleteConfig, PublishConfig } from './types.ts'

const row = (dataId: string, content: string, expectedMd5: string | null = ''): PublishConfig => ({
  ...{ kind: 'publish-config', namespace: 'n', group: 'g', dataId, content: new TextEncoder().encode(content), md5: `md5-${content}`, type: 'yaml' },
  ...{ expectedMd5, appName: 'app', description: 'what', tags: ['a'], sourceIp: '10.0.0.1', sourceUser: 'u', encryptedDataKey: '' },
})
const adopt = (id: number, published: PublishConfig): AdoptConfig => ({
  kind: 'adopt-config',
  id,
  createdMs: 1_000,
  modifiedMs: 2_000,
  row: published,
})

const removal = (dataId: string, expectedMd5: string | null): DeleteConfig => ({
  ...{ kind: 'delete-config', namespace: 'n', group: 'g', dataId, expectedMd5, sourceIp: '', sourceUser: 'another program' },
})
const change = (asOf: number, changed: PublishConfig | DeleteConfig, id = 0): AdoptChange => ({
  ...{ kind: 'adopt-change', asOf, id, createdMs: 1_000, modifiedMs: 2_000, row: changed },
})

const start = () => {
  const machine = createStateMachine([], emptyMeta())
  let index = 0
  const run = (payload: Uint8Array) => {
    index++
    machine.begin()
    const result = machine.apply({ index, term: 1, stampMs: index * 1_000_000, payload })
    machine.publish()
    return result
  }
  return { machine, attach: (command: AttachCommand) => run(encodeAttach(command)), publish: (command: PublishConfig) => run(encodeCommand(command)) }
}

it('takes a row with its id and times, without history, and tells listeners', () => {
  const { machine, attach } = start()
  const result = attach(adopt(40, row('a', 'one')))
  expect(result.writes).toMatchObject([{ kind: 'put-config', row: { id: 40, createdMs: 1_000, modifiedMs: 2_000, index: 1, tags: ['a'] } }])
  expect(result.effects).toMatchObject([{ dataId: 'a', md5: 'md5-one', index: 1 }])
  expect(machine.meta().stateHash).toBe(hashOfRows([...machine.all()], machine.meta()))
})

it('rows in the order of their ids keep them, and what is written later gets a higher one', () => {
  const { machine, attach, publish } = start()
  for (const id of [3, 7, 20]) attach(adopt(id, row(`d${id}`, 'x')))
  publish(row('new', 'y'))
  expect([...machine.all()].map(({ id }) => id)).toEqual([3, 7, 20, 21])
})

it('a row that is there keeps its id, and no id is given twice', () => {
  const { machine, attach, publish } = start()
  publish(row('a', 'mine'))
  publish(row('b', 'mine'))
  attach(adopt(1, row('c', 'theirs')))
  attach(adopt(2, row('a', 'theirs', 'md5-mine')))
  expect(Object.fromEntries([...machine.all()].map(({ dataId, id }) => [dataId, id]))).toEqual({ a: 1, b: 2, c: 3 })
  expect(machine.find({ namespace: 'n', group: 'g', dataId: 'a' })).toMatchObject({ md5: 'md5-theirs' })
})

it('changes nothing when the row is another than the one it would replace', () => {
  const { machine, attach, publish } = start()
  publish(row('a', 'mine'))
  const { reply, writes } = attach(adopt(9, row('a', 'theirs')))
  expect([reply, writes]).toEqual([{ kind: 'cas-conflict', currentMd5: 'md5-mine' }, []])
  expect(machine.meta().nextConfigId).toBe(2)
})

it('counters are raised above those of the database, and never fall', () => {
  const { machine, attach } = start()
  attach({ kind: 'raise-ids', configId: 50, historyId: 900 })
  attach({ kind: 'raise-ids', configId: 4, historyId: 5 })
  expect(machine.meta()).toMatchObject({ nextConfigId: 51, nextHistoryId: 901, appliedIndex: 2 })
})

it('a row that another program changed is taken, and what it replaced stands in history, which the shared database lacks alone', () => {
  const { machine, attach, publish } = start()
  publish(row('a', 'mine'))
  const { writes, effects, reply } = attach(change(1, row('a', 'theirs', 'md5-mine'), 77))
  expect(writes).toMatchObject([
    { kind: 'history-copy', nid: 2, id: 1, operation: 'U', index: 2, apart: true },
    { kind: 'put-config', row: { id: 1, md5: 'md5-theirs', createdMs: 1_000, modifiedMs: 2_000, index: 2 } },
  ])
  expect(effects).toMatchObject([{ dataId: 'a', md5: 'md5-theirs', index: 2 }])
  expect(reply).toMatchObject({ kind: 'published', created: false })
  expect(machine.meta().stateHash).toBe(hashOfRows([...machine.all()], machine.meta()))
})

it('one that another program made keeps its id, and one that it took away goes, with its last content in history', () => {
  const { machine, attach } = start()
  expect(attach(change(0, row('a', 'theirs'), 40)).writes).toMatchObject([{ kind: 'put-config', row: { id: 40 } }])
  const gone = attach(change(1, removal('a', 'md5-theirs')))
  expect(gone.writes).toMatchObject([
    { kind: 'history-copy', nid: 1, id: 40, operation: 'D', sourceUser: 'another program', apart: true },
    { kind: 'drop-config', id: 40 },
  ])
  expect([gone.effects, [...machine.all()]]).toMatchObject([[{ dataId: 'a', md5: '' }], []])
  expect(attach(change(2, removal('a', ''))).writes).toEqual([])
})

it.each([
  ['the row has changed here since it was read, though it is the same again', row('a', 'theirs', 'md5-mine'), 0],
  ['the row is another', row('a', 'theirs', 'md5-other'), 9],
  ['it was made here meanwhile', row('a', 'theirs', ''), 9],
  ['what is gone there has changed here since', removal('a', 'md5-mine'), 0],
  ['what is gone there is another here', removal('a', 'md5-other'), 9],
])('changes nothing when %s', (_, changed, asOf) => {
  const { machine, attach, publish } = start()
  publish(row('a', 'mine'))
  const before = machine.find({ namespace: 'n', group: 'g', dataId: 'a' })
  const { reply, writes, effects } = attach(change(asOf, changed))
  expect([reply, writes, effects]).toEqual([{ kind: 'cas-conflict', currentMd5: 'md5-mine' }, [], []])
  expect(machine.find({ namespace: 'n', group: 'g', dataId: 'a' })).toEqual(before)
})

const whole = fc.nat({ max: 2 ** 31 })
const anyAttach: fc.Arbitrary<AttachCommand> = fc.oneof(
  fc.record({ kind: fc.constant('raise-ids' as const), configId: whole, historyId: whole }),
  fc.record({
    kind: fc.constant('adopt-config' as const),
    id: whole,
    createdMs: whole,
    modifiedMs: whole,
    row: fc.string().map((text) => row(text, text)),
  }),
  fc.record({
    kind: fc.constant('adopt-change' as const),
    asOf: whole,
    id: whole,
    createdMs: whole,
    modifiedMs: whole,
    row: fc.oneof(
      fc.string().map((text) => row(text, text)),
      fc.string().map((text) => removal(text, text)),
    ),
  }),
)

it('the codec gives back every command, which no reader takes for one of a client', () => {
  fc.assert(
    fc.property(anyAttach, (command) => {
      const bytes = encodeAttach(command)
      expect(decodeAttach(bytes)).toEqual(command)
      expect([isAttach(bytes), changesConfigs(bytes)]).toEqual([true, false])
    }),
  )
})

it('bytes that are cut or changed never throw, and half of a command is none', () => {
  fc.assert(
    fc.property(anyAttach, fc.double({ min: 0, max: 0.999 }), (command, share) => {
      const bytes = encodeAttach(command)
      expect(decodeAttach(bytes.subarray(0, Math.floor(bytes.length * share)))).toBeNull()
    }),
  )
  for (const kind of [4, 8]) fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeAttach(Uint8Array.of(1, kind, ...bytes))))
  expect(decodeAttach(encodeAttach({ kind: 'raise-ids', configId: 1.5, historyId: 1 }))).toBeNull()
})
