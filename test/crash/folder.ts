/** A folder on the real disk as an image, and back. Symbolic links and special files are nobody's here. */

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { FoundFile, Image } from './disk.ts'

/** What is none of a test's business: a process outside of the recorder writes there, or it is made anew at each open. */
export type Ignores = (path: string) => boolean

export const readFolder = (root: string, ignores: Ignores): readonly FoundFile[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: relative(root, join(entry.parentPath, entry.name)) }))
    .filter(({ path }) => !ignores(path))
    .map(({ entry, path }) => ({
      ...{ path, inode: statSync(join(root, path)).ino },
      bytes: entry.isDirectory() ? null : new Uint8Array(readFileSync(join(root, path))),
    }))

/** `root` holds just this image afterwards, and what is ignored. */
export const writeFolder = (root: string, image: Image, ignores: Ignores = () => false): void => {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  for (const { path } of namesIn(root)) if (!ignores(path)) rmSync(join(root, path), { recursive: true, force: true })
  // A folder stands before what is in it, by its name.
  for (const [path, bytes] of [...image].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (ignores(path)) continue
    if (bytes === null) mkdirSync(join(root, path), { recursive: true, mode: 0o700 })
    else writeFileSync(join(root, path), bytes, { mode: 0o600 })
  }
}

const namesIn = (root: string): readonly { readonly path: string }[] => readdirSync(root).map((path) => ({ path }))

const same = (a: Uint8Array | null, b: Uint8Array | null): boolean => (a === null || b === null ? a === b : Buffer.compare(a, b) === 0)

/** Paths whose content differs between the folder and the image. */
export const differences = (root: string, image: Image, ignores: Ignores): readonly string[] => {
  const found = new Map(readFolder(root, ignores).map(({ path, bytes }) => [path, bytes]))
  const paths = new Set([...found.keys(), ...[...image.keys()].filter((path) => !ignores(path))])
  return [...paths].filter((path) => {
    const [here, there] = [found.get(path), image.get(path)]
    return here === undefined || there === undefined || !same(here, there)
  })
}
