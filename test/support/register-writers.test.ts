/** A judge that never finds anything is no judge: servers that lie must be found out, and an honest one must not be accused. */

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { md5 } from './nacos.ts'
import { startRegisterWriters } from './register-writers.ts'
import { waitUntil } from './wait-until.ts'

type Habit = 'honest' | 'unsure' | 'ignores conditions' | 'forgets writes' | 'reads old values' | 'writes what it refuses'

interface Value {
  readonly content: string
  readonly index: number
}

/** Every seventh request, or every condition, is treated after the server's habit. */
const createHandler = (habit: Habit) => {
  const kept = new Map<string, Value>()
  const older = new Map<string, Value>()
  let index = 0
  let requests = 0
  const publish = (request: IncomingMessage, form: URLSearchParams, isSpecial: boolean): number => {
    const key = form.get('dataId') ?? ''
    const current = kept.get(key)
    const asked = request.headers['nacos-trio-expect'] === 'absent' ? '' : request.headers.casmd5
    const isMet = asked === undefined || asked === (current === undefined ? '' : md5(current.content))
    if (!isMet && habit !== 'ignores conditions') return 500
    index++
    if (isSpecial && habit === 'forgets writes') return 200
    if (current !== undefined) older.set(key, current)
    kept.set(key, { content: form.get('content') ?? '', index })
    return isSpecial && habit === 'unsure' ? 504 : isSpecial && habit === 'writes what it refuses' ? 503 : 200
  }
  return (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const isSpecial = ++requests % 7 === 0
    const key = new URL(request.url ?? '', 'http://x').searchParams.get('dataId') ?? ''
    if (request.method === 'POST') {
      const status = publish(request, new URLSearchParams(body), isSpecial)
      response.writeHead(status, { 'nacos-trio-index': index }).end(status === 500 ? 'Cas publish fail' : 'true')
      return
    }
    if (request.method === 'DELETE') {
      kept.delete(key)
      response.writeHead(200, { 'nacos-trio-index': ++index }).end('true')
      return
    }
    const found = (isSpecial && habit === 'reads old values' ? older.get(key) : undefined) ?? kept.get(key)
    response.writeHead(found === undefined ? 404 : 200, found === undefined ? {} : { 'nacos-trio-index': found.index }).end(found?.content)
  }
}

const startServer = async (habit: Habit) => {
  const handle = createHandler(habit)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString('utf8')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const problemsWith = async (habit: Habit, readers = 0): Promise<string> => {
  const pictures = await mkdtemp(join(tmpdir(), 'nacos-trio-pictures-'))
  await using server = await startServer(habit)
  const writers = startRegisterWriters({ nodes: [{ id: 1, http: server.http }], writers: 4, readers, keys: ['k', 'l'], pictures })
  try {
    await waitUntil('a hundred writes', () => writers.acknowledged() >= 100)
    await writers.stop()
    await writers.readAtLast()
    const { problems, undecided } = writers.verdict()
    expect(undecided).toBe(0)
    if (problems.join('\n').includes('is not linearizable'))
      expect(existsSync(join(pictures, 'k.html')) || existsSync(join(pictures, 'l.html'))).toBe(true)
    return problems.join('\n')
  } finally {
    await writers.stop()
    await rm(pictures, { recursive: true, force: true })
  }
}

describe('the history of writers with compare-and-set', () => {
  it('accuses no honest server', async () => {
    expect(await problemsWith('honest')).toBe('')
  })
  it('accuses no server that says when it does not know', async () => {
    expect(await problemsWith('unsure')).toBe('')
  })
  it('shows conditions that were ignored', async () => {
    expect(await problemsWith('ignores conditions')).toContain('is not linearizable')
  })
  it('shows acknowledged writes that were forgotten', async () => {
    expect(await problemsWith('forgets writes')).toMatch(/after it had answered with|is not linearizable/)
  })
  it('shows old values at the node that had shown newer ones', async () => {
    expect(await problemsWith('reads old values')).toMatch(/read position \d+, after it had answered with \d+/)
  })
  it('accuses no honest server of its linearizable reads, and shows old ones', async () => {
    expect(await problemsWith('honest', 2)).toBe('')
    expect(await problemsWith('reads old values', 2)).toContain('is not linearizable')
  })
  it('shows refused writes that happened', async () => {
    expect(await problemsWith('writes what it refuses')).toContain('which nobody had published')
  })
})
