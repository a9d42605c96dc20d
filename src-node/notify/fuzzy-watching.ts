/** Configurations and services as names that clients watch by patterns (nacos-grpc 5.6, 6.3): what is there, how each is written, and what changes it. */

import type { ServiceKey } from '../state-machine/areas/naming-words.ts'
import type { ConfigKey, Effect } from '../state-machine/types.ts'
import { defaultNamespace, type FuzzyName } from './fuzzy-pattern.ts'
import { createFuzzyWatches, type FuzzyLimits, type FuzzyWatches, fuzzyLimits } from './fuzzy-watches.ts'

export interface FuzzyWatching {
  readonly configs: FuzzyWatches
  readonly services: FuzzyWatches
  /** One applied batch. */
  onEffects(effects: readonly Effect[]): void
}

export interface FuzzyWatchingParts {
  readonly configs: { find(key: ConfigKey): object | undefined; all(): IterableIterator<ConfigKey> }
  /** As they are now: a snapshot replaces them. */
  services(): { service(key: ServiceKey): object | undefined; servicesIn(namespace: string): readonly { readonly key: ServiceKey }[] }
  readonly clock: { defer(task: () => void): void; after(ms: number, task: () => void): { cancel(): void } }
  readonly limits?: FuzzyLimits
}

const shownNamespace = (namespace: string): string => (namespace === '' ? defaultNamespace : namespace)
const ownNamespace = (namespace: string): string => (namespace === defaultNamespace ? '' : namespace)

const configName = ({ namespace, group, dataId }: ConfigKey): FuzzyName => ({ namespace: shownNamespace(namespace), group, name: dataId })
const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('+', '%2B')

export const createFuzzyWatching = (parts: FuzzyWatchingParts): FuzzyWatching => {
  const { clock, limits = fuzzyLimits } = parts
  const { find, all } = parts.configs
  const common = { limits, defer: clock.defer, after: clock.after }

  function* configRows(namespace: string): Generator<FuzzyName | null, undefined> {
    const own = ownNamespace(namespace)
    for (const row of all()) yield row.namespace === own ? configName(row) : null
    return undefined
  }
  function* serviceRows(namespace: string): Generator<FuzzyName, undefined> {
    // A copy: the list may change between two steps.
    for (const { key } of [...parts.services().servicesIn(namespace)]) yield key
    return undefined
  }

  const configs = createFuzzyWatches({
    ...common,
    rows: configRows,
    isThere: ({ namespace, group, name }) => find({ namespace: ownNamespace(namespace), group, dataId: name }) !== undefined,
    keyOf: ({ namespace, group, name }) => `${escaped(name)}+${escaped(group)}+${escaped(namespace)}`,
  })
  const services = createFuzzyWatches({
    ...common,
    rows: serviceRows,
    isThere: (name) => parts.services().service(name) !== undefined,
    keyOf: ({ namespace, group, name }) => `${namespace}@@${group}@@${name}`,
  })

  return {
    configs,
    services,
    onEffects: (effects) => {
      const [areConfigs, areServices] = [configs.size() > 0, services.size() > 0]
      if (!areConfigs && !areServices) return
      for (const effect of effects) {
        if (areConfigs && effect.kind === 'config-changed') configs.onChanged(configName(effect))
        else if (areServices && effect.kind === 'service-changed') services.onChanged(effect)
      }
    },
  }
}
