/** What a server of Nacos was recorded to answer, asked of a node of ours. The examples are data, in http.json and grpc.json. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import { send } from '../../support/http.ts'
import grpc from './grpc.json' with { type: 'json' }
import http from './http.json' with { type: 'json' }
import { type Example, type Replayed, replay } from './replay.ts'
import { type GrpcExample, replayGrpc } from './replay-grpc.ts'

/** What a node does not serve by now. One that is served and stands here is a failure, too. */
const notYet: readonly string[] = []

const examples = http as unknown as readonly Example[]
const conversations = (grpc as unknown as readonly GrpcExample[]).filter(({ stage }) => stage === undefined)
const isSigned = ({ auth }: { readonly auth?: boolean }): boolean => auth === true
const isOpen = ({ auth }: { readonly auth?: boolean }): boolean => auth !== true

const password = 'secret'
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const withPassword = (example: Example): Example => ({
  ...example,
  send: { ...example.send, ...(typeof example.send.body === 'string' ? { body: example.send.body.replace('{password}', password) } : {}) },
})

let cluster: HeadlessCluster
const replayed = new Map<string, Replayed>()
const spoken = new Map<string, readonly string[]>()

const replayAll = async (over: readonly Example[], talks: readonly GrpcExample[]): Promise<void> => {
  const base = cluster.baseOf(1)
  const stage = { port: Number(cluster.ready.nodes[0]?.grpc.split(':')[1]), http: (request: Parameters<typeof send>[1]) => send(base, request) }
  for (const example of over) replayed.set(example.name, await replay(base, withPassword(example)))
  for (const talk of talks) spoken.set(talk.name, await replayGrpc(stage, talk))
}

beforeAll(async () => {
  cluster = await startHeadless({ nodes: 1, args: ['--no-console'] })
  await replayAll(examples.filter(isOpen), conversations.filter(isOpen))
  await cluster.command('auth on')
  await send(cluster.baseOf(1), { method: 'POST', path: '/nacos/v1/auth/users/admin', headers: form, body: `password=${password}` })
  await replayAll(examples.filter(isSigned), conversations.filter(isSigned))
})
afterAll(() => cluster.stop())

describe('the recorded examples over HTTP', () => {
  it.each(examples.filter(({ name }) => !notYet.includes(name)).map(({ name }) => name))('are answered as recorded: %s', (name) => {
    expect(replayed.get(name)).toEqual({ kind: 'answered', problems: [] })
  })

  it('are all served but those of the list', () => {
    expect([...replayed].flatMap(([name, { kind }]) => (kind === 'not-served' ? [name] : []))).toEqual(notYet)
  })
})

describe('the recorded examples over gRPC', () => {
  it.each(conversations.map(({ name }) => name))('go as recorded: %s', (name) => {
    expect(spoken.get(name)).toEqual([])
  })
})
