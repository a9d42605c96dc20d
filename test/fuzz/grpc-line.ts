/** One HTTP/2 connection to a node's gRPC port, spoken by hand: whatever a library would not send can be sent. */

import { type ClientHttp2Session, connect } from 'node:http2'
import { decodePlain, encodePlain, type Said } from '../../src-node/api/grpc/client.testing.ts'

export type GrpcOutcome =
  | { readonly kind: 'message'; readonly said: Said; readonly tookMs: number }
  /** Ended with a status of gRPC and no message. */
  | { readonly kind: 'status'; readonly status: number; readonly tookMs: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' }

export interface GrpcLine {
  call(frame: Buffer, silenceMs: number): Promise<GrpcOutcome>
  /** Opens the stream that makes this connection known, and leaves it open; whatever is said on it is thrown away. */
  setUp(times: number): void
  /** Streams that begin and are left, ended or reset, with things on them that nobody asked for. */
  abuse(frames: readonly Buffer[]): void
  isOpen(): boolean
  close(): void
}

const head = (path: string) => ({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' })
const frameOf = (message: Buffer): Buffer => {
  const five = Buffer.alloc(5)
  five.writeUInt32BE(message.length, 1)
  return Buffer.concat([five, message])
}
const setup = frameOf(
  encodePlain('ConnectionSetupRequest', JSON.stringify({ clientVersion: 'Fuzz:v1', tenant: '', labels: { source: 'sdk' }, abilityTable: {} })),
)

export const openGrpcLine = (port: number): GrpcLine => {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  const ignored = (path: string) => {
    const stream = session.request(head(path))
    stream.on('error', () => undefined)
    stream.resume()
    return stream
  }
  return {
    isOpen: () => !session.closed && !session.destroyed,
    close: () => session.destroy(),
    setUp: (times) => {
      const stream = ignored('/BiRequestStream/requestBiStream')
      for (let more = times; more > 0; more--) stream.write(setup)
    },
    abuse: (frames) => {
      for (const [at, frame] of frames.entries()) {
        const stream = ignored(at % 3 === 0 ? '/BiRequestStream/requestBiStream' : at % 3 === 1 ? '/Request/request' : '/No/such')
        stream.write(frame)
        if (at % 4 === 0) stream.end()
        else if (at % 4 === 1) stream.close()
        else if (at % 4 === 2) stream.end(frame)
      }
    },
    call: (frame, silenceMs) =>
      new Promise((done) => {
        if (session.closed || session.destroyed) return done({ kind: 'closed' })
        const startedMs = performance.now()
        const stream = session.request(head('/Request/request'))
        const chunks: Buffer[] = []
        let status: number | null = null
        let over = false
        const finish = (outcome: GrpcOutcome): void => {
          if (over) return
          over = true
          clearTimeout(timer)
          stream.close()
          done(outcome)
        }
        const timer = setTimeout(() => finish({ kind: 'silent' }), silenceMs)
        const note = (fields: Record<string, unknown>): void => {
          if (fields['grpc-status'] !== undefined) status = Number(fields['grpc-status'])
        }
        stream.on('response', note)
        stream.on('trailers', note)
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', () => undefined)
        stream.on('close', () => {
          const bytes = Buffer.concat(chunks)
          const tookMs = performance.now() - startedMs
          if (bytes.length > 5) finish({ kind: 'message', said: decodePlain(bytes.subarray(5, 5 + bytes.readUInt32BE(1))), tookMs })
          else finish(status === null ? { kind: 'closed' } : { kind: 'status', status, tookMs })
        })
        stream.end(frame)
      }),
  }
}
