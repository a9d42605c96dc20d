/** The connection test as a stream, and what a node says of its files, read over real HTTP and without trust. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { MysqlTestAnswer, MysqlTestProgress } from '../../src-node/observe/channel.ts'
import type { MysqlTestUpdate } from '../contract/index.ts'
import { readNodeData } from './node-data.ts'
import { createNodeHttp } from './node-http.ts'
import { watchTest } from './storage.ts'

const http = createNodeHttp()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const listen = async (answers: Readonly<Record<string, string>>): Promise<{ id: number; host: string; httpPort: number }> => {
  const server = createServer((request, response) => {
    const body = answers[request.url ?? '']
    response.writeHead(body === undefined ? 503 : 200).end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { id: 2, host: '127.0.0.1', httpPort: (server.address() as AddressInfo).port }
}

const none = { count: 0, first: [] }
const cache = {
  ...{
    state: 'current',
    folder: '/d',
    configs: 3,
    index: 9,
    dirty: 0,
    filesWritten: 1,
    filesRemoved: 0,
    problem: null,
    dumpDue: false,
    running: null,
  },
  last: {
    reason: 'start',
    startedMs: 1,
    tookMs: 2,
    checked: 3,
    written: 0,
    removed: 0,
    leftovers: 0,
    problem: null,
    missing: none,
    different: none,
    extra: none,
    failed: none,
  },
}
const cachePath = '/nacos/v1/cs/ops/localCache'
const statePath = '/nacos/v1/ns/raft/state'

it('reads the files and the history of a node', async () => {
  const place = await listen({ [cachePath]: JSON.stringify(cache), [statePath]: JSON.stringify({ historyRetention: 'on' }) })
  expect(await readNodeData(http, place)).toMatchObject({ answered: true, id: 2, retention: 'on', cache: { state: 'current', configs: 3 } })
})

it.each([
  [{}, 'HTTP 503'],
  [{ [cachePath]: '{', [statePath]: '{}' }, 'an answer of another shape'],
  [{ [cachePath]: JSON.stringify(cache), [statePath]: JSON.stringify({ historyRetention: 'perhaps' }) }, 'an answer of another shape'],
])('what it does not understand is no answer: %j', async (answers, detail) => {
  expect(await readNodeData(http, await listen(answers as Record<string, string>))).toEqual({ answered: false, id: 2, detail })
})

const found = { step: 'name', outcome: 'passed', code: 'ok', next: 'none', parameters: {}, tookMs: 1 } as const
const ended: MysqlTestAnswer = { kind: 'tested', addresses: [{ address: 'h:1', steps: [found] }] }
const asked = { url: 'mysql://u@h/d', password: 'p' }

it('tells each step as it comes, then the answer, and ends', async () => {
  const updates: MysqlTestUpdate[] = []
  const testMysql = async (_asked: unknown, watcher?: { readonly progress?: (progress: MysqlTestProgress) => void }) => {
    watcher?.progress?.({ address: 'h:1', step: 'name', found: null })
    await new Promise((resolve) => setImmediate(resolve))
    watcher?.progress?.({ address: 'h:1', step: 'name', found })
    return ended
  }
  for await (const update of watchTest({ testMysql }, asked, undefined)) updates.push(update)
  expect(updates).toEqual([
    { kind: 'progress', address: 'h:1', step: 'name', found: null },
    { kind: 'progress', address: 'h:1', step: 'name', found },
    { kind: 'ended', answer: ended },
  ])
})

it('a caller that goes ends the test', async () => {
  const caller = new AbortController()
  let given: AbortSignal | undefined
  const testMysql = (_asked: unknown, watcher?: { readonly signal?: AbortSignal | undefined }) =>
    new Promise<MysqlTestAnswer>((resolve) => {
      given = watcher?.signal
      given?.addEventListener('abort', () => resolve({ kind: 'failed', reason: 'killed' }))
    })
  const stream = watchTest({ testMysql }, asked, caller.signal)
  const first = stream.next()
  caller.abort()
  expect([(await first).done, given?.aborted]).toEqual([true, true])
})
