/**
 * Brings a finished build into `out/` while programs may be running from it. Promises: at every moment each entry is there, the old or the new
 * one, with all that it loads; what a program of the build before still loads by name stays until the build after.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Names the files of the newest build, one a line: whatever else lies in `out/` is of an older one. */
const listName = 'files.txt'

/** Paths below `folder`, relative to it. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

/** A file with a hash in its name lies in such a folder; all others are entries, by which the rest is found. */
const isEntry = (path: string): boolean => !/[\\/](chunks|assets)[\\/]/.test(path)

const move = (path: string, from: string, to: string): void => {
  mkdirSync(dirname(join(to, path)), { recursive: true })
  renameSync(join(from, path), join(to, path))
}

/** Moves the build in `fresh` (same file system) to `out`. Throws the system's error; the build before is whole then. */
export const bringIn = (fresh: string, out: string): void => {
  const paths = filesOf(fresh)
  const list = join(out, listName)
  mkdirSync(out, { recursive: true })
  const listed = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : []
  // A list that does not fit: a plain `electron-vite build` made what is there, and all of it may be in use.
  const before = listed.length > 0 && listed.every((path) => existsSync(join(out, path))) ? listed : filesOf(out)
  for (const path of paths.filter((each) => !isEntry(each))) move(path, fresh, out)
  for (const path of paths.filter(isEntry)) move(path, fresh, out)
  const kept = new Set([...paths, ...before])
  for (const folder of ['main', 'preload', 'renderer'].filter((name) => existsSync(join(out, name)))) {
    for (const path of filesOf(join(out, folder))) if (!kept.has(join(folder, path))) rmSync(join(out, folder, path), { force: true })
  }
  writeFileSync(list, paths.join('\n'))
}
