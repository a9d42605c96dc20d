/**
 * A set of changed keys, each once, with the highest Raft index of its changes: newer means higher index, never later arrival. Bounded: beyond
 * its limit the names are forgotten, and all that is left is that everything may have changed.
 */

import { keyText } from './key-text.ts'
import { type Notice, type NoticedKey, noticeCharactersMax, noticeKeysMax } from './notice.ts'

export interface ChangedKeys {
  add(key: NoticedKey): void
  /** What a notice told, or was to tell. */
  addNotice(notice: Notice): void
  isEmpty(): boolean
  /** Too many came: the names are gone, everything is to be looked through. */
  isEverything(): boolean
  /** Keys kept by name; 0 if everything is meant. */
  size(): number
  /** Highest index so far, 0 for none. */
  index(): number
  /** Takes out what fits into one notice, or the first `countMax` names, the oldest first. Must not be empty. */
  take(countMax?: number): Notice
  clear(): void
}

export const createChangedKeys = (keysMax: number): ChangedKeys => {
  const byText = new Map<string, NoticedKey>()
  let everything = false
  let index = 0

  const addEverything = (upTo: number): void => {
    everything = true
    if (upTo > index) index = upTo
    byText.clear()
  }

  const add = (key: NoticedKey): void => {
    if (key.index > index) index = key.index
    if (everything) return
    const text = keyText(key)
    const known = byText.get(text)
    if (known === undefined && byText.size >= keysMax) addEverything(index)
    else if (known === undefined || known.index < key.index) byText.set(text, key)
  }

  const clear = (): void => {
    byText.clear()
    everything = false
    index = 0
  }

  const takeNamed = (countMax: number): Notice => {
    const keys: NoticedKey[] = []
    let characters = 0
    let highest = 0
    for (const [text, key] of byText) {
      characters += text.length
      if (keys.length === countMax || (keys.length > 0 && characters > noticeCharactersMax)) break
      keys.push(key)
      if (key.index > highest) highest = key.index
    }
    if (keys.length === byText.size) clear()
    else for (const key of keys) byText.delete(keyText(key))
    return { index: highest, keys }
  }

  return {
    add,
    addNotice: (notice) => {
      if (notice.keys === null) addEverything(notice.index)
      else for (const key of notice.keys) add(key)
    },
    isEmpty: () => !everything && byText.size === 0,
    isEverything: () => everything,
    size: () => byText.size,
    index: () => index,
    take: (countMax = noticeKeysMax) => {
      if (!everything) return takeNamed(countMax)
      const notice: Notice = { index, keys: null }
      clear()
      return notice
    },
    clear,
  }
}
