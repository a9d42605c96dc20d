import { expect, test } from 'vitest'
import type { InstanceView, ServiceInfo } from '../../../naming/naming-port.ts'
import type { PushMembers } from '../connection.ts'
import { createServiceInfoTexts } from './service-info.ts'

const host = (at: number): InstanceView => ({
  ...{ instanceId: `i${at}`, ip: '10.0.0.5', port: at, cluster: 'DEFAULT', weight: 1, healthy: true, enabled: true, ephemeral: true },
  ...{ serviceName: 'DEFAULT_GROUP@@svc', metadata: {}, instanceIdGenerator: 'simple' },
  ...{ heartBeatIntervalMs: 5_000, heartBeatTimeoutMs: 15_000, ipDeleteTimeoutMs: 30_000 },
})
const infoOf = (hosts: number): ServiceInfo => ({
  ...{ namespace: 'public', group: 'DEFAULT_GROUP', name: 'svc', clusters: '', cacheMillis: 10_000, checksum: '', lastRefTime: 7 },
  ...{ hosts: Array.from({ length: hosts }, (_, at) => host(at)), reachProtectionThreshold: false },
})

/** Each look at the clock finds a millisecond gone; turns run when the test says so. */
const scene = () => {
  let nowMs = 0
  const turns: (() => void)[] = []
  const texts = createServiceInfoTexts({ monotonicMs: () => ++nowMs, defer: (task) => void turns.push(task) })
  const turn = () => turns.shift()?.()
  const finish = () => {
    let count = 0
    for (; turns.length > 0; count++) turn()
    return count
  }
  return { texts, turn, finish, turns }
}

test('an ordinary service is written at once', () => {
  const { texts, turns } = scene()
  const read: unknown[] = []
  texts.read(infoOf(500), (text) => read.push(JSON.parse(text ?? '')))
  expect([read, turns]).toMatchObject([[{ hosts: { length: 500 } }], []])
})

test('a large one is written in many turns, once for all who ask, who are told turn by turn', () => {
  const { texts, finish } = scene()
  const info = infoOf(5_000)
  const read: (string | null)[] = []
  for (let asked = 0; asked < 12; asked++) texts.read(info, (text) => read.push(text))
  expect(read).toEqual([])
  expect(finish()).toBeGreaterThan(15)
  expect([read.length, new Set(read).size, JSON.parse(read[0] ?? '').hosts.length]).toEqual([12, 1, 5_000])
  texts.read(info, (text) => read.push(text))
  expect(read).toHaveLength(13)
})

test('what is pushed to many is one piece of memory, whenever each is told', () => {
  const { texts, finish } = scene()
  const pushed: (PushMembers | null)[] = []
  const info = infoOf(1_000)
  for (let lastRefTime = 7; lastRefTime < 10; lastRefTime++) texts.pushMembers({ ...info, lastRefTime }, (members) => pushed.push(members))
  finish()
  const long = pushed.flatMap((members) => (members === null || typeof members === 'string' ? [] : [members]))
  expect([long.length, new Set(long.map(({ sharedEnd }) => sharedEnd)).size]).toEqual([3, 1])
  expect(long.map(({ start, sharedEnd }) => JSON.parse(`{${start}${sharedEnd}`))).toMatchObject(
    [7, 8, 9].map((lastRefTime) => ({ serviceInfo: { name: 'svc', lastRefTime, valid: true, hosts: { length: 1_000 } }, module: 'naming' })),
  )
  texts.pushMembers(infoOf(1), (members) => pushed.push(members))
  expect(JSON.parse(`{${pushed.at(-1)}}`)).toMatchObject({ serviceInfo: { hosts: [{ port: 0 }], lastRefTime: 7 }, module: 'naming' })
})

test('so many large services are written at a time, and no more', () => {
  const { texts } = scene()
  const { hosts, ...rest } = infoOf(501)
  const refused: number[] = []
  for (let at = 0; at < 300; at++)
    texts.pushMembers({ ...rest, hosts: [...hosts] }, (members) => {
      if (members === null) refused.push(at)
    })
  expect([refused[0], refused.length]).toEqual([256, 44])
})
