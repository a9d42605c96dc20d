/**
 * Another storage for a cluster that exists: the database is looked at first, then the choice is written down, then the nodes that run stop and
 * start again with it. It never touches a row of anybody's, and never ends a cluster for a database that is not fit.
 */

import type { MysqlTestAnswer } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'
import type { StorageChoice } from '../contract/storage.ts'
import type { MysqlTester, MysqlTestWatcher } from './mysql-test.ts'
import type { StorageSetting } from './storage-setting.ts'
import type { StoreNotes } from './store-notes.ts'
import type { LogSink } from './supervisor-runner.ts'
import type { ActionResult } from './types.ts'

export interface StorageChangesParts {
  readonly storage: StorageSetting
  readonly tester: MysqlTester
  readonly notes: Pick<StoreNotes, 'forgetRefusal'>
  readonly log: LogSink
  readonly isDown: () => boolean
  /** All configurations are on their way to another storage. */
  readonly isMoving: () => boolean
  readonly stop: () => Promise<void>
  readonly start: () => ActionResult
}

export interface StorageChanges {
  readonly testMysql: (asked: { readonly url: string; readonly password: string | null }, watcher?: MysqlTestWatcher) => Promise<MysqlTestAnswer>
  readonly chooseStorage: (choice: StorageChoice) => Promise<ActionResult>
}

const refused = (code: Refusal['code'], detail: string): ActionResult => ({
  ok: false,
  refusal: { code, nodeId: null, httpStatus: null, detail },
})

/** What stands in the way, in words; null: one address at least can be used. What another cluster wrote is no obstacle to who takes it over. */
const obstacleOf = (answer: MysqlTestAnswer, adopt: boolean): string | null => {
  if (answer.kind !== 'tested') return answer.kind === 'failed' ? answer.reason : `${answer.problem} ${answer.part}`.trim()
  const failures = answer.addresses.map(({ address, steps }) => {
    const failed = steps.find(({ outcome, code }) => outcome === 'failed' && !(adopt && code === 'foreign'))
    return failed === undefined ? null : `${address}: ${failed.step}: ${failed.code}`
  })
  return failures.includes(null) ? null : failures.join('; ')
}

export const createStorageChanges = (parts: StorageChangesParts): StorageChanges => {
  const { storage, tester, notes, log } = parts
  let changing = false

  const testMysql: StorageChanges['testMysql'] = ({ url, password }, watcher) =>
    tester.test({ url, password: password ?? storage.passwordFor(url) }, watcher)

  const write = (choice: StorageChoice): ActionResult => {
    try {
      storage.choose(choice)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      return refused(code === 'ENOSPC' ? 'disk_full' : 'internal', error instanceof Error ? error.message : String(error))
    }
    notes.forgetRefusal()
    const shown = storage.shown()
    log('info', `Configurations are kept in ${shown.kind === 'sqlite' ? "the nodes' own SQLite files" : `${shown.url}, and in the nodes' own files`}`)
    return { ok: true }
  }

  const change = async (choice: StorageChoice): Promise<ActionResult> => {
    if (choice.kind === 'mysql') {
      const answer = await testMysql(choice)
      const obstacle = obstacleOf(answer, choice.adopt)
      if (obstacle !== null) return refused(answer.kind === 'url-unreadable' ? 'invalid' : 'storage_unavailable', obstacle)
    }
    const wasUp = !parts.isDown()
    const written = write(choice)
    if (!written.ok || !wasUp) return written
    await parts.stop()
    return parts.start()
  }

  return {
    testMysql,
    chooseStorage: async (choice) => {
      if (changing) return refused('wrong_state', 'the storage is being changed already')
      if (parts.isMoving()) return refused('wrong_state', 'a move of all configurations is under way: wait for its end, or abort it')
      changing = true
      try {
        return await change(choice)
      } finally {
        changing = false
      }
    },
  }
}
