import { expect, test } from 'vitest'
import type { ConfigKey, Effect } from '../state-machine/types.ts'
import { createFakeClock } from './fake-clock.testing.ts'
import { type FuzzyPattern, fuzzyPatternOf } from './fuzzy-pattern.ts'
import type { FuzzyWatches } from './fuzzy-watches.ts'
import { createFuzzyWatching } from './fuzzy-watching.ts'

const scene = (configs: readonly ConfigKey[], services: readonly { namespace: string; group: string; name: string }[]) => {
  const turns: (() => void)[] = []
  const watching = createFuzzyWatching({
    configs: {
      all: () => configs.values() as IterableIterator<ConfigKey>,
      find: (key) => configs.find((each) => each.namespace === key.namespace && each.group === key.group && each.dataId === key.dataId),
    },
    services: () => ({
      service: (key) => services.find((each) => each.namespace === key.namespace && each.group === key.group && each.name === key.name),
      servicesIn: (namespace) => services.filter((each) => each.namespace === namespace).map((key) => ({ key })),
    }),
    clock: { after: createFakeClock().clock.after, defer: (task) => void turns.push(task) },
  })
  const watch = (of: FuzzyWatches, text: string) => {
    const told: string[] = []
    const keys: string[] = []
    of.watch({ changed: ({ key }) => void told.push(key), lost: () => undefined }, fuzzyPatternOf(text) as FuzzyPattern, (found) => {
      if (found.kind === 'found') keys.push(...found.keys)
    })
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn()
    return { told, keys }
  }
  return { watching, watch }
}

const effects: readonly Effect[] = [
  { kind: 'config-changed', namespace: '', group: 'G', dataId: 'gone', md5: '', index: 1 },
  { kind: 'service-changed', namespace: 'public', group: 'G', name: 'gone', index: 2 },
]

test('configurations are found and told as clients write them', () => {
  const keys = [
    { namespace: '', group: 'G', dataId: 'a+b%c' },
    { namespace: 'dev', group: 'G', dataId: 'a' },
  ]
  const { watching, watch } = scene(keys, [{ namespace: 'public', group: 'G', name: 'a' }])
  expect(watch(watching.configs, 'public>>G>>*').keys).toEqual(['a%2Bb%25c+G+public'])
  expect(watch(watching.configs, 'dev>>G>>*').keys).toEqual(['a+G+dev'])
})

test('services are found and told as clients write them', () => {
  const services = [
    { namespace: 'public', group: 'G', name: 'a' },
    { namespace: 'dev', group: 'G', name: 'b' },
  ]
  const { watching, watch } = scene([{ namespace: '', group: 'G', dataId: 'a' }], services)
  expect(watch(watching.services, 'public>>G>>*').keys).toEqual(['public@@G@@a'])
  expect(watch(watching.services, 'dev>>*>>*').keys).toEqual(['dev@@G@@b'])
})

test('a batch tells each kind what is its own', () => {
  const configs: ConfigKey[] = [{ namespace: '', group: 'G', dataId: 'gone' }]
  const services = [{ namespace: 'public', group: 'G', name: 'gone' }]
  const { watching, watch } = scene(configs, services)
  watching.onEffects(effects)
  const [ofConfigs, ofServices] = [watch(watching.configs, 'public>>G>>*'), watch(watching.services, 'public>>G>>*')]
  watching.onEffects(effects)
  expect([ofConfigs.told, ofServices.told]).toEqual([[], []])
  configs.length = 0
  services.length = 0
  watching.onEffects([...effects, { kind: 'gray-changed', namespace: '', group: 'G', dataId: 'gray', index: 3 }])
  expect([ofConfigs.told, ofServices.told]).toEqual([['gone+G+public'], ['public@@G@@gone']])
})
