/** Gray versions, through the whole machine: what is kept, what listeners hear, what history says. */

import { describe, expect, it } from 'vitest'
import { createStateMachine, emptyMeta } from '../state-machine.ts'
import type { AreaRecord, Effect, Reply, RowWrite, StateMachine } from '../types.ts'
import { createAreaHost } from './area-host.ts'
import { createGrayArea } from './gray-area.ts'
import { betaIpsOf, chosenGray, grayRuleJson } from './gray-choice.ts'
import { decodeGray, encodeGray, grayArea, grayRecordKey, readGrayRecord } from './gray-codec.ts'
import { type GrayCommand, grayVersionsMax, type PublishGray } from './gray-words.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const key = { namespace: 'dev', group: 'g', dataId: 'd' }
const origin = { sourceIp: '10.0.0.9', sourceUser: 'me' }
const beta = (content: string, over: Partial<PublishGray> = {}): PublishGray => ({
  ...{ kind: 'publish-gray', ...key, grayName: 'beta', rule: { type: 'beta', expr: '10.0.0.1, 10.0.0.2,' }, content: bytesOf(content) },
  ...{ md5: `md5-${content}`, expectedMd5: null, type: 'yaml', appName: 'shop', encryptedDataKey: 'k', ...origin, ...over },
})
const tagged = (tag: string, content = tag): PublishGray => beta(content, { grayName: `tag_${tag}`, rule: { type: 'tag', expr: tag } })
const removal = (grayName: string): GrayCommand => ({ kind: 'remove-gray', ...key, grayName, ...origin })

interface Applied {
  readonly reply: Reply
  readonly writes: readonly RowWrite[]
  readonly effects: readonly Effect[]
}

const start = () => {
  const machine = createStateMachine([], emptyMeta())
  const records = new Map<string, AreaRecord>()
  const keep = (writes: readonly RowWrite[]): void => {
    for (const write of writes) {
      if (write.kind === 'put-record') records.set(write.key, { area: write.area, key: write.key, value: write.value })
      else if (write.kind === 'drop-record') records.delete(write.key)
    }
  }
  /** In one batch. */
  const run = (...commands: readonly GrayCommand[]): readonly Applied[] => {
    machine.begin()
    const results = commands.map((command) => {
      const index = machine.pendingMeta().appliedIndex + 1
      return machine.apply({ index, term: 1, stampMs: index * 1_000, payload: encodeGray(command) })
    })
    machine.publish()
    for (const { writes } of results) keep(writes)
    return results
  }
  const one = (command: GrayCommand): Applied => run(command)[0] as Applied
  const versions = () => machine.areas().gray.of(key)
  return { machine, records, run, one, versions }
}
const kinds = (writes: readonly RowWrite[]): readonly string[] => writes.map((write) => write.kind)

describe('a version', () => {
  it('is kept without its content, and listeners of its configuration hear of it', () => {
    const { one, versions, records } = start()
    const { reply, effects, writes } = one(beta('a: 1'))
    expect(reply).toEqual({ kind: 'gray-done', index: 1, existed: false })
    expect(effects).toEqual([{ kind: 'gray-changed', ...key, index: 1 }])
    expect(kinds(writes)).toEqual(['history-besides', 'put-record'])
    const row = {
      ...{ ...key, grayName: 'beta', rule: { type: 'beta', expr: '10.0.0.1, 10.0.0.2,' }, id: 1, md5: 'md5-a: 1', type: 'yaml', appName: 'shop' },
      ...{ encryptedDataKey: 'k', ...origin, createdMs: 1_000, modifiedMs: 1_000, index: 1, contentBytes: 4 },
    }
    expect(versions()).toEqual([row])
    const record = readGrayRecord([...records.values()][0] as AreaRecord)
    expect(record).toEqual({ row, content: bytesOf('a: 1') })
  })

  it('is replaced under its name, and keeps the number and the time it was made with', () => {
    const { one, versions } = start()
    one(beta('old'))
    expect(one(beta('new')).reply).toEqual({ kind: 'gray-done', index: 2, existed: true })
    expect(versions()).toMatchObject([{ id: 1, md5: 'md5-new', createdMs: 1_000, modifiedMs: 2_000, index: 2 }])
  })

  it('goes, and one that is not there is no mistake', () => {
    const { one, versions, records } = start()
    one(beta('x'))
    one(tagged('blue'))
    const gone = one(removal('beta'))
    expect([gone.reply, kinds(gone.writes)]).toEqual([{ kind: 'gray-done', index: 3, existed: true }, ['history-besides', 'drop-record']])
    expect(versions().map(({ grayName }) => grayName)).toEqual(['tag_blue'])
    const nothing = one(removal('beta'))
    expect(nothing).toEqual({ reply: { kind: 'gray-done', index: 4, existed: false }, writes: [], effects: [] })
    one(removal('tag_blue'))
    expect([versions(), records.size]).toEqual([[], 0])
  })

  it('is written only over the md5 that was expected', () => {
    const { one } = start()
    expect(one(beta('x', { expectedMd5: 'other' })).reply).toEqual({ kind: 'cas-conflict', currentMd5: '' })
    expect(one(beta('x', { expectedMd5: '' })).reply).toMatchObject({ kind: 'gray-done' })
    expect(one(beta('y', { expectedMd5: 'md5-x' })).reply).toMatchObject({ kind: 'gray-done', existed: true })
  })

  it('is one of ten at most', () => {
    const { one, run, versions } = start()
    run(...Array.from({ length: grayVersionsMax }, (_, at) => tagged(`t${at}`)))
    expect(one(beta('x')).reply).toEqual({ kind: 'gray-too-many', versionsMax: grayVersionsMax })
    expect(one(tagged('t0', 'again')).reply).toMatchObject({ kind: 'gray-done' })
    expect(versions()).toHaveLength(grayVersionsMax)
  })
})

describe('history', () => {
  const historyOf = (applied: Applied) => applied.writes.find((write) => write.kind === 'history-besides')

  it('has the new content of an insert, and otherwise points to the old one', () => {
    const { one, versions } = start()
    expect(historyOf(one(beta('first')))).toEqual({
      ...{ kind: 'history-besides', nid: 1, atMs: 1_000, index: 1, ...key, operation: 'I', md5: 'md5-first', appName: 'shop' },
      ...{ encryptedDataKey: 'k', ...origin, content: bytesOf('first') },
      extInfo:
        '{"gray_name":"beta","src_user":"me","gray_rule":"{\\"type\\":\\"beta\\",\\"expr\\":\\"10.0.0.1, 10.0.0.2,\\",\\"version\\":\\"1.0.0\\",\\"priority\\":\\"2147483647\\"}"}',
    })
    const recordKey = grayRecordKey({ ...key, grayName: 'beta' })
    expect(historyOf(one(beta('second', { sourceUser: '' })))).toMatchObject({
      ...{ nid: 2, operation: 'U', md5: 'md5-first', sourceUser: '', content: { area: grayArea, key: recordKey, bytes: 5 } },
    })
    expect(versions()[0]?.sourceUser).toBe('')
    expect(historyOf(one(removal('beta')))).toMatchObject({ nid: 3, operation: 'D', md5: 'md5-second', sourceUser: 'me', content: { bytes: 6 } })
  })

  it('takes numbers that no configuration has', () => {
    const { machine, one } = start()
    one(beta('x'))
    expect(machine.meta().nextHistoryId).toBe(2)
  })

  it('cannot be written where nobody numbers it', () => {
    const host = createAreaHost([createGrayArea()])
    expect(() => host.apply(encodeGray(beta('x')), { index: 1, timeMs: 1, sum: { high: 0, low: 0 } })).toThrow('there is none')
  })
})

describe('which version a client gets', () => {
  const { run, versions } = start()
  run(tagged('blue'), beta('x'), tagged('green'))
  it.each([
    ['an address of the list', { ip: '10.0.0.2', tag: '' }, 'beta'],
    ['an address before a tag', { ip: '10.0.0.1', tag: 'blue' }, 'beta'],
    ['a tag', { ip: '10.0.0.7', tag: 'green' }, 'tag_green'],
    ['neither', { ip: '10.0.0.7', tag: '' }, undefined],
    ['a tag that nobody published', { ip: '10.0.0.7', tag: 'red' }, undefined],
    ['a part of an address', { ip: '10.0.0', tag: '' }, undefined],
  ])('by %s', (_what, client, grayName) => {
    expect(chosenGray(versions(), client)?.grayName).toBe(grayName)
  })

  it('stands in their order, and reads as Nacos writes it', () => {
    expect(versions().map(({ grayName }) => grayName)).toEqual(['beta', 'tag_blue', 'tag_green'])
    expect(betaIpsOf(' , ')).toEqual([])
    expect(grayRuleJson({ type: 'tag', expr: 'blue' })).toBe('{"type":"tag","version":"1.0.0","expr":"blue","priority":2147483646}')
  })
})

describe('the memory', () => {
  const from = (records: Iterable<AreaRecord>, of: StateMachine): StateMachine => createStateMachine([], of.meta(), { records })

  it('is the same after a start, from the records alone', () => {
    const { machine, records, run, versions } = start()
    run(tagged('blue'), beta('x'), tagged('green'))
    const again = from([...records.values()].toReversed(), machine)
    expect(again.meta()).toEqual(machine.meta())
    expect(again.areas().gray.of(key)).toEqual(versions())
    expect(['dev', ''].map(again.areas().gray.hasVersionsIn)).toEqual([true, false])
    expect([again.areas().gray.versions(), again.areas().gray.of({ ...key, dataId: 'other' })]).toEqual([3, []])
  })

  it('goes back with a batch that the store could not take', () => {
    const { machine, one, versions } = start()
    one(beta('kept'))
    const before = versions()
    machine.begin()
    machine.apply({ index: 2, term: 1, stampMs: 2_000, payload: encodeGray(removal('beta')) })
    machine.discard()
    expect(versions()).toEqual(before)
  })

  it('tells whose listeners must hear when a snapshot takes its place', () => {
    const area = createGrayArea()
    expect(area.changeOf(grayArea, grayRecordKey({ ...key, grayName: 'beta' }), 7)).toEqual({ kind: 'gray-changed', ...key, index: 7 })
    expect(area.changeOf(grayArea, 'no such key', 7)).toBeNull()
  })

  it('leaves out a record that no version of ours wrote', () => {
    const area = createGrayArea()
    const recordKey = grayRecordKey({ ...key, grayName: 'beta' })
    for (const record of [
      { area: grayArea, key: recordKey, value: new Uint8Array([1, 9, 9]) },
      { area: grayArea, key: recordKey, value: new Uint8Array() },
      { area: grayArea, key: 'no such key', value: new Uint8Array([1, 0, 0]) },
    ] as const)
      area.load(record)
    expect(area.versions()).toBe(0)
  })
})

describe('commands as bytes', () => {
  it.each([
    ['a publish', beta('中文 content')],
    ['one with a demand', beta('x', { expectedMd5: '' })],
    ['another demand', beta('x', { expectedMd5: 'ä' })],
    ['a removal', removal('tag_a')],
  ])('come back: %s', (_what, command) => {
    expect(decodeGray(encodeGray(command))).toEqual(command)
  })

  it('mean nothing when they are cut, of another version, or of another kind', () => {
    const whole = encodeGray(beta('x'))
    const { machine } = start()
    const cut = encodeGray(removal('beta')).slice(0, 8)
    const more = new Uint8Array([...encodeGray(removal('beta')), 0])
    for (const payload of [whole.slice(0, 20), whole.with(0, 2), whole.with(1, 39), cut, more]) {
      expect(decodeGray(payload)).toBeNull()
      machine.begin()
      const { reply } = machine.apply({ index: 1, term: 1, stampMs: 1, payload })
      machine.discard()
      expect(reply).toEqual({ kind: 'invalid-command' })
    }
  })
})
