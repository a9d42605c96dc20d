/** Sends the requests of a seed to all nodes and gathers what is wrong with the answers. */

import { type Line, type Outcome, openLine } from './http-line.ts'
import { type FuzzAnswer, isLate, wrongWith } from './http-oracle.ts'
import { type FuzzRequest, requestNumber } from './http-request.ts'

/** Lines to each node; each sends one request after the other. */
const linesPerNode = 4
/** Whoever told the truth is answered; a server may wait for the rest of a lie. */
const silenceMs = 8_000
const lieSilenceMs = 100
const failuresKept = 20
/** Beyond so many it is not the machine that is busy. */
const lateMax = 200

export interface HttpRun {
  readonly sent: number
  /** By the first digit of the status, and those that hung up. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly failures: readonly string[]
  readonly failureCount: number
  /** 99th percentile and longest of the answers, milliseconds. */
  readonly p99Ms: number
  readonly longestMs: number
  /** Late among others; alone, what is late is a failure. */
  readonly late: number
}

interface HttpRunOptions {
  readonly ports: readonly number[]
  readonly seed: number
  /** From the first of these numbers on, the second left out. */
  readonly range: readonly [from: number, to: number]
}

const isHead = ({ bytes }: FuzzRequest): boolean => bytes.toString('latin1', 0, 5) === 'HEAD '

/** A server's refusal of a HEAD comes without its words, by which it is judged: they are asked for with the same question as a GET. */
const withItsWords = async (line: Line, request: FuzzRequest, outcome: Outcome): Promise<Outcome> => {
  const isMute = outcome.kind === 'answer' && outcome.answer.status >= 500 && isHead(request)
  return isMute ? line.send(Buffer.concat([Buffer.from('GET '), request.bytes.subarray(5)]), false, silenceMs) : outcome
}

export const runHttp = async (options: HttpRunOptions): Promise<HttpRun> => {
  const { ports, seed, range } = options
  const outcomes = new Map<string, number>()
  const failures: string[] = []
  const times: number[] = []
  const late: { readonly request: FuzzRequest; readonly port: number }[] = []
  let failureCount = 0
  let [next] = range
  const [, end] = range
  let sent = 0

  const fail = (request: FuzzRequest, words: string): void => {
    failureCount++
    if (failures.length < failuresKept) failures.push(`request ${request.number} (${request.what}): ${words}`)
  }
  const count = (name: string): void => void outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
  const judge = (request: FuzzRequest, answer: FuzzAnswer, port: number): void => {
    count(`${Math.floor(answer.status / 100)}xx`)
    times.push(answer.tookMs)
    const wrong = wrongWith(answer)
    if (wrong !== null) fail(request, wrong)
    else if (isLate(answer)) late.push({ request, port })
  }
  /** What was late among others on a machine that may be busy with something else is sent again, alone: late again, it is slow by itself. */
  const askLateAgain = async (): Promise<void> => {
    for (const { request, port } of late.slice(0, lateMax)) {
      const line = openLine(port)
      const outcome = await line.send(request.bytes, isHead(request), silenceMs)
      line.close()
      if (outcome.kind !== 'answer' || isLate(outcome.answer))
        fail(request, outcome.kind === 'answer' ? `answered after ${Math.round(outcome.answer.tookMs)} ms, alone` : `${outcome.kind}, alone`)
    }
    if (late.length > lateMax) fail(late[lateMax]!.request, `is one of ${late.length} that were answered late`)
  }
  const loop = async (port: number): Promise<void> => {
    const line = openLine(port)
    while (next < end) {
      const request = requestNumber(seed, next++)
      const first = await line.send(request.bytes, isHead(request), request.lies ? lieSilenceMs : silenceMs)
      const outcome = await withItsWords(line, request, first)
      sent++
      if (outcome.kind === 'answer') judge(request, outcome.answer, port)
      else {
        count(outcome.kind)
        if (!request.lies) fail(request, outcome.kind === 'silent' ? `no answer in ${silenceMs} ms` : 'the connection was closed without an answer')
      }
      if (request.lies) line.close()
    }
    line.close()
  }
  await Promise.all(ports.flatMap((port) => Array.from({ length: linesPerNode }, () => loop(port))))
  await askLateAgain()
  times.sort((a, b) => a - b)
  return {
    sent,
    outcomes,
    failures,
    failureCount,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    longestMs: times.at(-1) ?? 0,
    late: late.length,
  }
}
