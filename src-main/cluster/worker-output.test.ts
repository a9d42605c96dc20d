import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAppLog, formatLine } from './app-log.ts'
import { exitFromCode } from './utility-launcher.ts'
import { tokenVariable, workerEnv } from './worker-env.ts'
import { createWorkerOutput } from './worker-output.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nacos-trio-output-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const said = async (text: string): Promise<string | null> => {
  const output = createWorkerOutput(join(folder, 'logs', 'worker.out'))
  const stream = new PassThrough()
  output.attach(stream)
  stream.end(text)
  await new Promise((resolve) => stream.once('close', resolve))
  output.close()
  return output.lastLine()
}

it.each([
  [
    'the message of an uncaught error, not its stack',
    'noise\nTypeError: x is not a function\n    at f (file.js:1:1)\n\nNode.js v24.21.0\n',
    'TypeError: x is not a function',
  ],
  ['the last line otherwise', 'one\ntwo\n', 'two'],
  ['a last line without its end', 'one\nhalf', 'half'],
  ['nothing', '', null],
])('of a dead worker is kept: %s', async (_, text, line) => {
  expect(await said(text)).toBe(line)
})

it('cuts a line that never ends', async () => {
  expect((await said('x'.repeat(100_000)))?.length).toBe(500)
})

it('writes one line of the log for one text, whatever stands in it', () => {
  const line = formatLine(new Date(0), { level: 'warn', module: 'supervisor', text: 'a\nb\u001b[31m' })
  expect(line).toBe('1970-01-01T00:00:00.000Z WARN  [supervisor] a\\u000ab\\u001b[31m\n')
})

it('appends to the log and makes its folder', () => {
  const file = join(folder, 'new', 'app.log')
  createAppLog(file).write('info', 'main', 'one')
  createAppLog(file).write('error', 'main', 'two')
  expect(readFileSync(file, 'utf8')).toMatch(/ INFO {2}\[main\] one\n.* ERROR \[main\] two\n$/)
})

it('hands a worker allowed names only', () => {
  expect(workerEnv({ PATH: '/bin', NODE_OPTIONS: '--inspect', HTTP_PROXY: 'x', AWS_SECRET: 'y' }, 'mark')).toEqual({
    PATH: '/bin',
    [tokenVariable]: 'mark',
    ...{ MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' },
  })
})

it.each([
  ['a clean end', 0, true, null, { code: 0, signal: null }],
  ['a coded end', 11, true, null, { code: 11, signal: null }],
  ['kill -9 from outside', 9, false, null, { code: null, signal: 'SIGKILL' }],
  ['a busy worker that we ended: zero proves nothing', 0, false, 'SIGKILL' as const, { code: null, signal: 'SIGKILL' }],
  ['a zero that nobody asked for', 0, false, null, { code: 0, signal: null }],
  ['a segmentation fault, which is no taken port', 11, false, null, { code: null, signal: 'SIGSEGV' }],
])('reads an exit code of Electron: %s', (_, code, farewell, sent, exit) => {
  expect(exitFromCode(code, { farewell, sent })).toEqual(exit)
})
