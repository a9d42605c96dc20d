import { expect, test } from 'vitest'
import type { ConfigKey } from '../state-machine/types.ts'
import { createPollTable, type PolledKey } from './poll-table.ts'

const key = (dataId: string): ConfigKey => ({ namespace: '', group: 'G', dataId })
const listened = (dataId: string, md5 = 'old'): PolledKey => ({ key: key(dataId), tenant: '', md5 })
const change = (dataId: string, md5 = 'new') => ({ key: key(dataId), md5For: () => md5 })

const setUp = (limits: { pollsMax?: number; keysMax?: number } = {}) => {
  const timers: { task: () => void; on: boolean }[] = []
  const deferred: (() => void)[] = []
  const answers: (string | null)[] = []
  const table = createPollTable({
    pollsMax: 1000,
    keysMax: 10_000,
    ...limits,
    after: (_ms, task) => {
      const timer = { task, on: true }
      timers.push(timer)
      return {
        cancel: () => {
          timer.on = false
        },
      }
    },
    defer: (task) => void deferred.push(task),
  })
  const poll = (...keys: PolledKey[]) => pollFrom('10.0.0.1', ...keys)
  const pollFrom = (ip: string, ...keys: PolledKey[]) =>
    table.register({
      client: { ip, tag: '' },
      keys,
      timeoutMs: 29_500,
      answer: (changed) => void answers.push(changed === null ? null : changed.key.dataId),
    })
  const expire = () => timers.filter((timer) => timer.on).forEach((timer) => void timer.task())
  const runDeferred = () => deferred.splice(0).forEach((task) => void task())
  return { table, poll, pollFrom, answers, expire, runDeferred }
}

test('a change answers the polls of its key, once', () => {
  const { table, poll, answers } = setUp()
  poll(listened('a'), listened('b'))
  poll(listened('c'))
  table.onChanged(change('b'))
  table.onChanged(change('a'))
  expect(answers).toEqual(['b'])
  expect(table.size()).toBe(1)
})

test('a change to what the client already has answers nothing', () => {
  const { table, poll, answers } = setUp()
  poll(listened('a', 'same'))
  table.onChanged(change('a', 'same'))
  expect(answers).toEqual([])
})

test('the end of its time answers a poll with nothing, and only once', () => {
  const { table, poll, answers, expire } = setUp()
  poll(listened('a'))
  expire()
  table.onChanged(change('a'))
  expect(answers).toEqual([null])
})

test('a poll whose client has gone is forgotten', () => {
  const { table, poll, answers, expire } = setUp()
  poll(listened('a'))?.()
  table.onChanged(change('a'))
  expire()
  expect(answers).toEqual([])
  expect(table.size()).toBe(0)
})

test('many polls of one key are answered in slices', () => {
  const { table, poll, answers, runDeferred } = setUp()
  for (let count = 0; count < 600; count++) poll(listened('a'))
  table.onChanged(change('a'))
  expect(answers.length).toBe(256)
  runDeferred()
  expect(answers.length).toBe(512)
  runDeferred()
  expect(answers.length).toBe(600)
})

test('polls and keys have a limit, and room comes back', () => {
  const { table, poll } = setUp({ pollsMax: 2, keysMax: 3 })
  expect(poll(listened('a'), listened('b'))).not.toBeNull()
  expect(poll(listened('a'), listened('b'))).toBeNull()
  expect(poll(listened('c'))).not.toBeNull()
  expect(poll(listened('d'))).toBeNull()
  table.onChanged(change('a'))
  expect(poll(listened('d'))).not.toBeNull()
})

test('a stop answers everyone', () => {
  const { table, poll, answers } = setUp()
  poll(listened('a'))
  poll(listened('b'))
  table.closeAll()
  expect(answers).toEqual([null, null])
})

test('who listens to a configuration, and what a client listens to, is what hangs now', () => {
  const { table, pollFrom } = setUp()
  pollFrom('10.0.0.1', listened('a', 'one'), listened('b', 'two'))
  const leave = pollFrom('10.0.0.2', listened('a', 'other'))
  expect([...table.ofKey(key('a'))]).toEqual([
    { ip: '10.0.0.1', md5: 'one' },
    { ip: '10.0.0.2', md5: 'other' },
  ])
  expect([...table.ofKey(key('c'))]).toEqual([])
  expect([...table.ofIp('10.0.0.1')].map(({ key: { dataId }, md5 }) => [dataId, md5])).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ])
  leave?.()
  expect([...table.ofIp('10.0.0.2')]).toEqual([])
  table.onChanged(change('a'))
  expect([...table.ofKey(key('b'))]).toEqual([])
})

test('a change for one client answers its poll alone', () => {
  const { table, pollFrom, answers } = setUp()
  pollFrom('10.0.0.1', listened('a'))
  pollFrom('10.0.0.2', listened('a'))
  table.onChanged({ key: key('a'), md5For: ({ ip }) => (ip === '10.0.0.2' ? 'gray' : 'old') })
  expect(answers).toEqual(['a'])
  expect([...table.ofKey(key('a'))].map(({ ip }) => ip)).toEqual(['10.0.0.1'])
})
