/**
 * What the disk cache of a small node has promised at one moment: whichever file stands under a final name is whole, and what its configuration was
 * or is being made; and what it must be after the next full dump. Of files that a person put there nothing is promised but that.
 */

import { createHash } from 'node:crypto'
import type { ConfigKey } from '../../../src-node/state-machine/types.ts'

/** What memory holds of a configuration: its content follows from name and version. */
export interface CachedRow extends ConfigKey {
  readonly version: number
}

/** One line of the workload, before it lets the cache know. */
export type CacheMark =
  | { readonly kind: 'row'; readonly path: string; readonly row: CachedRow }
  | { readonly kind: 'no-row'; readonly path: string }
  /** Somebody changes this file by hand: from now on it may hold this, or a part of it. */
  | { readonly kind: 'by-hand'; readonly path: string }
  /** All files are what memory says. */
  | { readonly kind: 'settled' }

export interface CachePromises {
  /** By path. */
  readonly rows: Readonly<Record<string, CachedRow>>
  /** Hashes of the contents that may stand at a path, `none` for no file. Absent: no file. */
  readonly allowed: Readonly<Record<string, readonly string[]>>
  /** Nobody knows what a person has written here. */
  readonly byHand: readonly string[]
}

export const none = 'none'
export const cacheBirth: CachePromises = { rows: {}, allowed: {}, byHand: [] }

/** Of a later version larger than what the thread reads at once; of another one empty. */
export const contentOf = ({ dataId, version }: CachedRow): Buffer => {
  if (version === 3) return Buffer.alloc(0)
  return Buffer.from(`${dataId} ${version} ${'x'.repeat(version === 5 ? 300_000 : 900 * version)} end`)
}
export const md5Of = (content: Uint8Array): string => createHash('md5').update(content).digest('hex')

const mayBe = (before: CachePromises, path: string, hash: string): CachePromises['allowed'] => ({
  ...before.allowed,
  [path]: [...(before.allowed[path] ?? [none]), hash],
})

export const afterCacheMark = (before: CachePromises, mark: CacheMark): CachePromises => {
  switch (mark.kind) {
    case 'row':
      return { ...before, rows: { ...before.rows, [mark.path]: mark.row }, allowed: mayBe(before, mark.path, md5Of(contentOf(mark.row))) }
    case 'no-row': {
      const { [mark.path]: _gone, ...rows } = before.rows
      return { ...before, rows, allowed: mayBe(before, mark.path, none) }
    }
    case 'by-hand':
      return { ...before, byHand: [...before.byHand, mark.path] }
    case 'settled': {
      const allowed = Object.fromEntries(Object.entries(before.rows).map(([path, row]) => [path, [md5Of(contentOf(row))]]))
      return { rows: before.rows, allowed, byHand: [] }
    }
  }
}
