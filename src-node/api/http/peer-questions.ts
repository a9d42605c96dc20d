/**
 * One question to all other nodes of the cluster at once, as GET: what each of them says within its time, asked with a proof of this node's own. A node
 * that does not answer is left out. Owns the limits of such a round; must never be asked again by what it asks, and sends nothing secret.
 */

import type { IncomingMessage } from 'node:http'
import { isQuestionChallenge, type QuestionGate, type QuestionSigner, questionChallengeHeader, questionHeader } from '../../auth/question-proof.ts'
import type { PeerPath } from './peer-paths.ts'
import type { MemberAddress } from './ports.ts'

/** Not by `import`, for the reason that server.ts gives. */
const http = process.getBuiltinModule('node:http')

/** As Nacos gives each of its members (nacos-http 5.11), with what it takes to get a challenge. */
const answerMs = 1_000
/** Some ten thousand clients with their md5s; read as JSON within a turn. */
const answerBytesMax = 1024 * 1024
const roundsMax = 16
/** A challenge that is asked for may be outdated once more when the other node has just drawn another. */
const attemptsMax = 3

export interface PeerQuestions {
  /** `done` is called once, later, with the bodies that came with status 200. False: too many rounds are under way. */
  ask(path: PeerPath, fields: Readonly<Record<string, string>>, done: (bodies: readonly Buffer[]) => void): boolean
  /** The other side: whether what another node asks of this one is proven. */
  readonly judge: QuestionGate['judge']
}

type Member = Pick<MemberAddress, 'id' | 'host' | 'httpPort'>

export interface PeerQuestionsParts {
  readonly self: number
  readonly signer: QuestionSigner
  readonly gate: QuestionGate
  /** False: nobody was asked who they are, so that there is nothing to vouch for. */
  asksCallers(): boolean
  members(): readonly Member[]
  after(ms: number, task: () => void): { cancel(): void }
}

interface Heard {
  readonly status: number
  readonly challenge: unknown
  readonly body: Buffer
}

/** Null: it was not whole, or too much. */
const hear = (response: IncomingMessage, done: (heard: Heard | null) => void): void => {
  const pieces: Buffer[] = []
  let bytes = 0
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > answerBytesMax) response.destroy()
    else pieces.push(piece)
  })
  response.on('error', () => undefined)
  response.on('close', () => {
    const { statusCode: status = 0, headers } = response
    const isWhole = response.complete && bytes <= answerBytesMax
    done(isWhole ? { status, challenge: headers[questionChallengeHeader], body: Buffer.concat(pieces) } : null)
  })
}

/** One request; `done` once, after everything else, whatever happened. */
const get = ({ host, httpPort }: Member, path: string, headers: Record<string, string>, done: (heard: Heard | null) => void) => {
  let heard: Heard | null = null
  const request = http.request({ host, port: httpPort, method: 'GET', path, headers, agent: false }, (response) =>
    hear(response, (whole) => {
      heard = whole
    }),
  )
  request.on('error', () => undefined)
  request.on('close', () => done(heard))
  request.end()
  return request
}

export const createPeerQuestions = (parts: PeerQuestionsParts): PeerQuestions => {
  const { self, signer, gate, asksCallers, members, after } = parts
  /** By node: what it has drawn, as far as we know. */
  const challenges = new Map<number, string>()
  let rounds = 0

  const askOne = (member: Member, target: string, done: (body: Buffer | null) => void): void => {
    let attempts = 0
    let isLate = false
    let request: ReturnType<typeof get>
    const settle = (body: Buffer | null): void => {
      limit.cancel()
      done(body)
    }
    const attempt = (): void => {
      attempts++
      const headers: Record<string, string> = asksCallers() ? { [questionHeader]: signer.sign(member.id, challenges.get(member.id), target) } : {}
      request = get(member, target, headers, (heard) => {
        if (heard === null || isLate) settle(null)
        else if (heard.status === 200) settle(heard.body)
        else if (attempts < attemptsMax && headers[questionHeader] !== undefined && isQuestionChallenge(heard.challenge)) {
          challenges.set(member.id, heard.challenge)
          attempt()
        } else settle(null)
      })
    }
    const limit = after(answerMs, () => {
      isLate = true
      request.destroy()
    })
    attempt()
  }

  return {
    judge: gate.judge,
    ask: (path, fields, done) => {
      if (rounds >= roundsMax) return false
      rounds++
      const target = `${path}?${new URLSearchParams(fields)}`
      const others = members().filter(({ id }) => id !== self)
      for (const id of challenges.keys()) if (!others.some((other) => other.id === id)) challenges.delete(id)
      const bodies: Buffer[] = []
      let open = others.length + 1
      const one = (body: Buffer | null): void => {
        if (body !== null) bodies.push(body)
        open--
        if (open > 0) return
        rounds--
        done(bodies)
      }
      for (const member of others) askOne(member, target, one)
      setImmediate(() => one(null))
      return true
    },
  }
}
