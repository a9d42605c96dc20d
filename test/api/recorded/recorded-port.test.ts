/** The recorded examples over gRPC that take a time or a state which no running node can be asked for: the same server, over a node in the test's hand. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeGrpcNode } from '../../../src-node/api/grpc/fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../../../src-node/api/grpc/server.ts'
import { createFakeClock } from '../../../src-node/notify/fake-clock.testing.ts'
import grpc from './grpc.json' with { type: 'json' }
import { type GrpcExample, replayGrpc, type Stage } from './replay-grpc.ts'

const examples = (grpc as unknown as readonly GrpcExample[]).filter(({ stage }) => stage === 'port')
let server: NodeGrpcServer
let stage: Stage
const { clock, advance } = createFakeClock()

beforeEach(async () => {
  const node = createFakeGrpcNode()
  server = createGrpcServer({ ...node.parts, clock: { ...node.parts.clock, ...clock } })
  stage = {
    port: await server.listen('127.0.0.1', 0),
    starting: () => node.setStarting(true),
    pass: async (seconds) => advance(seconds * 1_000),
  }
})
afterEach(() => server.close(0))

it.each(examples.map((example) => [example.name, example] as const))('is answered as recorded: %s', async (_, example) => {
  expect(await replayGrpc(stage, example)).toEqual([])
})

const health = (answer: GrpcExample['steps'][number] & { readonly do: 'hear' }): GrpcExample => ({
  name: 'health',
  steps: [{ do: 'call', type: 'HealthCheckRequest', answer }],
})
const healthy = { do: 'hear', type: 'HealthCheckResponse', json: { resultCode: 200, errorCode: 0, success: true } } as const

it.each([
  ['another type', health({ ...healthy, type: 'Other' }), ['step 1, call HealthCheckRequest: Other was to come, and it is HealthCheckResponse']],
  ['another code', health({ ...healthy, json: { ...healthy.json, errorCode: 300 } }), [/errorCode was 300, and is 0/]],
  ['a member less', health({ ...healthy, json: { resultCode: 200, errorCode: 0 } }), [/success was not there/]],
  [
    'what stays away',
    { name: 'no stream', setup: null, steps: [{ do: 'call', type: 'NoSuchRequest', answer: healthy }, { do: 'quiet' }] },
    [/ErrorResponse/],
  ],
] as const)('a conversation that goes otherwise is told of: %s', async (_, example, problems) => {
  expect(await replayGrpc(stage, example as GrpcExample)).toEqual(
    problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
  )
})
