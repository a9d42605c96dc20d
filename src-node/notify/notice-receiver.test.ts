/** The follower's side: nothing is looked at before it is applied, nothing waits without end, and looking costs little. */

import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ConfigKey } from '../state-machine/types.ts'
import { createFakeClock } from './fake-clock.testing.ts'
import type { Notice } from './notice.ts'
import { createNoticeReceiver, type FileDifferences, type NoticeTaken } from './notice-receiver.ts'
import { notifyDefaults } from './notify-options.ts'

const { appliedWaitMs, waitingMax, lookPauseMs, lookFilesMax, lookKeysMax } = notifyDefaults
const key = (dataId: string, index = 1) => ({ namespace: '', group: 'G', dataId, index })
const notice = (index: number, ...names: string[]): Notice => ({ index, keys: names.map((name) => key(name, index)) })
const found = (different: number): FileDifferences => ({ missing: { count: 0 }, different: { count: different }, extra: { count: 0 } })

const setUp = () => {
  const { clock, advance, timers } = createFakeClock()
  const looked: string[][] = []
  const results: NoticeTaken[] = []
  const failures: string[] = []
  const dumps: ((differences: FileDifferences) => void)[] = []
  let applied = 10
  let fails = false
  const receiver = createNoticeReceiver({
    options: notifyDefaults,
    files: {
      rewrite: async (keys: readonly ConfigKey[]) => {
        looked.push(keys.map(({ dataId }) => dataId))
        if (fails) throw new Error('no room')
        return found(keys.filter(({ dataId }) => dataId.startsWith('edited')).length)
      },
      fullDump: () => new Promise((resolve) => void dumps.push(resolve)),
    },
    appliedIndex: () => applied,
    after: clock.after,
    failed: (what, cause) => void failures.push(`${what}: ${cause}`),
  })
  return {
    ...{ receiver, advance, timers, looked, results, failures, dumps },
    take: (given: Notice) => receiver.take(given, (result) => void results.push(result)),
    applyUpTo: (index: number) => {
      applied = index
      receiver.applied()
    },
    breakFiles: (broken: boolean) => {
      fails = broken
    },
    /** The pause before the next look is over, and the look too. */
    nextLook: async () => {
      advance(lookPauseMs)
      await setImmediate()
    },
  }
}

test('a notice of what is applied is answered at once, and its files are looked at soon after', async () => {
  const { take, looked, results, nextLook, receiver } = setUp()
  take(notice(10, 'a', 'edited-b'))
  expect([results, looked]).toEqual([[{ kind: 'taken', appliedIndex: 10 }], []])
  await nextLook()
  expect(looked).toEqual([['a', 'edited-b']])
  expect(receiver.view()).toMatchObject({ notices: 1, keys: 2, looked: 2, different: 1, waitingFiles: 0 })
})

test('a notice of an index that is not applied yet waits for it, and for nothing less', async () => {
  const { take, looked, results, applyUpTo, nextLook, timers } = setUp()
  take(notice(12, 'a'))
  applyUpTo(11)
  await nextLook()
  expect([looked, results]).toEqual([[], []])
  applyUpTo(12)
  expect(results).toEqual([{ kind: 'taken', appliedIndex: 12 }])
  await nextLook()
  expect(looked).toEqual([['a']])
  expect(timers()).toBe(0)
})

test('it waits two seconds and no longer, and looks at no file then', async () => {
  const { take, looked, results, advance, nextLook, receiver } = setUp()
  take(notice(12, 'a'))
  advance(appliedWaitMs - 1)
  expect(results).toEqual([])
  advance(1)
  await nextLook()
  expect([looked, results]).toEqual([[], [{ kind: 'behind', appliedIndex: 10 }]])
  expect(receiver.view()).toMatchObject({ notices: 0, putOff: 1 })
})

test('more notices than may wait are put off at once', () => {
  const { take, results } = setUp()
  for (let at = 0; at <= waitingMax; at++) take(notice(12, 'a'))
  expect(results).toEqual([{ kind: 'overloaded' }])
})

test('a flood of notices has a bounded number of files looked at, each key once', async () => {
  const { take, looked, nextLook, receiver } = setUp()
  const keys = lookFilesMax + 44
  for (let at = 0; at < 500; at++) take(notice(10, ...Array.from({ length: 10 }, (_, n) => `key-${(at * 10 + n) % keys}`)))
  expect(receiver.view().waitingFiles).toBe(keys)
  await nextLook()
  expect(looked.map(({ length }) => length)).toEqual([lookFilesMax])
  await nextLook()
  await nextLook()
  expect(looked.map(({ length }) => length)).toEqual([lookFilesMax, 44])
  expect(new Set(looked.flat()).size).toBe(keys)
})

test('names beyond what may wait are left to the periodic dump, and counted', () => {
  const { take, receiver } = setUp()
  for (let at = 0; at < lookKeysMax + 100; at += 100) take(notice(10, ...Array.from({ length: 100 }, (_, n) => `key-${at + n}`)))
  expect(receiver.view().waitingFiles).toBe(lookKeysMax)
  expect(receiver.view().leftOut).toBeGreaterThan(0)
  expect(receiver.check(key('one more'))).toBe(false)
})

test('files that cannot be looked at are told with their cause, and the next look goes on', async () => {
  const { take, looked, failures, breakFiles, nextLook, receiver } = setUp()
  breakFiles(true)
  take(notice(10, 'a'))
  await nextLook()
  expect(failures).toEqual(['looking at files after a notice: Error: no room'])
  breakFiles(false)
  take(notice(10, 'b'))
  await nextLook()
  expect(looked).toEqual([['a'], ['b']])
  expect(receiver.view().failures).toBe(1)
})

test('told of everything it looks through everything once, however often it is told meanwhile', async () => {
  const { take, results, dumps, nextLook, receiver, looked } = setUp()
  take({ index: 10, keys: null })
  take({ index: 10, keys: null })
  expect(results.map(({ kind }) => kind)).toEqual(['taken', 'taken'])
  await nextLook()
  take(notice(10, 'a'))
  await nextLook()
  expect([dumps.length, looked]).toEqual([1, []])
  dumps[0]!(found(3))
  await setImmediate()
  await nextLook()
  expect([dumps.length, looked]).toEqual([1, [['a']]])
  expect(receiver.view()).toMatchObject({ everything: 2, different: 3 })
})

test('a file that somebody asked for is looked at as if a notice had named it', async () => {
  const { receiver, looked, nextLook } = setUp()
  for (const name of ['a', 'b', 'a']) expect(receiver.check(key(name))).toBe(true)
  await nextLook()
  expect(looked).toEqual([['a', 'b']])
  expect(receiver.view()).toMatchObject({ asked: 3, looked: 2 })
})

test('a node that closes answers whoever waits, takes nothing more and looks at nothing more', async () => {
  const { take, results, receiver, looked, timers, nextLook } = setUp()
  take(notice(10, 'a'))
  take(notice(12, 'b'))
  receiver.close()
  take(notice(10, 'c'))
  await nextLook()
  expect(results).toEqual([{ kind: 'taken', appliedIndex: 10 }, { kind: 'behind', appliedIndex: 10 }, { kind: 'overloaded' }])
  expect([looked, receiver.check(key('d')), timers()]).toEqual([[], false, 0])
})
