/**
 * The steps of `npm run check`, cheapest first. Each takes a folder and gives problems in words, none meaning that its
 * promise holds there. A tool that cannot run is a problem, never a pass.
 */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { purityProblems } from './purity.ts'
import { sourceFiles, textProblems } from './text-rules.ts'

export interface Step {
  readonly name: string
  readonly promise: string
  run(root: string): Promise<readonly string[]>
}

const toolTimeoutMs = 180_000

/** Runs a tool of ours under this very Node and turns a non-zero end into problems: its output, line by line. */
const tool =
  (entry: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  (root: string): Promise<readonly string[]> =>
    new Promise((resolve) => {
      const script = join(root, 'node_modules', entry)
      if (!existsSync(script)) return resolve([`${entry} is not installed; run npm ci`])
      const child = spawn(process.execPath, [script, ...args], {
        cwd: root,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: toolTimeoutMs,
      })
      const chunks: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.on('error', (error) => resolve([`${entry} did not start: ${error.message}`]))
      child.on('close', (code, signal) => {
        if (code === 0) return resolve([])
        const said = Buffer.concat(chunks)
          .toString('utf8')
          .split('\n')
          .filter((line) => line.trim() !== '')
        resolve(said.length > 0 ? said : [`${entry} ended with ${code ?? signal} and said nothing`])
      })
    })

/** Folders that exist yet: a tool that is given a missing folder fails for the wrong reason. */
const folders = (root: string): readonly string[] => ['src-node', 'src-main', 'src-renderer', 'test'].filter((name) => existsSync(join(root, name)))

export const steps: readonly Step[] = [
  {
    name: 'text',
    promise: 'files of at most 450 lines, no drawer folders, no test left out, no promises to do it later',
    run: async (root) => textProblems(root),
  },
  {
    name: 'purity',
    promise: 'the Raft core and the state machine see no clock, chance, process or console; src-node gets time passed in',
    run: async (root) => purityProblems(root, sourceFiles(root)),
  },
  {
    name: 'lint',
    promise: 'Biome: lint and format',
    run: tool('@biomejs/biome/bin/biome', ['ci', '--colors=off', '--max-diagnostics=200', '--error-on-warnings', '.']),
  },
  {
    name: 'deps',
    promise: 'the dependency rule: who may import whom',
    run: (root) =>
      tool('dependency-cruiser/bin/dependency-cruiser.mjs', ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', ...folders(root)])(
        root,
      ),
  },
  {
    name: 'dead',
    promise: 'no unused file, export or dependency',
    run: tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  },
  {
    name: 'shipped',
    promise: 'no file of the product that only tests use',
    run: tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints', '--production', '--include', 'files']),
  },
  { name: 'types', promise: 'TypeScript, strict', run: tool('typescript/bin/tsc', ['-p', '.', '--pretty', 'false']) },
]
