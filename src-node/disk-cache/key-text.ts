/** A configuration key as one string and back: what waits by the thousands is kept as strings. Names may hold any character, so lengths go first. */

import type { ConfigKey } from '../state-machine/types.ts'

export const textOfKey = ({ namespace, group, dataId }: ConfigKey): string => `${namespace.length}:${group.length}:${namespace}${group}${dataId}`

export const keyOfText = (text: string): ConfigKey => {
  const first = text.indexOf(':')
  const second = text.indexOf(':', first + 1)
  const groupAt = second + 1 + Number(text.slice(0, first))
  const dataIdAt = groupAt + Number(text.slice(first + 1, second))
  return { namespace: text.slice(second + 1, groupAt), group: text.slice(groupAt, dataIdAt), dataId: text.slice(dataIdAt) }
}

/** For people; the default namespace under the name that Nacos shows. */
export const shownKey = ({ namespace, group, dataId }: ConfigKey): string => `${namespace === '' ? 'public' : namespace}/${group}/${dataId}`
