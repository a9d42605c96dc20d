import { describe, expect, it } from 'vitest'
import type { AreaRecord } from '../types.ts'
import { createAreaHost } from './area-host.ts'
import { createCapacityArea, decodeCapacity, encodeCapacity } from './capacity-area.ts'
import type { PutCapacity } from './capacity-words.ts'

const start = (rowsMax?: number) => {
  const area = createCapacityArea(rowsMax)
  const host = createAreaHost([area])
  const records: AreaRecord[] = []
  let index = 0
  const put = (name: string, limits: PutCapacity['limits'], scope: PutCapacity['scope'] = 'group') => {
    const at = { index: ++index, timeMs: index * 1_000, sum: { high: 0, low: 0 } }
    const { reply, writes } = host.apply(encodeCapacity({ kind: 'put-capacity', scope, name, limits }), at)
    for (const write of writes) if (write.kind === 'put-record') records.push({ area: write.area, key: write.key, value: write.value })
    return reply
  }
  return { area, host, put, records }
}

describe('a capacity', () => {
  it('has what was given, and the default of the rest', () => {
    const { area, put } = start()
    expect(put('G', { quota: 50, maxSize: 0 })).toEqual({ kind: 'capacity-done', index: 1 })
    expect(area.find('group', 'G')).toEqual({
      ...{ scope: 'group', name: 'G', id: 1, createdMs: 1_000, modifiedMs: 1_000, quota: 50, maxSize: 0, maxAggrCount: 0, maxAggrSize: 0 },
    })
    expect(area.find('tenant', 'G')).toBeUndefined()
  })

  it('keeps what a later word does not give', () => {
    const { area, put } = start()
    put('dev', { quota: 50, maxAggrSize: 7 }, 'tenant')
    put('dev', { maxSize: 9 }, 'tenant')
    expect(area.find('tenant', 'dev')).toMatchObject({ id: 1, createdMs: 1_000, modifiedMs: 2_000, quota: 50, maxSize: 9, maxAggrSize: 7 })
  })

  it('comes back from its record, and goes with a batch that the store could not take', () => {
    const { put, records, host, area } = start()
    put('G', { quota: 50 })
    host.publish()
    put('G', { quota: 60 })
    host.discard()
    expect(area.find('group', 'G')?.quota).toBe(50)
    const again = createCapacityArea()
    for (const record of records) again.load(record)
    expect(again.find('group', 'G')).toMatchObject({ quota: 60, id: 1, modifiedMs: 2_000 })
    expect(again.changeOf(7, 'group:G', 1)).toBeNull()
  })

  it('is none where a record, or a command, says nothing that is known', () => {
    const { area, host } = start()
    area.load({ area: 7, key: 'group:G', value: new Uint8Array([9]) })
    expect(area.find('group', 'G')).toBeUndefined()
    const sound = encodeCapacity({ kind: 'put-capacity', scope: 'group', name: 'G', limits: {} })
    expect(decodeCapacity(sound)).toEqual({ kind: 'put-capacity', scope: 'group', name: 'G', limits: {} })
    for (const bytes of [sound.slice(0, 5), encodeCapacity({ kind: 'put-capacity', scope: 'group', name: 'G', limits: { quota: -1 } })]) {
      expect(decodeCapacity(bytes)).toBeNull()
      expect(host.apply(bytes, { index: 1, timeMs: 1, sum: { high: 0, low: 0 } }).reply).toEqual({ kind: 'invalid-command' })
    }
  })

  it('is one of so many at most', () => {
    const { put } = start(2)
    for (const name of ['g0', 'g1']) put(name, { quota: 1 })
    expect(put('one more', { quota: 1 })).toEqual({ kind: 'capacity-too-many', rowsMax: 2 })
    expect(put('g0', { quota: 2 })).toMatchObject({ kind: 'capacity-done' })
  })
})
