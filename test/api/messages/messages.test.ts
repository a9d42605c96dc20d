import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../../support/headless.ts'
import { messages } from './messages.ts'
import { grpcPageOf, grpcPagePath } from './page.ts'
import { askAll } from './provoke.ts'

const noHandler = 302
const types = messages.map(({ type }) => type)

test('each message is in the table once', () => {
  expect(types.filter((type, at) => types.indexOf(type) !== at)).toEqual([])
})

test('a node takes, answers and pushes each as the table says', async () => {
  const verdicts = await askAll(messages)
  expect([...verdicts].filter(([, verdict]) => verdict !== 'done')).toEqual([])
  expect(types.filter((type) => !verdicts.has(type))).toEqual([])
})

test('every message that the server knows is in the table', () => {
  const folder = join(repository, 'src-node', 'api', 'grpc')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.test|\.testing)\.ts$/.test(name))
  const known = files.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/'(\w+Request)'/g)].map(([, type]) => type))
  expect(known.length).toBeGreaterThan(20)
  expect(known.filter((type) => type === undefined || !types.includes(type))).toEqual([])
  // What servers send each other is known as well, to be refused in words.
  const unknown = messages.filter((message) => message.way === 'left-out' && message.errorCode === noHandler).map(({ type }) => type)
  expect(unknown.filter((type) => known.includes(type))).toEqual([])
})

test('the table stands in docs/grpc.md (npm run endpoints writes it)', () => {
  expect(readFileSync(grpcPagePath, 'utf8')).toBe(grpcPageOf(messages))
})
