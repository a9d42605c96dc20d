import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogFile } from './log-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trio-log-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const open = (bytesMax = 1_000_000) => {
  const timers: (() => void)[] = []
  const clock = {
    wallMs: () => Date.UTC(2026, 10, 23, 10, 31, 33, 123),
    after: (_ms: number, task: () => void) => {
      timers.push(task)
      return { cancel: () => {} }
    },
  }
  const path = join(dir, 'logs', 'nacos.log')
  const log = openLogFile({ path, bytesMax, keep: 2, clock })
  return { log, read: () => readFileSync(path, 'utf8'), tick: () => timers.splice(0).forEach((task) => void task()) }
}

test('a line has time, level, module and text', () => {
  const { log, read } = open()
  log.write('info', 'raft', 'node-2 became leader of term 7: 2 of 3 votes after 3.1 ms')
  log.close()
  expect(read()).toBe('2026-11-23T10:31:33.123Z INFO  [raft] node-2 became leader of term 7: 2 of 3 votes after 3.1 ms\n')
})

test('information waits a moment, a warning does not', () => {
  const { log, read, tick } = open()
  log.write('info', 'raft', 'one')
  expect(read()).toBe('')
  tick()
  expect(read()).toContain('one')
  log.write('warn', 'raft', 'two')
  expect(read()).toContain('WARN  [raft] two')
  log.close()
})

test('no text can look like another line', () => {
  const { log, read } = open()
  log.write('error', 'http', 'a\r\n2026-11-23T10:31:33.123Z INFO  [raft] forged \u001b[31m \u202e \u2028 配置 😀')
  log.close()
  expect(read().split('\n')).toHaveLength(2)
  expect(read()).toContain('a\\r\\n2026-11-23T10:31:33.123Z INFO  [raft] forged \\u001b[31m \\u202e \\u2028 配置 😀')
})

test('a full file is put aside, and only so many are kept', () => {
  const { log, read } = open(200)
  for (let line = 0; line < 12; line++) log.write('warn', 'raft', `line ${line} ${'x'.repeat(40)}`)
  log.close()
  expect(readdirSync(join(dir, 'logs')).sort()).toEqual(['nacos.log', 'nacos.log.1', 'nacos.log.2'])
  expect(read()).toContain('line 11')
})
