/**
 * Builds the product before a start that finds it older than the sources. One build at a time on a checkout: a second start waits for the first
 * one's. It builds beside `out/` and brings the result in at the end, since another cluster may be running from there. Everything the build prints
 * goes to stderr.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isBuilt, newestSourceMs } from './build-state.ts'
import { bringIn } from './build-swap.ts'

const buildLimitMs = 180_000
const waitLimitMs = 200_000
const lookEveryMs = 200
/** A file edited while a build runs makes that build old at once; twice is enough, an editor may save for ever. */
const buildsAtMost = 2

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const tryLock = (file: string): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const holder = Number(readFileSync(file, 'utf8'))
  // An empty file is one that is being written at this moment.
  if (holder > 0 && !lives(holder)) rmSync(file, { force: true })
  return false
}

const runBuild = (root: string, into: string): Promise<string | null> =>
  new Promise((resolve) => {
    const command = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
    // Read by electron.vite.config.ts.
    const env = { ...process.env, NACOS_TRIO_OUT: into }
    const child = spawn(process.execPath, [command, 'build', '--logLevel', 'warn'], {
      cwd: root,
      env,
      stdio: ['ignore', 2, 2],
      timeout: buildLimitMs,
    })
    child.once('error', (error) => resolve(`The build could not be started (${error.message}): run "npm install" first.`))
    child.once('exit', (code, signal) => resolve(code === 0 ? null : `The build failed (${signal ?? `exit code ${code}`}): see the lines above.`))
  })

/** The build folder lies inside `out/`, to be on its file system and known to no tool; the lock makes it ours alone. */
const buildBeside = async (root: string): Promise<string | null> => {
  const out = join(root, 'out')
  const fresh = join(out, '.building')
  rmSync(fresh, { recursive: true, force: true })
  try {
    const problem = await runBuild(root, fresh)
    if (problem === null) bringIn(fresh, out)
    return problem
  } catch (error) {
    return `The build could not be put in place (${error instanceof Error ? error.message : String(error)}).`
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

const build = async (root: string): Promise<string | null> => {
  for (let builds = 0; builds < buildsAtMost && !isBuilt(root); builds++) {
    process.stderr.write('Building ...\n')
    const startedMs = Date.now()
    const problem = await buildBeside(root)
    if (problem !== null) return problem
    if (newestSourceMs(root) < startedMs) break
  }
  return null
}

/** Null when the product stands, else one sentence for the user. */
export const buildOnce = async (root: string): Promise<string | null> => {
  const folder = join(root, 'node_modules', '.cache')
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, 'nacos-trio-build.lock')
  const deadline = performance.now() + waitLimitMs
  while (!tryLock(lock)) {
    if (performance.now() > deadline) return `Another start has been building for too long: if none is running, remove ${lock}.`
    await sleep(lookEveryMs)
  }
  try {
    return await build(root)
  } finally {
    rmSync(lock, { force: true })
  }
}
