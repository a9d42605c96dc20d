/** The md5 of what a client gets of a configuration: that of the gray version which is meant for it, else the formal one's. One answer for all ways of listening. */

import { chosenGray, type GrayClient } from '../state-machine/areas/gray-choice.ts'
import type { GrayRow } from '../state-machine/areas/gray-words.ts'
import type { ConfigKey, Effect } from '../state-machine/types.ts'

export interface GrayReader {
  /** In the order in which a client is matched with them; none as a rule. */
  of(key: ConfigKey): readonly GrayRow[]
}

export interface ChosenVersionParts {
  readonly grays: GrayReader
  /** Of the formal content. */
  find(key: ConfigKey): { readonly md5: string } | undefined
}

/** `''`: there is nothing for it. */
export const chosenMd5 = ({ grays, find }: ChosenVersionParts, key: ConfigKey, client: GrayClient): string =>
  chosenGray(grays.of(key), client)?.md5 ?? find(key)?.md5 ?? ''

/** What listeners of one configuration must be compared with. */
export interface ListenedChange {
  readonly key: ConfigKey
  md5For(client: GrayClient): string
}

/** Null: the effect is about no configuration. */
export const listenedChange = (parts: ChosenVersionParts, effect: Effect): ListenedChange | null => {
  if (effect.kind === 'gray-changed') return { key: effect, md5For: (client) => chosenMd5(parts, effect, client) }
  if (effect.kind !== 'config-changed') return null
  const { md5 } = effect
  const versions = parts.grays.of(effect)
  return { key: effect, md5For: versions.length === 0 ? () => md5 : (client) => chosenGray(versions, client)?.md5 ?? md5 }
}
