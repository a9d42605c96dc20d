/** Sends the payloads of a seed over connections that are registered, that are not, and that are misused, and gathers what is wrong with the answers. */

import { type GrpcLine, type GrpcOutcome, openGrpcLine } from './grpc-line.ts'
import { type FuzzPayload, payloadNumber } from './grpc-payload.ts'

const linesPerNode = 3
const silenceMs = 8_000
const lieSilenceMs = 200
const answerLimitMs = 1_000
/** A connection is misused, and replaced by a new one, after so many payloads. */
const perConnection = 400
const abusedAtOnce = 60
/** A node ends a connection that is not registered after 30 s, rightly; on a busy machine one lasts as long. */
const unregisteredMaxMs = 20_000
const failuresKept = 20
const lateMax = 200
/** Internal, unknown: of a server that does not know what happened to it. */
const brokenStatuses: ReadonlySet<number> = new Set([2, 15])

export interface GrpcRun {
  readonly sent: number
  readonly outcomes: ReadonlyMap<string, number>
  readonly failures: readonly string[]
  readonly failureCount: number
  readonly late: number
}

interface GrpcRunOptions {
  readonly ports: readonly number[]
  readonly seed: number
  /** From the first of these numbers on, the second left out. */
  readonly range: readonly [from: number, to: number]
}

/** In words what must not be; null: all is well. */
export const wrongWithGrpc = (payload: Pick<FuzzPayload, 'lies'>, outcome: GrpcOutcome): string | null => {
  switch (outcome.kind) {
    case 'silent':
    case 'closed':
      return payload.lies ? null : outcome.kind === 'silent' ? `no answer in ${silenceMs} ms` : 'the stream ended without a status'
    case 'status':
      return brokenStatuses.has(outcome.status) ? `gRPC status ${outcome.status}` : null
    case 'message': {
      const { body, type } = outcome.said
      const { resultCode, errorCode, message } = body
      if (/the node failed to answer/.test(String(message))) return `${type}: ${message}`
      return typeof resultCode === 'number' && typeof errorCode === 'number'
        ? null
        : `${type} without resultCode and errorCode: ${JSON.stringify(body).slice(0, 200)}`
    }
  }
}

const nameOf = (outcome: GrpcOutcome): string =>
  outcome.kind === 'message' ? `errorCode ${outcome.said.body.errorCode}` : outcome.kind === 'status' ? `status ${outcome.status}` : outcome.kind

/** Every third connection is never registered, every third says twice who it is. */
const isRegistered = (number: number): boolean => number % 3 !== 2
const newLine = (port: number, number: number): GrpcLine => {
  const line = openGrpcLine(port)
  if (isRegistered(number)) line.setUp(1 + (number % 3))
  return line
}

export const runGrpc = async ({ ports, seed, range }: GrpcRunOptions): Promise<GrpcRun> => {
  const outcomes = new Map<string, number>()
  const failures: string[] = []
  const late: { readonly payload: FuzzPayload; readonly port: number }[] = []
  let [next] = range
  const [, end] = range
  let sent = 0
  let failureCount = 0

  const judge = (payload: FuzzPayload, outcome: GrpcOutcome, port: number, again = false): void => {
    if (!again) outcomes.set(nameOf(outcome), (outcomes.get(nameOf(outcome)) ?? 0) + 1)
    const isLate = 'tookMs' in outcome && outcome.tookMs > answerLimitMs
    if (isLate && !again) return void late.push({ payload, port })
    const wrong = wrongWithGrpc(payload, outcome) ?? (isLate ? 'is answered late, alone' : null)
    if (wrong === null) return
    failureCount++
    if (failures.length < failuresKept) failures.push(`payload ${payload.number} (${payload.what}): ${wrong}`)
  }
  const loop = async (port: number, lane: number): Promise<void> => {
    let connections = lane
    let line = newLine(port, connections)
    let openedMs = performance.now()
    for (let count = 1; next < end; count++) {
      const payload = payloadNumber(seed, next++)
      judge(payload, await line.call(payload.bytes, payload.lies ? lieSilenceMs : silenceMs), port)
      sent++
      if (count % perConnection === 0) line.abuse(Array.from({ length: abusedAtOnce }, (_, at) => payloadNumber(seed, payload.number + at).bytes))
      const isOld = !isRegistered(connections) && performance.now() - openedMs > unregisteredMaxMs
      if (count % perConnection !== 0 && line.isOpen() && !isOld) continue
      line.close()
      line = newLine(port, ++connections)
      openedMs = performance.now()
    }
    line.close()
  }
  await Promise.all(ports.flatMap((port) => Array.from({ length: linesPerNode }, (_, lane) => loop(port, lane))))
  // What was late on a machine that may be busy with something else is sent again, alone.
  for (const { payload, port } of late.slice(0, lateMax)) {
    const line = newLine(port, 0)
    judge(payload, await line.call(payload.bytes, silenceMs), port, true)
    line.close()
  }
  if (late.length > lateMax) failures.push(`${late.length} payloads were answered late`)
  return { sent, outcomes, failures, failureCount: failureCount + (late.length > lateMax ? 1 : 0), late: late.length }
}
