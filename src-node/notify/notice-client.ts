/**
 * Carries a notice to another node: one POST on a kept connection, proven for that receiver's run. Every call ends in exactly one outcome, within
 * its time limit. Nothing secret stands in an address or in an outcome.
 */

import type { Agent, IncomingMessage } from 'node:http'
import type { Follower } from './follower-notices.ts'
import { encodeNotice, type Notice, type NoticeOutcome } from './notice.ts'
import { challengeHeader, isChallenge, type NoticeSigner, proofHeader } from './notice-proof.ts'

/** Not by `import`, for the reason that api/http/server.ts gives. */
const http = process.getBuiltinModule('node:http')

/** Beside the form of the same name that older Nacos nodes send with GET (nacos-storage 4). */
export const noticePath = '/nacos/v1/cs/communication/dataChange'

export interface NoticeClient {
  send(to: Follower, notice: Notice, done: (outcome: NoticeOutcome) => void): void
  /** Nothing is on its way any more; what was has failed. */
  close(): void
}

export interface NoticeClientParts {
  readonly signer: NoticeSigner
  /** From the first byte to the whole answer. */
  readonly answerMs: number
  after(ms: number, task: () => void): { cancel(): void }
}

/** Of an answer, what is kept at most: a sentence for the log. */
const answerCharactersMax = 200
/** A challenge that is asked for may be outdated once more when the receiver has just started. */
const attemptsMax = 3
const noBytes = Buffer.alloc(0)

interface Answer {
  readonly status: number
  readonly challenge: unknown
  readonly text: string
}

/** For the log: what another program may answer on that port is not trusted to be short. */
const failureOf = ({ status, text }: Answer): string => `it answered ${status} ${text.slice(0, answerCharactersMax)}`.trim()

const wordsOf = (error: Error & { code?: string }): string => (error.code === undefined ? error.message : `${error.code} ${error.message}`)

const collect = (response: IncomingMessage, done: (answer: Answer) => void): void => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (piece: string) => {
    if (text.length < answerCharactersMax) text += piece.slice(0, answerCharactersMax)
  })
  response.on('end', () => done({ status: response.statusCode ?? 0, challenge: response.headers[challengeHeader], text }))
}

export const createNoticeClient = ({ signer, answerMs, after }: NoticeClientParts): NoticeClient => {
  // One connection to a node: a request waits for it rather than opening another one.
  const agent: Agent = new http.Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 })
  /** By node: what its present run has drawn, as far as we know. */
  const challenges = new Map<number, string>()
  const underWay = new Set<() => void>()
  const bodies = new WeakMap<Notice, Buffer>()

  /** One request; `done` once. */
  const post = (to: Follower, notice: Buffer, done: (answer: Answer | Error, wasKept: boolean) => void) => {
    const challenge = challenges.get(to.id)
    // Without a challenge it only asks for one.
    const body = challenge === undefined ? noBytes : notice
    const proof = challenge === undefined ? {} : { [proofHeader]: signer.sign(to.id, challenge, body) }
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length), ...proof }
    let result: Answer | Error = new Error('the connection closed before the answer was whole')
    const keep = (answer: Answer | Error): void => {
      result = answer
    }
    const request = http.request({ host: to.host, port: to.httpPort, method: 'POST', path: noticePath, agent, headers }, (response) => {
      response.on('error', keep)
      collect(response, keep)
    })
    request.on('error', keep)
    // Comes after everything else, whatever happened.
    request.on('close', () => done(result, request.reusedSocket))
    request.end(body)
    return request
  }

  /** All followers are told the same as a rule. */
  const encoded = (notice: Notice): Buffer => {
    const body = bodies.get(notice) ?? encodeNotice(notice)
    bodies.set(notice, body)
    return body
  }

  const send: NoticeClient['send'] = (to, notice, done) => {
    const body = encoded(notice)
    let attempts = 0
    let request: ReturnType<typeof post>
    const settle = (outcome: NoticeOutcome): void => {
      if (!underWay.delete(giveUp)) return
      limit.cancel()
      done(outcome)
    }
    const giveUp = (): void => {
      settle({ kind: 'failed', why: `no answer within ${answerMs} ms` })
      request.destroy()
    }
    const attempt = (): void => {
      attempts++
      request = post(to, body, (answer, wasKept) => {
        if (!underWay.has(giveUp)) return
        const again = attempts < attemptsMax
        if (answer instanceof Error) {
          // The other end closed a kept connection while this went out on it. Telling it twice does no harm.
          if (again && wasKept && 'code' in answer && answer.code === 'ECONNRESET') attempt()
          else settle({ kind: 'failed', why: wordsOf(answer) })
        } else if (answer.status === 200) settle({ kind: 'taken' })
        else if (again && answer.status === 401 && isChallenge(answer.challenge)) {
          challenges.set(to.id, answer.challenge)
          attempt()
        } else settle({ kind: 'failed', why: failureOf(answer) })
      })
    }
    const limit = after(answerMs, giveUp)
    underWay.add(giveUp)
    attempt()
  }

  return {
    send,
    close: () => {
      for (const giveUp of [...underWay]) giveUp()
      agent.destroy()
    },
  }
}
