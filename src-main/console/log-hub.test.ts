import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogLine } from '../contract/index.ts'
import { createLogHub, type LogHub } from './log-hub.ts'

let home: string
let nodes: number[]
let hub: LogHub
let stop: AbortController
const file = (node: number) => join(home, `${node}.log`)
const line = (second: number, text: string, module = 'raft') => `2026-11-23T10:31:${String(second).padStart(2, '0')}.123Z INFO  [${module}] ${text}\n`

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'trio-logs-'))
  nodes = [0, 1, 2]
  hub = createLogHub({ sources: () => nodes.map((node) => ({ node, path: file(node) })), nowMs: () => 7 })
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await hub.close()
  await rm(home, { recursive: true, force: true })
})

/** Reads batches until a line with this text has come; all lines so far. */
async function until(stream: AsyncGenerator<{ lines: LogLine[] }>, text: string): Promise<LogLine[]> {
  const lines: LogLine[] = []
  while (!lines.some((seen) => seen.text === text)) {
    const { value, done } = await stream.next()
    if (done) throw new Error(`ended before ${text}`)
    lines.push(...value.lines)
  }
  return lines
}
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text)

test('the past of all files comes merged by time, numbered in that order', async () => {
  await writeFile(file(1), line(1, 'one') + line(3, 'three'))
  await writeFile(file(2), line(2, 'two'))
  const lines = await until(hub.watch(10, stop.signal), 'three')
  expect(texts(lines)).toEqual(['one', 'two', 'three'])
  expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(lines[1]).toEqual({ seq: 2, node: 2, atMs: Date.parse('2026-11-23T10:31:02.123Z'), level: 'info', module: 'raft', text: 'two' })
})

test('without files the first batch is empty, and a file that appears is followed', async () => {
  const stream = hub.watch(10, stop.signal)
  expect((await stream.next()).value).toEqual({ lines: [], dropped: 0 })
  await writeFile(file(1), line(1, 'born'))
  expect(texts(await until(stream, 'born'))).toEqual(['born'])
})

test('half a line waits for its other half, also in the middle of a character', async () => {
  const stream = hub.watch(0, stop.signal)
  await stream.next()
  const bytes = Buffer.from(line(1, '选举'))
  await writeFile(file(1), bytes.subarray(0, bytes.length - 3))
  await appendFile(file(2), line(2, 'beside'))
  await until(stream, 'beside')
  await appendFile(file(1), bytes.subarray(bytes.length - 3))
  expect(texts(await until(stream, '选举'))).toEqual(['选举'])
})

test('rotation loses nothing', async () => {
  await writeFile(file(1), line(1, 'old'))
  const stream = hub.watch(10, stop.signal)
  await until(stream, 'old')
  await appendFile(file(1), line(2, 'last of the old'))
  await rename(file(1), join(home, '1.log.1'))
  await writeFile(file(1), line(3, 'first of the new'))
  expect(texts(await until(stream, 'first of the new'))).toEqual(['last of the old', 'first of the new'])
})

test('a node that goes is followed to its last line, and no further', async () => {
  await writeFile(file(1), line(1, 'first'))
  const stream = hub.watch(10, stop.signal)
  await until(stream, 'first')
  await appendFile(file(1), line(2, 'last words'))
  await rename(file(1), join(home, 'removed.log'))
  nodes = [0, 2]
  await until(stream, 'last words')
  // The turn that brings the second pulse began after the node had gone.
  for (const pulse of ['pulse', 'second pulse']) {
    await appendFile(file(2), line(3, pulse))
    await until(stream, pulse)
  }
  await writeFile(file(1), line(3, 'a stranger'))
  await appendFile(file(2), line(4, 'one'))
  const lines = await until(stream, 'one')
  await appendFile(file(2), line(5, 'two'))
  expect(texts([...lines, ...(await until(stream, 'two'))])).toEqual(['one', 'two'])
})

test('a truncated file is read from its new start', async () => {
  await writeFile(file(1), line(1, 'long before the cut'))
  const stream = hub.watch(10, stop.signal)
  await until(stream, 'long before the cut')
  await truncate(file(1), 0)
  await appendFile(file(2), line(2, 'pulse'))
  await until(stream, 'pulse')
  await appendFile(file(1), line(3, 'new'))
  expect(texts(await until(stream, 'new'))).toEqual(['new'])
})

test('what has another shape stays with the line before it', async () => {
  await writeFile(file(1), `${line(5, 'crash')}    at somewhere (file.ts:1)\n`)
  const lines = await until(hub.watch(10, stop.signal), '    at somewhere (file.ts:1)')
  expect(lines[1]).toMatchObject({ level: 'info', module: 'out', atMs: lines[0]?.atMs })
})

test('a huge file is read from its end, beginning with a whole line', async () => {
  const many = Array.from({ length: 40_000 }, (_, i) => line(i % 60, `line number ${i}`)).join('')
  await writeFile(file(1), many)
  const lines = await until(hub.watch(20_000, stop.signal), 'line number 39999')
  expect(lines.length).toBeLessThan(20_000)
  expect(lines.every(({ module }) => module === 'raft')).toBe(true)
})

test('a line without end is cut, not kept growing', async () => {
  await writeFile(file(1), `${'x'.repeat(200_000)}\n${line(1, 'after')}`)
  const lines = await until(hub.watch(10, stop.signal), 'after')
  expect(Math.max(...lines.map(({ text }) => text.length))).toBe(64 * 1024)
})

test('a second watcher gets the backlog with the same numbers, and what was written while nobody watched', async () => {
  await writeFile(file(1), line(1, 'one'))
  const alone = new AbortController()
  const first = await until(hub.watch(10, alone.signal), 'one')
  alone.abort()
  await appendFile(file(1), line(2, 'two'))
  const second = await until(hub.watch(10, stop.signal), 'two')
  expect(second[0]).toEqual(first[0])
  expect(texts(second)).toEqual(['one', 'two'])
})

test('the end of a watcher ends its stream', async () => {
  const stream = hub.watch(10, stop.signal)
  await stream.next()
  const next = stream.next()
  stop.abort()
  expect((await next).done).toBe(true)
})
