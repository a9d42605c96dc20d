/**
 * Who is to be told that a configuration changed, for as long as it stays: the connections of gRPC clients, by configuration and by watcher. Unlike a
 * long poll a watch outlives what it tells. Those who are told go out in slices, so that ten thousand do not hold the loop. Bounded in watches.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import { keyText } from './key-text.ts'
import type { ListenerView } from './listener-view.ts'

export interface WatchedConfig {
  readonly key: ConfigKey
  /** As the client wrote it (`public`, `''` …), null if it wrote none: what it is told must hold the same. */
  readonly tenant: string | null
  /** What the client said that it has, `''` for nothing. */
  readonly md5: string
}

/** One listener to any number of configurations. */
export interface Watcher {
  /** As lists of listeners show it. */
  readonly ip: string
  changed(watched: WatchedConfig): void
}

export interface ConfigWatches extends ListenerView {
  /** Again for the same key: what the client has now. False: there are as many as may be, and nothing changed. */
  watch(watcher: Watcher, watched: WatchedConfig): boolean
  unwatch(watcher: Watcher, key: ConfigKey): void
  /** All of its watches are gone. */
  leave(watcher: Watcher): void
  /** Its content, or that of a version for some of its clients. */
  onChanged(key: ConfigKey): void
  size(): number
}

export interface ConfigWatchesParts {
  /** Of all watchers together; some 300 bytes each. */
  readonly watchesMax: number
  defer(task: () => void): void
}

/** Some 10 us each. */
const toldPerTurn = 256

interface Due {
  readonly watcher: Watcher
  readonly text: string
}

export const createConfigWatches = ({ watchesMax, defer }: ConfigWatchesParts): ConfigWatches => {
  const byKey = new Map<string, Map<Watcher, WatchedConfig>>()
  const byWatcher = new Map<Watcher, Set<string>>()
  let size = 0
  const due: Due[] = []

  const forget = (watcher: Watcher, text: string): void => {
    const watchers = byKey.get(text)
    if (watchers?.delete(watcher) !== true) return
    size--
    if (watchers.size === 0) byKey.delete(text)
  }

  const tellDue = (): void => {
    const now = due.splice(0, toldPerTurn)
    if (due.length > 0) defer(tellDue)
    for (const { watcher, text } of now) {
      // It may be gone by now, or watch no more.
      const watched = byKey.get(text)?.get(watcher)
      if (watched !== undefined) watcher.changed(watched)
    }
  }

  return {
    watch: (watcher, watched) => {
      const text = keyText(watched.key)
      const watchers = byKey.get(text)
      const known = watchers?.has(watcher) === true
      if (!known && size >= watchesMax) return false
      if (watchers === undefined) byKey.set(text, new Map([[watcher, watched]]))
      else watchers.set(watcher, watched)
      if (known) return true
      size++
      const texts = byWatcher.get(watcher)
      if (texts === undefined) byWatcher.set(watcher, new Set([text]))
      else texts.add(text)
      return true
    },
    unwatch: (watcher, key) => {
      const text = keyText(key)
      const texts = byWatcher.get(watcher)
      if (texts?.delete(text) !== true) return
      if (texts.size === 0) byWatcher.delete(watcher)
      forget(watcher, text)
    },
    leave: (watcher) => {
      for (const text of byWatcher.get(watcher) ?? []) forget(watcher, text)
      byWatcher.delete(watcher)
    },
    onChanged: (key) => {
      const text = keyText(key)
      const watchers = byKey.get(text)
      if (watchers === undefined) return
      const idle = due.length === 0
      for (const watcher of watchers.keys()) due.push({ watcher, text })
      if (idle) tellDue()
    },
    ofKey: function* (key) {
      for (const [{ ip }, { md5 }] of byKey.get(keyText(key)) ?? []) yield { ip, md5 }
    },
    ofIp: function* (ip) {
      for (const [watcher, texts] of byWatcher) {
        if (watcher.ip !== ip) continue
        for (const text of texts) {
          const watched = byKey.get(text)?.get(watcher)
          if (watched !== undefined) yield watched
        }
      }
    },
    size: () => size,
  }
}
