/**
 * One question to all other nodes of the cluster at once, as GET: what each of them says within its time, in the caller's own name. A node that does
 * not answer is left out. Owns the limits of such a round; must never be asked again by what it asks.
 */

import type { IncomingMessage } from 'node:http'
import type { MemberAddress } from './ports.ts'

/** Not by `import`, for the reason that server.ts gives. */
const http = process.getBuiltinModule('node:http')

/** As Nacos gives each of its members (nacos-http 5.11). */
const answerMs = 1_000
/** Some ten thousand clients with their md5s; read as JSON within a turn. */
const answerBytesMax = 1024 * 1024
const roundsMax = 16

export interface PeerQuestions {
  /** `done` is called once, later, with the bodies that came with status 200. False: too many rounds are under way. */
  ask(path: string, headers: Readonly<Record<string, string>>, done: (bodies: readonly Buffer[]) => void): boolean
}

export interface PeerQuestionsParts {
  readonly self: number
  members(): readonly Pick<MemberAddress, 'id' | 'host' | 'httpPort'>[]
  after(ms: number, task: () => void): { cancel(): void }
}

const bodyOf = (response: IncomingMessage, done: (body: Buffer | null) => void): void => {
  const pieces: Buffer[] = []
  let bytes = 0
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > answerBytesMax) response.destroy()
    else pieces.push(piece)
  })
  response.on('error', () => undefined)
  response.on('close', () => done(response.complete && response.statusCode === 200 && bytes <= answerBytesMax ? Buffer.concat(pieces) : null))
}

export const createPeerQuestions = ({ self, members, after }: PeerQuestionsParts): PeerQuestions => {
  let rounds = 0

  const askOne = (
    { host, httpPort }: Pick<MemberAddress, 'host' | 'httpPort'>,
    path: string,
    headers: Readonly<Record<string, string>>,
    done: (body: Buffer | null) => void,
  ): void => {
    let body: Buffer | null = null
    const request = http.request({ host, port: httpPort, method: 'GET', path, headers, agent: false }, (response) =>
      bodyOf(response, (whole) => {
        body = whole
      }),
    )
    const limit = after(answerMs, () => request.destroy())
    request.on('error', () => undefined)
    // After everything else, whatever happened.
    request.on('close', () => {
      limit.cancel()
      done(body)
    })
    request.end()
  }

  return {
    ask: (path, headers, done) => {
      if (rounds >= roundsMax) return false
      rounds++
      const others = members().filter(({ id }) => id !== self)
      const bodies: Buffer[] = []
      let open = others.length + 1
      const one = (body: Buffer | null): void => {
        if (body !== null) bodies.push(body)
        open--
        if (open > 0) return
        rounds--
        done(bodies)
      }
      for (const member of others) askOne(member, path, headers, one)
      setImmediate(() => one(null))
      return true
    },
  }
}
