/** Is `out/` newer than every source? Looks at times only and changes nothing; on the path of every start, so it must stay cheap. */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const outputs = [
  ...['index', 'headless', 'cli', 'node', 'alone'].map((name) => `out/main/${name}.js`),
  ...['out/preload/index.cjs', 'out/renderer/index.html'],
]
const sourceFolders = ['src-main', 'src-node', 'src-renderer']
const sourceFiles = ['package.json', 'electron.vite.config.ts', 'tsconfig.json']

const modifiedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Tests are no part of the product. Folders do not count: an editor's own files would change them. */
const newestIn = (folder: string): number => {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory() || entry.name.includes('.test.')) continue
    newest = Math.max(newest, modifiedMs(join(entry.parentPath, entry.name)))
  }
  return newest
}

/** Modification time of the newest source, ms. */
export const newestSourceMs = (root: string): number =>
  Math.max(...sourceFolders.map((name) => newestIn(join(root, name))), ...sourceFiles.map((name) => modifiedMs(join(root, name))))

/** Every product of the build is there and none is older than a source. */
export const isBuilt = (root: string): boolean => {
  const oldest = Math.min(...outputs.map((path) => modifiedMs(join(root, path))))
  return oldest > 0 && newestSourceMs(root) <= oldest
}
