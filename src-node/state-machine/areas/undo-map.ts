/** A map that can go back to what it was when the running batch began: what most areas keep their memory in. */

export interface UndoMap<K, V> {
  get(key: K): V | undefined
  size(): number
  keys(): IterableIterator<K>
  values(): IterableIterator<V>
  entries(): IterableIterator<[K, V]>
  /** A value must not be changed in place afterwards. */
  set(key: K, value: V): void
  /** False: it was not there. */
  delete(key: K): boolean
  /** What was changed stays. */
  publish(): void
  /** All that was changed since the last `publish` or `discard` is undone; only the order of the entries may be another. */
  discard(): void
}

export const createUndoMap = <K, V>(): UndoMap<K, V> => {
  const map = new Map<K, V>()
  /** What stood there before each change, the oldest first; undefined: nothing. */
  let journal: (readonly [key: K, before: V | undefined])[] = []
  const forget = (): void => {
    if (journal.length > 0) journal = []
  }
  return {
    get: (key) => map.get(key),
    size: () => map.size,
    keys: () => map.keys(),
    values: () => map.values(),
    entries: () => map.entries(),
    set: (key, value) => {
      journal.push([key, map.get(key)])
      map.set(key, value)
    },
    delete: (key) => {
      const before = map.get(key)
      if (before === undefined) return false
      journal.push([key, before])
      return map.delete(key)
    },
    publish: forget,
    discard: () => {
      for (const [key, before] of journal.reverse()) {
        if (before === undefined) map.delete(key)
        else map.set(key, before)
      }
      forget()
    },
  }
}
