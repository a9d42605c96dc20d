import { expect, it } from 'vitest'
import { createWorld } from './naming-world.testing.ts'
import { judgeSwitch, switchesOf } from './switch-domain.ts'

const verdicts = (entry: string, ...values: readonly string[]): readonly string[] => values.map((value) => judgeSwitch(entry, value))

it('says no to what is no switch and no value of it', () => {
  expect(verdicts('nothing', 'true')).toEqual(['switch-unknown'])
  expect(verdicts('__proto__', 'true')).toEqual(['switch-unknown'])
  expect(verdicts('pushVersion java', 'java:1.0.0')).toEqual(['switch-unknown'])
  expect(verdicts('distroThreshold', '0.5', '0', 'x', '')).toEqual(['ok', 'switch-value', 'switch-value', 'switch-value'])
  expect(verdicts('pushCacheMillis', '10000', '9999', '1e5')).toEqual(['ok', 'switch-value', 'switch-value'])
  expect(verdicts('pushVersion', 'java:1.0.0', 'ruby:1.0.0', 'java:1')).toEqual(['ok', 'switch-value', 'switch-value'])
  expect(verdicts('limitedUrlMap', '', '/a:403,/b:500', '/a', ':403')).toEqual(['ok', 'ok', 'switch-value', 'switch-value'])
  expect(verdicts('batch', 'whatever')).toEqual(['ok'])
})

it('reads what was set over the defaults', () => {
  const set = new Map([
    ...([
      ['check', 'false'],
      ['pushVersion java', 'java:2.0.0'],
      ['pushVersion go', 'go:3.0.0'],
    ] as const),
    ...([
      ['limitedUrlMap', '/a:403'],
      ['masters', 'a,b'],
      ['overriddenServerStatus', 'NULL'],
      ['unknown', 'x'],
    ] as const),
  ])
  expect(switchesOf(set)).toMatchObject({
    ...{ healthCheckEnabled: false, pushJavaVersion: '2.0.0', pushGoVersion: '3.0.0', limitedUrlMap: { '/a': 403 }, masters: ['a', 'b'] },
    ...{ overriddenServerStatus: null, lightBeatEnabled: true, name: '00-00---000-NACOS_SWITCH_DOMAIN-000---00-00' },
  })
  expect(switchesOf(new Map([['overriddenServerStatus', 'DOWN']])).overriddenServerStatus).toBe('DOWN')
})

it('are set by a write, and the same at every node', () => {
  const w = createWorld()
  const [one, two] = [w.start(1), w.start(2)]
  const set = (entry: string, value: string): string => w.outcomeOf((done) => one.naming.setSwitch(entry, value, done))
  expect([set('pushVersion', 'java:2.0.0'), set('pushVersion', 'c:2.0.0'), set('clientBeatInterval', '7000'), set('nothing', '')]).toEqual([
    ...['done', 'done', 'done', 'switch-unknown'],
  ])
  expect(two.naming.switches()).toMatchObject({ pushJavaVersion: '2.0.0', pushCVersion: '2.0.0', clientBeatInterval: 7000 })
})
