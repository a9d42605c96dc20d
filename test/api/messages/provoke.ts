/** Asks the gRPC server of a node for every message of the table, has it push what it pushes, and says of each what came of it. */

import { connectGrpc, type Said, type TestStream } from '../../../src-node/api/grpc/client.testing.ts'
import { livenessMs } from '../../../src-node/api/grpc/connections.ts'
import { createFakeGrpcNode } from '../../../src-node/api/grpc/fake-node.testing.ts'
import { createGrpcServer } from '../../../src-node/api/grpc/server.ts'
import { config, type Message, service } from './messages.ts'

export type Verdict = 'done' | { readonly differs: string }

const pushLimitMs = 5_000

/** The node's clock, but for the first round in which silent clients are looked for: it comes when the scene says so, and so does the silence. */
const steered = (clock: ReturnType<typeof createFakeGrpcNode>['parts']['clock']) => {
  let nowMs = 0
  let sweep: (() => void) | null = null
  return {
    clock: {
      ...clock,
      monotonicMs: () => nowMs,
      after: (ms: number, task: () => void) => {
        // What waits as long and comes later is something else.
        if (ms !== livenessMs.sweepEvery || sweep !== null) return clock.after(ms, task)
        sweep = task
        return { cancel: () => undefined }
      },
    },
    beSilent: () => {
      nowMs += livenessMs.silent
      sweep?.()
    },
  }
}

const answeredAs = (said: Said, answer: string): Verdict =>
  said.type === answer && said.body.errorCode === 0
    ? 'done'
    : { differs: `the answer must be a ${answer} of success, and is ${said.type}: ${JSON.stringify(said.body)}` }

const refusedWith = (said: Said, errorCode: number): Verdict =>
  said.type === 'ErrorResponse' && said.body.errorCode === errorCode
    ? 'done'
    : { differs: `it must be refused with ${errorCode}, and is answered by ${said.type}: ${JSON.stringify(said.body)}` }

/** Acknowledges all that comes until every one of these types has come, or none comes for long. */
const hear = async (stream: TestStream, wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
  const heard = new Set<string>()
  const late = new Promise<null>((resolve) => void setTimeout(resolve, pushLimitMs, null).unref())
  while (![...wanted].every((type) => heard.has(type))) {
    const push = await Promise.race([stream.next(), late])
    if (push === null) break
    heard.add(push.type)
    if (push.body.requestId !== undefined) stream.send('AnyResponse', { resultCode: 200, errorCode: 0, requestId: push.body.requestId })
  }
  return heard
}

export const askAll = async (messages: readonly Message[]): Promise<ReadonlyMap<string, Verdict>> => {
  const node = createFakeGrpcNode()
  const { clock, beSilent } = steered(node.parts.clock)
  const server = createGrpcServer({ ...node.parts, clock })
  const client = connectGrpc(await server.listen('127.0.0.1', 0))
  const verdicts = new Map<string, Verdict>()
  try {
    const setUp = messages.find(({ way }) => way === 'said')
    const stream = await client.register(setUp?.way === 'said' ? setUp.body : {})
    for (const message of messages) {
      if (message.way === 'asked') verdicts.set(message.type, answeredAs(await client.call(message.type, message.body), message.answer))
      else if (message.way === 'left-out') verdicts.set(message.type, refusedWith(await client.call(message.type, {}), message.errorCode))
    }
    await client.call('ConfigPublishRequest', { ...config, content: 'a: 2' })
    await client.call('ConfigPublishRequest', { ...config, dataId: 'another', content: 'a: 1' })
    const { namespace, serviceName: name, groupName: group } = service
    const key = { namespace, group, name }
    node.naming.port.createService(key, { protectThreshold: 0, metadata: {}, selector: { type: 'none' } }, true, () => {
      node.fuzzy.onEffects([{ kind: 'service-changed', ...key, index: 1 }])
      void node.naming.push(node.naming.port.serviceInfo(key, '', false))
    })
    beSilent()
    const [view] = server.views()
    server.configMetrics(view?.clientIp ?? '', null, () => undefined)
    server.reset(view?.connectionId ?? '', null)
    const pushes = messages.filter(({ way }) => way === 'pushed').map(({ type }) => type)
    const heard = await hear(stream, new Set(pushes))
    for (const type of pushes) verdicts.set(type, heard.has(type) ? 'done' : { differs: 'it was not pushed' })
    if (setUp?.way === 'said') verdicts.set(setUp.type, heard.has(setUp.answer) ? 'done' : { differs: `${setUp.answer} was not pushed` })
    return verdicts
  } finally {
    client.close()
    await server.close(0)
  }
}
