/** Two nodes as real HTTP servers that say what they hold. */

import { createServer, type ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { compareNodes } from './compare-nodes.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

interface Held {
  readonly id: number
  readonly dataId: string
  readonly md5?: string
  readonly index?: number
}
interface Says {
  readonly appliedIndex?: number
  readonly stateHash?: string
  readonly rows?: readonly Held[]
  /** What the head says instead of the truth. */
  readonly count?: number
}

const rowOf = ({ id, dataId, md5 = 'm', index = 5 }: Held) => [id, '', 'G', dataId, md5, 'yaml', '', 1, 2, index, 10]
const say = (response: ServerResponse, { appliedIndex = 7, stateHash = 'aa', rows = [], count = rows.length }: Says): void => {
  const lines = [{ node: 1, appliedIndex, appliedTerm: 1, stateHash, rows: count }, ...rows.map(rowOf), { end: rows.length }]
  response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

const startNode = async (id: number, answer: (response: ServerResponse) => void) => {
  const server = createServer((_request, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  const address = server.address()
  return { id, host: '127.0.0.1', httpPort: typeof address === 'object' && address !== null ? address.port : 0 }
}
const compare = async (one: Says, other: Says, waitMs = 200) => {
  const places = await Promise.all([startNode(1, (response) => say(response, one)), startNode(2, (response) => say(response, other))])
  const result = await compareNodes(places, { first: 1, second: 2, waitMs })
  if (!result.ok) throw new Error(result.refusal.detail)
  return result.comparison
}

it('finds two nodes equal', async () => {
  const rows = [
    { id: 1, dataId: 'a' },
    { id: 4, dataId: 'b' },
  ]
  expect(await compare({ rows }, { rows })).toEqual({
    ...{ kind: 'compared', equal: true, differing: 0, differences: [] },
    first: { id: 1, appliedIndex: 7, configs: 2, stateHash: 'aa' },
    second: { id: 2, appliedIndex: 7, configs: 2, stateHash: 'aa' },
  })
})

it('names each key that differs, and what of it', async () => {
  const first = [
    { id: 1, dataId: 'same' },
    { id: 2, dataId: 'gone' },
    { id: 3, dataId: 'changed' },
    { id: 6, dataId: 'moved' },
  ]
  const second = [
    { id: 1, dataId: 'same' },
    { id: 3, dataId: 'changed', md5: 'n', index: 6 },
    { id: 5, dataId: 'extra' },
    { id: 7, dataId: 'moved' },
  ]
  const comparison = await compare({ rows: first }, { rows: second, stateHash: 'bb' })
  expect(comparison).toMatchObject({ kind: 'compared', equal: false, differing: 4 })
  expect(comparison.kind === 'compared' && comparison.differences.map(({ dataId, heldBy, fields }) => [dataId, heldBy, fields])).toEqual([
    ['gone', 'first', []],
    ['changed', 'both', ['md5', 'index']],
    ['extra', 'second', []],
    ['moved', 'both', ['id']],
  ])
})

it('names other keys under one id on both sides', async () => {
  const comparison = await compare({ rows: [{ id: 1, dataId: 'a' }] }, { rows: [{ id: 1, dataId: 'b' }] })
  expect(comparison).toMatchObject({
    differing: 2,
    differences: [
      { dataId: 'a', heldBy: 'first' },
      { dataId: 'b', heldBy: 'second' },
    ],
  })
})

it('counts all that differ and names the first hundred', async () => {
  const rows = Array.from({ length: 5_000 }, (_, at) => ({ id: at + 1, dataId: `k${at}` }))
  const comparison = await compare({ rows }, { rows: [] })
  expect(comparison).toMatchObject({ differing: 5_000 })
  expect(comparison.kind === 'compared' && comparison.differences).toHaveLength(100)
})

it('does not call nodes of different hashes equal, whatever their rows', async () => {
  expect(await compare({}, { stateHash: 'bb' })).toMatchObject({ equal: false, differing: 0 })
})

it('waits for the one that is behind', async () => {
  let asked = 0
  const places = await Promise.all([
    startNode(1, (response) => say(response, { appliedIndex: 9 })),
    startNode(2, (response) => say(response, { appliedIndex: asked++ < 3 ? 8 : 9 })),
  ])
  const result = await compareNodes(places, { first: 1, second: 2 })
  expect(result).toMatchObject({ ok: true, comparison: { kind: 'compared', equal: true } })
  expect(asked).toBe(4)
})

it('says which one is behind when it does not come', async () => {
  expect(await compare({ appliedIndex: 9 }, { appliedIndex: 8 })).toMatchObject({ kind: 'behind', behind: 2 })
})

it.each([
  ['torn', (response: ServerResponse) => say(response, { count: 3, rows: [{ id: 1, dataId: 'a' }] }), 'internal', 'in the middle'],
  ['no answer of ours', (response: ServerResponse): void => void response.end('hello'), 'unreachable', ''],
  ['a refusal', (response: ServerResponse): void => void response.writeHead(503).end('caused: too much to do;'), 'overloaded', 'too much to do'],
] satisfies [string, (response: ServerResponse) => void, string, string][])('refuses what is %s', async (_, answer, code, words) => {
  const places = await Promise.all([startNode(1, answer), startNode(2, (response) => say(response, { count: 3, rows: [{ id: 1, dataId: 'a' }] }))])
  expect(await compareNodes(places, { first: 1, second: 2 })).toMatchObject({ ok: false, refusal: { code, detail: expect.stringContaining(words) } })
})

it('refuses nodes that are not there, and one node twice', async () => {
  const places = [await startNode(1, (response) => say(response, {}))]
  expect(await compareNodes(places, { first: 1, second: 2 })).toMatchObject({ ok: false, refusal: { code: 'not_found', nodeId: 2 } })
  expect(await compareNodes(places, { first: 1, second: 1 })).toMatchObject({ ok: false, refusal: { code: 'invalid' } })
})
