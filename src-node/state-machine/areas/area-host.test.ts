/** The host, with an area that keeps texts: `set key=value`, `drop key`. */

import { describe, expect, it } from 'vitest'
import { type HashLanes, hashOfRows, stateHashOf } from '../state-hash.ts'
import { emptyMeta } from '../state-machine.ts'
import type { AreaRecord, Effect } from '../types.ts'
import type { Area } from './area.ts'
import { type AreaHost, areaChanges, createAreaHost, isAreaCommand } from './area-host.ts'
import { createUndoMap } from './undo-map.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const command = (kind: number, text: string): Uint8Array => new Uint8Array([1, kind, ...bytesOf(text)])
const changed = (key: string, text: string, index: number): Effect => ({
  ...{ kind: 'service-changed', namespace: text, group: '', name: key, index },
})

const createTexts = () => {
  const texts = createUndoMap<string, string>()
  const area: Area = {
    numbers: [4],
    kinds: [48, 50],
    load: ({ key, value }) => texts.set(key, textOf(value)),
    apply: (payload, step) => {
      const [key = '', text] = textOf(payload.subarray(2)).split('=')
      if (text === undefined) {
        texts.delete(key)
        step.drop(4, key)
      } else {
        texts.set(key, text)
        step.put(4, key, bytesOf(text))
      }
      step.tell(changed(key, text ?? '', step.index))
      return { kind: 'naming-done', index: step.index, updated: [] }
    },
    publish: texts.publish,
    discard: texts.discard,
    changeOf: (_, key, index) => changed(key, texts.get(key) ?? '', index),
  }
  return { area, texts }
}

const start = () => {
  const { area, texts } = createTexts()
  const host = createAreaHost([area])
  const sum: HashLanes = { high: 0, low: 0 }
  let index = 0
  const run = (...commands: readonly string[]) => commands.map((text) => host.apply(command(48, text), { index: ++index, timeMs: index, sum }))
  return { host, texts, sum, run, hash: () => stateHashOf(sum, emptyMeta()) }
}
const record = (key: string, text: string, area: AreaRecord['area'] = 4): AreaRecord => ({ area, key, value: bytesOf(text) })
const hashOf = (...records: readonly AreaRecord[]): string => hashOfRows([], emptyMeta(), [], [], records)

describe('a command of an area', () => {
  it('is known by its kind, and reaches the area that owns the kind', () => {
    expect([command(8, ''), command(16, ''), new Uint8Array()].map(isAreaCommand)).toEqual([false, true, false])
    const { run } = start()
    expect(run('a=1')).toEqual([
      {
        writes: [{ kind: 'put-record', index: 1, area: 4, key: 'a', value: bytesOf('1') }],
        reply: { kind: 'naming-done', index: 1, updated: [] },
        effects: [changed('a', '1', 1)],
      },
    ])
  })

  it('changes nothing when no area owns its kind', () => {
    const { host, sum } = start()
    expect(host.apply(command(51, 'a=1'), { index: 1, timeMs: 1, sum })).toEqual({ writes: [], reply: { kind: 'invalid-command' }, effects: [] })
  })

  it('drops in the store only what is there', () => {
    const { run } = start()
    const writes = run('a', 'a=1', 'a').map((result) => result.writes.map(({ kind }) => kind))
    expect(writes).toEqual([[], ['put-record'], ['drop-record']])
  })
})

describe("the state's hash", () => {
  it('is that of the records, by whichever way they came', () => {
    const { run, hash } = start()
    run('a=1', 'b=22', 'a=333', 'c=4', 'b')
    expect(hash()).toBe(hashOf(record('c', '4'), record('a', '333')))
  })

  it('tells areas, keys and values apart, to their last byte', () => {
    const kinds = [record('a', '1'), record('b', '1'), record('a', '12345'), record('a', '12346'), record('a', '1', 5), record('a', '')]
    expect(new Set(kinds.map((each) => hashOf(each))).size).toBe(kinds.length)
  })

  it('goes back with a batch that the store could not take', () => {
    const { host, run, sum, hash, texts } = start()
    run('a=1', 'b=2')
    host.publish()
    const before = { ...sum }
    run('a=3', 'b', 'c=4')
    host.discard()
    Object.assign(sum, before)
    expect(Object.fromEntries(texts.entries())).toEqual({ a: '1', b: '2' })
    run('a', 'b')
    expect(hash()).toBe(hashOf())
  })
})

describe('records of a store', () => {
  it('are the memory of their area, and stay what they are when nobody knows the area', () => {
    const { host, sum, texts, hash } = start()
    host.load(record('a', '1'), sum)
    host.load(record('x', '2', 3), sum)
    expect(Object.fromEntries(texts.entries())).toEqual({ a: '1' })
    expect(hash()).toBe(hashOf(record('a', '1'), record('x', '2', 3)))
    expect(host.changeOf(3, 'x', 1)).toBeNull()
  })
})

describe('another host in its place', () => {
  const hostWith = (...records: readonly AreaRecord[]): AreaHost => {
    const { host, sum } = start()
    for (const each of records) host.load(each, sum)
    return host
  }
  const told = (changes: Iterable<Effect | null>): readonly string[] =>
    [...changes].flatMap((effect) => (effect?.kind === 'service-changed' ? [`${effect.name}=${effect.namespace} at ${effect.index}`] : []))

  it('tells what is another, what is gone and what is new, and nothing of what stayed', () => {
    const before = hostWith(record('same', '1'), record('other', '1'), record('gone', '1'))
    const after = hostWith(record('same', '1'), record('other', '2'), record('new', '3'))
    expect(told(areaChanges(before, after, () => [after, 9]))).toEqual(['other=2 at 9', 'gone= at 9', 'new=3 at 9'])
  })

  it('tells it of areas that only one of them has records of', () => {
    const [empty, full] = [hostWith(), hostWith(record('a', '1'))]
    expect(told(areaChanges(empty, full, () => [full, 9]))).toEqual(['a=1 at 9'])
    expect(told(areaChanges(full, empty, () => [empty, 9]))).toEqual(['a= at 9'])
  })
})
