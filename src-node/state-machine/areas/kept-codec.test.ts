import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AreaRecord } from '../types.ts'
import { createKeptArea } from './kept-area.ts'
import { compareRecords, copiesIn, createPartWriter, headKey, headOf, headValue, partKey, partsPrefix } from './kept-codec.ts'

const record: fc.Arbitrary<AreaRecord> = fc.record({
  area: fc.constantFrom(1, 2, 3, 4, 5, 6, 7),
  key: fc.string({ unit: 'binary', maxLength: 20 }),
  value: fc.uint8Array({ maxLength: 40 }),
})

it('a part gives back what was put into it, and is empty once taken', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), (records) => {
      const part = createPartWriter()
      for (const each of records) part.add(each)
      expect(copiesIn(part.take())).toEqual(records)
      expect([part.bytes(), copiesIn(part.take())]).toEqual([0, []])
    }),
  )
})

it('reads nothing of what is cut short or of another version, and never throws', () => {
  const part = createPartWriter()
  part.add({ area: 1, key: 'k', value: new Uint8Array(9) })
  const whole = part.take()
  expect(copiesIn(whole.subarray(0, whole.length - 1))).toBeNull()
  expect(copiesIn(Uint8Array.of(2, ...whole.subarray(1)))).toBeNull()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => void copiesIn(Uint8Array.of(1, ...bytes))))
})

it('a head says what is kept; anything else is none', () => {
  const head = { index: 12, accounts: true, parts: 3, counts: { 1: 1, 2: 300, 3: 0, 4: 0, 5: 2, 6: 0, 7: 70_000 } }
  const value = headValue(head)
  expect(headOf({ key: headKey(12), value })).toEqual(head)
  expect([
    headOf({ key: partKey(12, 0), value }),
    headOf({ key: headKey(12), value: value.subarray(1) }),
    headOf({ key: headKey(12), value: value.subarray(0, -1) }),
  ]).toEqual([null, null, null])
})

it('keys stand in the order of a store: the head, its parts, the next snapshot', () => {
  const keys = [headKey(9), partKey(9, 0), partKey(9, 10), headKey(10), partKey(10, 0)]
  expect(keys.toSorted()).toEqual(keys)
  expect(keys.filter((key) => key > partsPrefix(9) && key.startsWith(partsPrefix(9)))).toEqual([keys[1], keys[2]])
})

it('compares as bytes of UTF-8 do', () => {
  fc.assert(
    fc.property(record, record, (a, b) => {
      const bytes = a.area === b.area ? Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) : a.area - b.area
      expect(Math.sign(compareRecords(a, b))).toBe(Math.sign(bytes))
    }),
  )
  expect(compareRecords({ area: 1, key: '\uffff' }, { area: 1, key: '\u{10000}' })).toBeLessThan(0)
})

it('the area has no commands, and tells nobody', () => {
  const area = createKeptArea()
  area.load({ area: 8, key: 'no head', value: new Uint8Array(0) })
  const step = { index: 1, timeMs: 1, put: () => {}, drop: () => {}, history: () => {}, tell: () => {} }
  expect([[...area.heads()], area.apply(new Uint8Array(2), step), area.changeOf(8, 'k', 1)]).toEqual([[], { kind: 'invalid-command' }, null])
})
