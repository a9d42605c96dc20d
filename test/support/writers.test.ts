/** The books can be wrong in one way only: by never finding anything. So a server that lies must be found out. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { waitUntil } from './wait-until.ts'
import { startWriters } from './writers.ts'

type Habit = 'honest' | 'forgets' | 'sneaks' | 'unsure'

/** Every fifth write is treated after the server's habit. */
const startServer = async (habit: Habit) => {
  const kept = new Map<string, string>()
  let writes = 0
  const write = (form: URLSearchParams): number => {
    writes += 1
    const special = habit !== 'honest' && writes % 5 === 0
    if (!special || habit !== 'forgets') kept.set(form.get('dataId') ?? '', form.get('content') ?? '')
    return !special || habit === 'forgets' ? 200 : habit === 'sneaks' ? 503 : 504
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'POST') return response.writeHead(write(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))).end()
      const found = kept.get(new URL(request.url ?? '', 'http://x').searchParams.get('dataId') ?? '')
      return response.writeHead(found === undefined ? 404 : 200).end(found)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const auditOf = async (habit: Habit): Promise<readonly string[]> => {
  await using server = await startServer(habit)
  const writers = startWriters([server.base], 2)
  await waitUntil('a hundred writes', () => writers.acknowledged() >= 100)
  await writers.stop()
  return await writers.audit(server.base)
}

describe('the books of the writers', () => {
  it('find nothing against an honest server', async () => {
    expect(await auditOf('honest')).toEqual([])
  })

  it('find nothing against a server that says when it does not know', async () => {
    expect(await auditOf('unsure')).toEqual([])
  })

  it('find an acknowledged write that is not there', async () => {
    expect((await auditOf('forgets')).join('\n')).toMatch(/was acknowledged, .* has #/)
  })

  it('find a refused write that is there', async () => {
    expect((await auditOf('sneaks')).join('\n')).toMatch(/was refused, and .* has it/)
  })
})
