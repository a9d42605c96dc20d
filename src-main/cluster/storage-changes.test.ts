/** Another storage: looked at first, written down, then the nodes start with it; and nothing of that for a database that is not fit. */

import { expect, it } from 'vitest'
import type { MysqlTestAnswer } from '../../src-node/observe/channel.ts'
import type { StorageChoice } from '../contract/storage.ts'
import { createStorageChanges } from './storage-changes.ts'
import type { StorageSetting } from './storage-setting.ts'

const mysql: StorageChoice = { kind: 'mysql', url: 'mysql://u@h/d', password: null, keepPassword: true, adopt: false }
const step = (outcome: 'passed' | 'failed', code = 'ok') => ({ step: 'tables', outcome, code, next: 'none', parameters: {}, tookMs: 1 }) as const
const tested = (...codes: (string | null)[]): MysqlTestAnswer => ({
  kind: 'tested',
  addresses: codes.map((code, at) => ({ address: `h${at}:1`, steps: [code === null ? step('passed') : step('failed', code)] })),
})

const setUp = ({ answer = tested(null), isDown = false, failsToWrite = false, isMoving = false } = {}) => {
  const done: string[] = []
  const storage: StorageSetting = {
    shown: () => ({ kind: 'sqlite', origin: 'chosen', commandLine: false }),
    mysql: () => undefined,
    passwordFor: (url) => (url === 'mysql://u@h/d' ? 'known' : null),
    choose: ({ kind }) => {
      if (failsToWrite) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      done.push(`chosen ${kind}`)
    },
  }
  const changes = createStorageChanges({
    storage,
    tester: {
      test: async ({ password }) => {
        done.push(`tested with ${password}`)
        return answer
      },
    },
    notes: { forgetRefusal: () => done.push('forgotten') },
    log: () => undefined,
    isDown: () => isDown,
    isMoving: () => isMoving,
    stop: async () => {
      done.push('stopped')
    },
    start: () => {
      done.push('started')
      return { ok: true }
    },
  })
  return { done, changes }
}
const codeOf = (result: Awaited<ReturnType<ReturnType<typeof setUp>['changes']['chooseStorage']>>) => (result.ok ? 'ok' : result.refusal.code)

it('a fit database: tested with the password that is known, written down, and the nodes start again', async () => {
  const { done, changes } = setUp()
  expect(await changes.chooseStorage(mysql)).toEqual({ ok: true })
  expect(done).toEqual(['tested with known', 'chosen mysql', 'forgotten', 'stopped', 'started'])
})

it('a cluster that is down stays down', async () => {
  const { done, changes } = setUp({ isDown: true })
  expect(await changes.chooseStorage({ kind: 'sqlite' })).toEqual({ ok: true })
  expect(done).toEqual(['chosen sqlite', 'forgotten'])
})

it.each([
  [tested('access-denied'), 'storage_unavailable'],
  [tested('foreign'), 'storage_unavailable'],
  [{ kind: 'url-unreadable', problem: 'port', part: 'x' } as const, 'invalid'],
  [{ kind: 'failed', reason: 'another test is under way' } as const, 'storage_unavailable'],
])('nothing changes for a database that is not fit: %j', async (answer, code) => {
  const { done, changes } = setUp({ answer })
  expect(codeOf(await changes.chooseStorage(mysql))).toBe(code)
  expect(done).toEqual(['tested with known'])
})

it('one address that takes writes is enough; what another cluster wrote is no obstacle to who takes it over', async () => {
  expect(codeOf(await setUp({ answer: tested('read-only', null) }).changes.chooseStorage(mysql))).toBe('ok')
  expect(codeOf(await setUp({ answer: tested('foreign') }).changes.chooseStorage({ ...mysql, adopt: true }))).toBe('ok')
})

it('a choice that cannot be written down leaves the nodes alone', async () => {
  const { done, changes } = setUp({ failsToWrite: true })
  expect(codeOf(await changes.chooseStorage({ kind: 'sqlite' }))).toBe('disk_full')
  expect(done).toEqual([])
})

it('one change at a time', async () => {
  const { changes } = setUp()
  const both = await Promise.all([changes.chooseStorage(mysql), changes.chooseStorage({ kind: 'sqlite' })])
  expect(both.map(codeOf)).toEqual(['ok', 'wrong_state'])
})

it('nothing is chosen while all configurations are on their way to another storage', async () => {
  const { done, changes } = setUp({ isMoving: true })
  expect(codeOf(await changes.chooseStorage({ kind: 'sqlite' }))).toBe('wrong_state')
  expect(done).toEqual([])
})
