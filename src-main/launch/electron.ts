/**
 * Finds out whether the app's window can be opened here, and opens it. Every look is bounded: a download that cannot succeed is never waited
 * for. When there is no way, one sentence says why, and the caller goes on headless.
 */

import { spawn, spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const lookupMs = 3_000
const probeMs = 1_000
/** util-linux's own tool: makes a user namespace and leaves it again. */
const namespaceProbe = { program: 'unshare', args: ['--user', 'true'] }
const downloadMs = 60_000
const downloadHost = 'github.com'
const httpsPort = 443

export type Way = { readonly kind: 'electron'; readonly binary: string } | { readonly kind: 'headless'; readonly sentence: string }

export interface ElectronRun {
  readonly binary: string
  readonly root: string
  readonly args: readonly string[]
  readonly cwd: string
}

const goOn = (why: string): Way => ({ kind: 'headless', sentence: `${why}, so the cluster runs without a window; the console opens in a browser.` })

const binaryName = (): string => {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/** The binary of the npm package, or of the folder that the user names; null when there is none. */
const findBinary = (root: string): string | null => {
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  const inside = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : binaryName()
  const binary = named === undefined || named === '' ? join(folder, 'dist', inside) : join(named, binaryName())
  return existsSync(binary) ? binary : null
}

/** A host that cannot even be reached is not asked for a hundred megabytes. */
const canReach = async (host: string): Promise<boolean> => {
  const address = await Promise.race([lookup(host).catch(() => null), sleep(lookupMs, null, { ref: false })])
  if (address === null) return false
  return new Promise((resolve) => {
    const socket = connect({ host: address.address, port: httpsPort, timeout: lookupMs })
    const settle = (reached: boolean): void => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => settle(true))
    socket.once('timeout', () => settle(false))
    socket.once('error', () => settle(false))
  })
}

/** Runs Electron's own installer once, for at most a minute. */
const download = async (root: string): Promise<void> => {
  const installer = join(root, 'node_modules', 'electron', 'install.js')
  if (!existsSync(installer) || !(await canReach(downloadHost))) return
  process.stderr.write('Downloading Electron (at most a minute) ...\n')
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [installer], { stdio: ['ignore', 'ignore', 'ignore'], timeout: downloadMs, killSignal: 'SIGKILL' })
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
}

const readNumber = (file: string): number | null => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** The setuid helper beside the binary, once an administrator has given it to root, needs no user namespaces. */
const hasHelper = (root: string): boolean => {
  const binary = findBinary(root)
  const helper = binary === null ? undefined : statSync(join(dirname(binary), 'chrome-sandbox'), { throwIfNoEntry: false })
  return helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0
}

/** Containers often forbid what the settings allow, so it is tried; a system without the tool is given the benefit of the doubt. */
const namespacesWork = (): boolean => {
  if (readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === 1) return false
  const tried = spawnSync(namespaceProbe.program, namespaceProbe.args, { timeout: probeMs, stdio: 'ignore' })
  return tried.error !== undefined || tried.status === 0
}

/** Null: Chromium's sandbox can run on this Linux. */
const sandboxProblem = (root: string): string | null => {
  if (process.getuid?.() === 0) return "Chromium's sandbox cannot run as root (start with -- --no-sandbox to do without it)"
  if (hasHelper(root) || namespacesWork()) return null
  return "Chromium's sandbox needs user namespaces, which are off on this system (start with -- --no-sandbox to do without it)"
}

const linuxProblem = (root: string, args: readonly string[]): string | null => {
  if ((process.env.DISPLAY ?? '') === '' && (process.env.WAYLAND_DISPLAY ?? '') === '') return 'There is no display'
  return args.includes('--no-sandbox') ? null : sandboxProblem(root)
}

/** The cheap looks come first: without a display nothing is downloaded. */
export const findWayToOpen = async (root: string, args: readonly string[]): Promise<Way> => {
  const problem = process.platform === 'linux' ? linuxProblem(root, args) : null
  if (problem !== null) return goOn(problem)
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? ''
  if (named === '' && findBinary(root) === null) await download(root)
  const binary = findBinary(root)
  const where = named === '' ? 'here' : `in ${named}`
  return binary === null ? goOn(`No Electron binary can be had ${where}`) : { kind: 'electron', binary }
}

/** What only Chromium understands. */
export const withoutChromiumFlags = (args: readonly string[]): readonly string[] => args.filter((arg) => arg !== '--no-sandbox')

/** Runs the app and passes signals on. Resolves with the exit code to end with. */
export const runElectron = ({ binary, root, args, cwd }: ElectronRun): Promise<number> =>
  new Promise((resolve) => {
    const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...env } = process.env
    const child = spawn(binary, [root, ...args], { cwd, env, stdio: 'inherit' })
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.once('error', (error) => {
      process.stderr.write(`Electron could not be started: ${error.message}\n`)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
