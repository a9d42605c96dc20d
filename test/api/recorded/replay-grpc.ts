/**
 * Replays a recorded conversation over gRPC, step by step: each answer and each push must have the recorded type, the same codes and words, and members
 * of the same types. Where a node and its time come from is the stage's business.
 */

import { connectGrpc, encodePlain, type Said, type TestClient, type TestStream } from '../../../src-node/api/grpc/client.testing.ts'
import type { Request } from '../../support/http.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { type Example, unlike } from './replay.ts'

interface Message {
  readonly type: string
  readonly body: object
}

interface Wanted extends Pick<Example, 'ours'> {
  readonly type: string
  readonly json: NonNullable<Example['json']>
  /** Members whose value counts, at any depth; codes and words, if absent. */
  readonly exactly?: readonly string[]
}

type Step =
  /** Answered on the same call. `raw`: a body that is no JSON. */
  | (Partial<Message> & { readonly do: 'call'; readonly type: string; readonly raw?: string; readonly answer?: Wanted })
  /** On the stream, which nobody answers. */
  | (Message & { readonly do: 'say' })
  /** The next push, and what the client says to it. */
  | (Wanted & { readonly do: 'hear'; readonly ack?: Message })
  /** No push has come. */
  | { readonly do: 'quiet' }
  /** Somebody else, over HTTP; waited for at the end. */
  | (Request & { readonly do: 'http' })
  | { readonly do: 'starting' }
  | { readonly do: 'pass'; readonly seconds: number }

export interface GrpcExample {
  readonly name: string
  /** How the client introduces itself; absent: somehow; null: it does not. */
  readonly setup?: object | null
  /** As the client says it. */
  readonly clientIp?: string
  readonly steps: readonly Step[]
  /** Of a cluster with auth on. */
  readonly auth?: boolean
  /** `port`: needs a server whose time and state the test has in hand. */
  readonly stage?: 'port'
}

export interface Stage {
  readonly port: number
  http?(request: Request): Promise<unknown>
  starting?(): void
  pass?(seconds: number): Promise<void>
}

const codesAndWords = ['resultCode', 'errorCode', 'success', 'message'] as const

const problemsOf = (said: Said, { type, json, ours, exactly = codesAndWords }: Wanted): readonly string[] =>
  said.type === type ? unlike(json, said.body, { exactly, ...(ours === undefined ? {} : { ours }) }) : [`${type} was to come, and it is ${said.type}`]

/** `{name}` in a text of the example, as it is today. */
const filled = (text: string, facts: ReadonlyMap<string, string>): string =>
  text.replace(/\{(requestId|connectionId)\}/g, (word, name: string) => facts.get(name) ?? word)
const filledBody = (body: object, facts: ReadonlyMap<string, string>): object => JSON.parse(filled(JSON.stringify(body), facts)) as object

/** One client of the example, with what it has learnt. */
const createPlayer = (client: TestClient, stage: Stage) => {
  const facts = new Map<string, string>()
  const elsewhere: Promise<unknown>[] = []
  let stream: TestStream | null = null
  const streamNow = (): TestStream => {
    stream ??= client.open()
    return stream
  }
  const hear = async (wanted: Wanted, ack: Message | undefined): Promise<readonly string[]> => {
    const heard = streamNow()
    await waitUntil(wanted.type, () => heard.waiting().length > 0)
    const said = await heard.next()
    facts.set('requestId', String(said.body.requestId))
    if (ack !== undefined) heard.send(ack.type, filledBody(ack.body, facts))
    return problemsOf(said, wanted)
  }
  const play = async (step: Step): Promise<readonly string[]> => {
    switch (step.do) {
      case 'call': {
        const { type, body = {}, raw, answer } = step
        const said = await (raw === undefined ? client.call(type, body) : client.callRaw(encodePlain(type, raw)))
        return answer === undefined ? [] : problemsOf(said, answer)
      }
      case 'say':
        streamNow().send(step.type, step.body)
        return []
      case 'hear':
        return hear(step, step.ack)
      case 'quiet':
        return streamNow()
          .waiting()
          .map(({ type }) => `${type} came, and nothing was to come`)
      case 'http':
        elsewhere.push(stage.http?.({ ...step, path: filled(step.path, facts) }) ?? Promise.reject(new Error('nobody is there over HTTP')))
        return []
      case 'starting':
        stage.starting?.()
        return []
      case 'pass':
        await stage.pass?.(step.seconds)
        return []
    }
  }
  const introduce = async ({ setup = {}, clientIp }: GrpcExample): Promise<void> => {
    if (setup === null) return
    stream = await client.register(setup, clientIp)
    const check = await client.call('ServerCheckRequest', {})
    facts.set('connectionId', String(check.body.connectionId))
  }
  return { introduce, play, settled: () => Promise.all(elsewhere) }
}

const nameOf = (step: Step): string => ('type' in step ? `${step.do} ${step.type}` : step.do)

/** What differs, in words; none: it is as recorded. */
export const replayGrpc = async (stage: Stage, example: GrpcExample): Promise<readonly string[]> => {
  const client = connectGrpc(stage.port)
  const problems: string[] = []
  try {
    const player = createPlayer(client, stage)
    await player.introduce(example)
    for (const [at, step] of example.steps.entries())
      problems.push(...(await player.play(step)).map((problem) => `step ${at + 1}, ${nameOf(step)}: ${problem}`))
    await player.settled()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  } finally {
    client.close()
  }
  return problems
}
