/** The launcher: `npm start` where there can be no window goes on as headless, says why in one sentence, and keeps its pid. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ReadyEvent, repository } from '../support/headless.ts'
import { findFreePortSet } from '../support/ports.ts'
import { isAlive } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'

const readyLimitMs = 30_000
const endLimitMs = 15_000
const screen = { DISPLAY: ':4711', WAYLAND_DISPLAY: '' }
const noScreen = { DISPLAY: '', WAYLAND_DISPLAY: '' }
const noElectron = { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' }

let dataDir: string
let children: ChildProcess[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nacos-trio-launch-'))
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGTERM')
  await waitUntil('every launcher to end', () => children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null), endLimitMs)
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

const launch = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, ['src-main/launch.ts', ...args], { cwd: repository, env: { ...process.env, LC_ALL: 'C', ...env } })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk.toString()
  })
  return { child, said, exit: () => waitUntil('the end', () => (child.exitCode === null ? null : { code: child.exitCode }), endLimitMs) }
}

const isRoot = process.getuid?.() === 0

type Case = readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp]
const cases: readonly Case[] = [
  ['without a display', ['--no-sandbox'], noScreen, /^There is no display, so the cluster runs without a window/],
  ['without an Electron binary', ['--no-sandbox'], { ...screen, ...noElectron }, /^No Electron binary can be had in \/nowhere, so/],
]
const rootCases: readonly Case[] = [['as root with the sandbox', [], screen, /^Chromium's sandbox cannot run as root .*--no-sandbox/]]
const possible = process.platform !== 'linux' ? [] : isRoot ? [...cases, ...rootCases] : cases

it.each([...possible])('npm start %s serves headless and says why', async (_, flags, env, sentence) => {
  const port = await findFreePortSet()
  const { child, said, exit } = launch(['app', ...flags, '--json', '--data', dataDir, '--port', String(port)], env)
  const line = await waitUntil('the ready line', () => (said.out.includes('\n') ? said.out.split('\n')[0] : null), readyLimitMs)
  const ready = JSON.parse(line) as ReadyEvent
  expect(ready.pid).toBe(child.pid)
  // The last of what was said: a build may have had its say before.
  expect(said.err.trim().split('\n').at(-1)).toMatch(sentence)
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ code: 0 })
  expect(ready.nodes.some(({ pid }) => isAlive(pid))).toBe(false)
})

it.each([[[]], [['nonsense']]])('refuses to guess what %j means', async (args) => {
  const { said, exit } = launch(args)
  expect(await exit()).toEqual({ code: 1 })
  expect(said.err).toContain('app|headless')
})

it('shows its help without starting anything', async () => {
  const { said, exit } = launch(['headless', '--help'])
  expect(await exit()).toEqual({ code: 0 })
  for (const option of ['--data', '--port', '--nodes', '--json', '--no-console']) expect(said.out).toContain(option)
})
