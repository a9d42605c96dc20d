/** Another state takes the place of the machine's, as after a snapshot. */

import { describe, expect, it } from 'vitest'
import { encodeCommand } from './command-codec.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type { Effect, StateMachine } from './types.ts'

const key = (dataId: string) => ({ namespace: '', group: 'g', dataId })
/** Publishes `dataId=content`, one batch each. */
const machineWith = (...configs: readonly `${string}=${string}`[]): StateMachine => {
  const machine = createStateMachine([], emptyMeta())
  for (const each of configs) publish(machine, each)
  return machine
}
const publish = (machine: StateMachine, config: `${string}=${string}`): void => {
  const [dataId = '', content = ''] = config.split('=')
  const command = { kind: 'publish-config', ...key(dataId), content: new TextEncoder().encode(content), md5: content, type: 'text' } as const
  const origin = { expectedMd5: null, appName: '', description: '', tags: null, sourceIp: '', sourceUser: '', encryptedDataKey: '' }
  const index = machine.meta().appliedIndex + 1
  machine.begin()
  machine.apply({ index, term: 1, stampMs: index, payload: encodeCommand({ ...command, ...origin }) })
  machine.publish()
}
/** `machine` becomes what `other` is. */
const takeOver = (machine: StateMachine, other: StateMachine): Iterator<Effect | null> => {
  const load = machine.load()
  for (const row of other.all()) load.add(row)
  for (const row of other.requests()) load.addRequest(row)
  expect(load.stateHash(other.meta())).toBe(other.meta().stateHash)
  return load.takeOver(other.meta())
}
const told = (changes: Iterator<Effect | null>): readonly string[] => {
  const effects: string[] = []
  for (let step = changes.next(); !step.done; step = changes.next())
    if (step.value?.kind === 'config-changed') effects.push(`${step.value.dataId}=${step.value.md5}`)
  return effects
}

describe('a state that takes over', () => {
  it('is what the machine is from then on', () => {
    const machine = machineWith('gone=1')
    const other = machineWith('a=1', 'b=2')
    takeOver(machine, other)
    expect([...machine.all()].map(({ dataId }) => dataId)).toEqual(['a', 'b'])
    expect(machine.find(key('gone'))).toBeUndefined()
    expect(machine.meta()).toEqual(other.meta())
  })

  it('tells what is another, what is new and what is gone, and nothing of what stayed', () => {
    const changes = takeOver(machineWith('same=1', 'other=1', 'gone=1'), machineWith('same=1', 'other=2', 'new=3'))
    expect(told(changes)).toEqual(['other=2', 'gone=', 'new=3'])
  })

  it('tells rows as they are when it comes to them, not as they were', () => {
    const machine = machineWith('other=1', 'z=1')
    const changes = takeOver(machine, machineWith('other=2', 'z=2', 'new=3'))
    changes.next()
    publish(machine, 'z=4')
    publish(machine, 'new=5')
    expect(told(changes)).toEqual(['z=4', 'new=5'])
  })

  it('brings the records of areas with it, and forgets those of before', () => {
    const record = { area: 3, key: 'k', value: new Uint8Array([1]) } as const
    const counted = createStateMachine([], emptyMeta(), { records: [record] })
    const machine = createStateMachine([], emptyMeta(), { records: [{ ...record, key: 'other' }] })
    expect(machine.meta().stateHash).not.toBe(counted.meta().stateHash)
    const load = machine.load()
    load.addRecord(record)
    expect(told(load.takeOver(emptyMeta()))).toEqual([])
    expect(machine.meta()).toEqual(counted.meta())
  })

  it('does not come in the middle of a batch', () => {
    const machine = machineWith('a=1')
    machine.begin()
    expect(() => takeOver(machine, machineWith('b=2'))).toThrow(/a batch is running/)
  })

  it('is gone through from its begin by who was in the middle of the old one', () => {
    const machine = machineWith('a=1', 'b=1', 'c=1')
    const rows = machine.all()
    expect(rows.next().value?.dataId).toBe('a')
    takeOver(machine, machineWith('x=1', 'y=1'))
    expect([...rows].map(({ dataId }) => dataId)).toEqual(['x', 'y'])
  })
})
