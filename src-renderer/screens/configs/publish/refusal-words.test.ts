import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import type { Refusal } from '../../../../src-main/contract/index.ts'
import type { StoreNow } from '../../../components/store-state.ts'
import { startI18n } from '../../../i18n/i18n.ts'
import { refusalWords } from './refusal-words.ts'

beforeAll(() => startI18n('en'))

const refusal = (code: Refusal['code'], facts?: Record<string, string>): Refusal => ({
  ...{ code, nodeId: 1, httpStatus: 400, detail: '' },
  ...(facts === undefined ? {} : { facts }),
})
const store: StoreNow = {
  ...{ state: 'away', place: 'u@db:3306/nacos', addresses: ['db:3306'], user: 'u', database: 'nacos', report: null, sinceMs: 1, behind: 0 },
  trouble: { code: 'too-many-connections', words: '', facts: {} },
}
const say = (said: Refusal, now: StoreNow | null = null, language = 'en') => {
  const [configs, storage, frame] = [
    i18next.getFixedT(language, 'configs'),
    i18next.getFixedT(language, 'storage'),
    i18next.getFixedT(language, 'frame'),
  ] as const
  return refusalWords({ configs, storage, frame }, said, now)
}

test('a column that cannot hold it is named with its limit', () => {
  const limit = { column: 'data_id', limit: '255', unit: 'characters', charset: 'utf8mb4' }
  expect(say(refusal('column_limit', limit)).cause).toContain('data_id')
  expect(say(refusal('column_limit', limit)).cause).toContain('255 characters')
  expect(say(refusal('column_limit', { ...limit, unit: 'bytes' }), null, 'zh-CN').cause).toContain('255 字节')
  const narrow = say(refusal('column_limit', { column: 'content', limit: '0', unit: 'charset', charset: 'utf8mb3' }))
  expect(narrow.cause).toMatch(/content .* utf8mb3/)
  expect(narrow.next).toContain('utf8mb4')
  const twin = say(refusal('column_limit', { column: 'data_id', limit: '0', unit: 'name', charset: 'utf8_general_ci', taken: 'public/G/app' }))
  expect([twin.cause, twin.next]).toEqual([expect.stringMatching(/data_id .*utf8_general_ci.* public\/G\/app/), expect.stringContaining('_bin')])
})

test('MySQL that is away: why, and what to do about it', () => {
  const { cause, next } = say(refusal('storage_unavailable'), store)
  expect(cause).toBe('MySQL is away. MySQL has no connection left for us.')
  expect(next).toContain('max_connections')
  expect(next).toContain('Your text is kept')
})

test('MySQL that came back meanwhile, and a node whose own storage failed', () => {
  expect(say(refusal('storage_unavailable'), { ...store, state: 'available', trouble: null }).cause).toBe('MySQL is away.')
  expect(say(refusal('storage_unavailable')).cause).toBe('The node cannot use its storage.')
})
