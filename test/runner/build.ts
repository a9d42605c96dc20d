/** Builds the product once before the suites that start it, unless the build is newer than every source. Never runs beside another suite. */

import { execFileSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const outputs = ['out/main/index.js', 'out/main/headless.js', 'out/main/node.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const sources = ['src-main/**/*', 'src-node/**/*', 'src-renderer/**/*', 'package.json', 'electron.vite.config.ts', 'tsconfig.json']
const buildTimeoutMs = 180_000

const modifiedMs = (path: string): number => statSync(path).mtimeMs

const isCurrent = (root: string): boolean => {
  if (!outputs.every((path) => existsSync(join(root, path)))) return false
  const built = Math.min(...outputs.map((path) => modifiedMs(join(root, path))))
  return globSync([...sources], { cwd: root }).every((path) => modifiedMs(join(root, path)) <= built)
}

/** Throws, with the build's own output shown, if the build fails. */
export const buildIfNeeded = (root: string): void => {
  if (isCurrent(root)) return
  console.log('build | out/ is older than the sources')
  execFileSync(process.execPath, [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: buildTimeoutMs,
  })
}
