/** Records of instances as bytes: what stood in stores before an instance could be named by its publisher is read as it was, and written as it was. */

import { expect, it } from 'vitest'
import { instance } from './naming-commands.testing.ts'
import { addressText, beatOwner, instanceOf, instanceRecordKey, instanceValue, serviceText, shownRow } from './naming-records.ts'

const service = { namespace: 'public', group: 'G', name: 's' }
const { weight, enabled, metadata, ...place } = instance(80)
const plain = shownRow({ ...place, owner: beatOwner, index: 7, registeredMs: 9, override: null, published: { weight, enabled, metadata } })
const key = instanceRecordKey(serviceText(service), addressText(plain))
const said = { weight: 5, enabled: null, metadata: {}, hidden: [] }
/** Behind the version. */
const flagsOf = (value: Uint8Array): number => value[1] ?? 0

it('an id that was given comes back, with what an operator said or without', () => {
  const named = { ...plain, instanceId: 'own' }
  expect(instanceOf(key, instanceValue(named))).toEqual({ service, row: named })
  const patched = shownRow({ ...named, override: said })
  expect(instanceOf(key, instanceValue(patched))).toEqual({ service, row: patched })
})

it('a record without one is what it always was', () => {
  const value = instanceValue(plain)
  expect([flagsOf(value), flagsOf(instanceValue({ ...plain, instanceId: 'x' }))]).toEqual([0b01011, 0b101011])
  expect(instanceValue({ ...plain, instanceId: 'x' }).length).toBe(value.length + 2)
  const { row } = instanceOf(key, value) ?? {}
  expect(row).toEqual(plain)
  expect(row).not.toHaveProperty('instanceId')
})

it('flags that no version of ours wrote, and an id that is cut off, are no instance', () => {
  const value = instanceValue({ ...plain, instanceId: 'own' })
  for (const flags of [0b11011, 0b1001011, 0b10001011]) expect(instanceOf(key, value.with(1, flags))).toBeNull()
  expect(instanceOf(key, value.subarray(0, -1))).toBeNull()
})
