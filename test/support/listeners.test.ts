/** Listeners judge a server by what they were told: one that forgets to tell must be found out, and an honest one must not be accused. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { startListeners } from './listeners.ts'
import { md5 } from './nacos.ts'
import { waitUntil } from './wait-until.ts'

/** Holds polls on one key; `publish` answers them, unless it is told to forget. */
const startServer = async () => {
  const waiting = new Set<ServerResponse>()
  let content = ''
  const now = (): string => (content === '' ? '' : md5(content))
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8')
    })
    request.on('end', () => {
      const known = new URLSearchParams(body).get('Listening-Configs')?.split('\u0001')[0]?.split('\u0002')[2]
      if (known !== now()) response.end('k%02DEFAULT_GROUP%01')
      else waiting.add(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now,
    polls: () => waiting.size,
    publish: (next: string, tells = true): void => {
      content = next
      if (!tells) return
      for (const response of waiting) response.end('k%02DEFAULT_GROUP%01')
      waiting.clear()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

it('that are told of every change accuse nobody', async () => {
  await using server = await startServer()
  const listeners = startListeners({ nodes: [{ id: 1, http: server.http }], keys: ['k'], observe: async () => server.now() })
  for (const content of ['one', 'two']) {
    await waitUntil('a poll', () => server.polls() === 1)
    server.publish(content)
  }
  expect(await listeners.settle(new Map([['k', md5('two')]]), 5_000)).toEqual([])
  expect(listeners.notices()).toBe(2)
  await listeners.stop()
})

it('one that is forgotten stands at what it knew', async () => {
  await using server = await startServer()
  const listeners = startListeners({ nodes: [{ id: 1, http: server.http }], keys: ['k'], observe: async () => server.now() })
  await waitUntil('a poll', () => server.polls() === 1)
  server.publish('one', false)
  expect(await listeners.settle(new Map([['k', md5('one')]]), 200)).toEqual([
    expect.stringContaining('the listener of k at node 1 stands at nothing'),
  ])
  await listeners.stop()
})
