import { expect, it } from 'vitest'
import type { ConfigKey } from '../state-machine/types.ts'
import type { SinkNames } from '../storage/sink.ts'
import { createNameTwins } from './name-twins.ts'

const key = (dataId: string): ConfigKey => ({ namespace: '', group: 'G', dataId })
const ignoringCase: SinkNames = {
  kind: 'ci',
  folded: ({ dataId }) => dataId.toLowerCase(),
  difference: () => ({ column: 'data_id', collation: 'utf8_general_ci' }),
}

const setUp = (there: readonly string[] = []) => {
  const rows = new Map(there.map((dataId) => [dataId, key(dataId)]))
  const turns: (() => void)[] = []
  let nowMs = 0
  const twins = createNameTwins({
    configs: { find: ({ dataId }) => rows.get(dataId), rows: () => rows.values() },
    clock: { defer: (task) => void turns.push(task), monotonicMs: () => nowMs },
    holdMs: 2_000,
  })
  const change = (dataId: string, md5: string): void => {
    if (md5 === '') rows.delete(dataId)
    else rows.set(dataId, key(dataId))
    twins.changed([{ kind: 'config-changed', ...key(dataId), md5, index: 1 }])
  }
  const run = (): void => {
    for (let next = turns.shift(); next !== undefined; next = turns.shift()) next()
  }
  return { twins, change, run, turns, pass: (ms: number) => (nowMs += ms), asked: (dataId: string) => twins.excessOf(key(dataId)) }
}
const taken = (name: string) => ({ column: 'data_id', limit: 0, unit: 'name', charset: 'utf8_general_ci', taken: `public/G/${name}` })

it('a name that differs by case alone is refused, with the one that is there; the one itself goes on', () => {
  const { twins, asked, run } = setUp(['app'])
  twins.learn(ignoringCase, () => {})
  run()
  expect([asked('APP'), asked('app'), asked('other')]).toEqual([taken('app'), null, null])
})

it('a database that tells names apart costs nothing and refuses nothing', () => {
  const { twins, asked, turns } = setUp(['app'])
  let done = false
  twins.learn(undefined, () => (done = true))
  expect([done, twins.isReady(), asked('APP'), turns]).toEqual([true, true, null, []])
})

it('learns what comes and forgets what goes', () => {
  const { twins, asked, change, run } = setUp()
  twins.learn(ignoringCase, () => {})
  run()
  change('app', 'md5')
  change('App', '')
  expect(asked('APP')).toEqual(taken('app'))
  change('app', '')
  expect(asked('APP')).toBeNull()
})

it('of two writers at once the second is refused; when the first came to nothing, it may try again', () => {
  const { twins, asked, pass, run } = setUp()
  twins.learn(ignoringCase, () => {})
  run()
  expect([asked('app'), asked('app'), asked('App')]).toEqual([null, null, taken('app')])
  pass(2_001)
  expect(asked('App')).toBeNull()
})

it('remembers so many writers under way, and no more', () => {
  const { twins, asked, run } = setUp()
  twins.learn(ignoringCase, () => {})
  run()
  for (let n = 0; n <= 4_096; n++) asked(`n${n}`)
  expect([asked('N0'), asked('N4096')]).toEqual([null, taken('n4096')])
})

it('looks through many in turns, and is not ready before; another database in between starts anew', () => {
  const { twins, asked, run, turns } = setUp(Array.from({ length: 2_500 }, (_, n) => `n${n}`))
  let heard: string[] = []
  twins.learn(ignoringCase, () => heard.push('first'))
  expect([twins.isReady(), turns.length]).toEqual([false, 1])
  twins.learn({ ...ignoringCase, kind: 'another' }, () => heard.push('second'))
  run()
  expect([heard, twins.isReady(), asked('N2499')]).toEqual([['second'], true, taken('n2499')])
  heard = []
  twins.learn({ ...ignoringCase, kind: 'another' }, () => heard.push('known'))
  expect([heard, turns]).toEqual([['known'], []])
})
