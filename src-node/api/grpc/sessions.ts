/**
 * The HTTP/2 connections of the gRPC port, and the two kinds of calls that Nacos has on them: a unary one, and the stream on which a client is pushed
 * to. Owns sockets, streams and their limits. Knows nothing of what a message says; must never let one caller hold memory that nobody counts.
 *
 * Plain node:http2, since gRPC adds five bytes a message and three headers to it: see "gRPC on node:http2" in the README.
 */

import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Guard } from '../http/guard.ts'
import { type BytesInFlight, createShare } from './bytes-in-flight.ts'
import { createFrameReader, grpcStatus, type StreamProblem } from './frames.ts'

/** One TCP connection: the identity of a client (nacos-grpc 3). */
export interface Transport {
  readonly ip: string
  readonly port: number
  /** At once, whatever is under way. */
  destroy(): void
}

/** The way to a client. */
export interface PushStream {
  /** Lost if the stream is gone; its `closed` tells. `rest`: the end of the message, in memory that others send from as well. */
  send(frame: Buffer, rest?: Buffer): void
  /** Sent and not taken by the client's machine yet. */
  waitingBytes(): number
  /** After what was sent. */
  end(): void
}

export interface StreamEvents {
  message(message: Buffer): void
  /** Once, however it ended. */
  closed(): void
}

/** What stands behind a transport. */
export interface Caller {
  /** `answer` may be called at once or later, once. */
  unary(message: Buffer, answer: (frame: Buffer) => void): void
  stream(stream: PushStream): StreamEvents
  /** The transport is gone, and all its streams. */
  closed(): void
}

export interface SessionParts {
  readonly guard: Guard
  readonly room: BytesInFlight
  readonly messageBytesMax: number
  /** Unary calls that all callers together may have open. */
  readonly callsMax: number
  accept(transport: Transport): Caller
  monotonicMs(): number
  /** A handler threw: a bug of ours. The call is answered all the same. */
  failed(what: string, cause: unknown): void
}

export interface Sessions {
  /** A socket that was accepted; never throws. */
  add(socket: Socket): void
  count(): number
  /** Ends calls that are open for too long: a message that never comes, an answer that nobody takes. To be called every few seconds. */
  sweep(): void
  /** No new calls; streams end. */
  close(): void
  destroy(): void
}

const unaryPath = '/Request/request'
const streamPath = '/BiRequestStream/requestBiStream'

/** A client's threads share one connection; whoever has more under way waits on its own side, as HTTP/2 has it. */
const concurrentStreamsMax = 128
/** Of queued output, header tables and open streams of one connection, in MB (node:http2's unit); new streams are refused above it. */
const sessionMegabytesMax = 16
const headerPairsMax = 64
const headerListBytesMax = 16 * 1024
/** On its stream a client says who it is and what it has taken: short words, read within one turn. */
const streamMessageBytesMax = 256 * 1024
/** Any handler answers within seconds; 10 MiB over a slow line take their time. */
const callMsMax = 60_000
/** A client that was refused and sends nothing for so long will not end its call. */
const refusedIdleMs = 5_000
/** NGHTTP2_CANCEL. */
const cancelCode = 0x8

const answerHeaders = { ':status': 200, 'content-type': 'application/grpc' } as const
const okTrailers = { 'grpc-status': String(grpcStatus.ok) } as const
const withTrailers = { waitForTrailers: true } as const

const half: StreamProblem = { status: grpcStatus.internal, words: 'the call ended before its message did' }
const busy: StreamProblem = { status: grpcStatus.resourceExhausted, words: 'this node has as much under way as it may; try again' }
const failure: StreamProblem = { status: grpcStatus.internal, words: 'the node failed to answer; its log says why' }

interface OpenCall {
  readonly stream: ServerHttp2Stream
  readonly openedMs: number
}

const ignore = (): void => undefined

/** node:http2 throws where a stream is answered that its client has reset. */
const isGone = (stream: ServerHttp2Stream): boolean => stream.destroyed || stream.closed

/** With the status that follows the last message, or stands alone. Must not be called on a stream that is gone. */
const beginAnswer = (stream: ServerHttp2Stream): void => {
  stream.respond(answerHeaders, withTrailers)
  stream.once('wantTrailers', () => {
    if (!isGone(stream)) stream.sendTrailers(okTrailers)
  })
}

const statusHeaders = ({ status, words }: StreamProblem) => ({ 'grpc-status': String(status), 'grpc-message': encodeURI(words) })

/** An end without a message. What the client still sends is read and forgotten: a reset would overtake the status. */
const refuseStream = (stream: ServerHttp2Stream, problem: StreamProblem, httpStatus = 200): void => {
  if (isGone(stream) || stream.writableEnded) return
  if (stream.headersSent) {
    stream.removeAllListeners('wantTrailers')
    stream.once('wantTrailers', () => {
      if (!isGone(stream)) stream.sendTrailers(statusHeaders(problem))
    })
    stream.end()
  } else stream.respond({ ...answerHeaders, ':status': httpStatus, ...statusHeaders(problem) }, { endStream: true })
  if (stream.readableEnded) return
  stream.setTimeout(refusedIdleMs, () => stream.close(cancelCode))
  stream.resume()
}

/** What the guard looks at: HTTP/2 has its host in a place of its own. */
const asOfHttp1 = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const { ':authority': authority, host, origin, 'sec-fetch-site': site } = headers
  const named = authority ?? host
  if (named === undefined) return {}
  // Programs send neither, and every call comes through here.
  return origin === undefined && site === undefined ? { host: named } : { ...headers, host: named }
}

/** What stands in the way of a call before anybody looks at its path's meaning; null: nothing. */
const problemOf = (headers: IncomingHttpHeaders, guard: Guard): { problem: StreamProblem; httpStatus: number } | null => {
  const foreign = guard.check(asOfHttp1(headers))
  if (foreign !== null) return { problem: { status: grpcStatus.permissionDenied, words: foreign }, httpStatus: 403 }
  if (headers['content-type']?.startsWith('application/grpc') !== true)
    return { problem: { status: grpcStatus.unimplemented, words: 'this port speaks gRPC' }, httpStatus: 415 }
  return null
}

export const createSessions = (parts: SessionParts): Sessions => {
  const { room, messageBytesMax, callsMax } = parts
  const open = new Map<ServerHttp2Session, Socket>()
  /** The socket whose session comes into being within `add`. */
  let accepting: Socket | null = null
  const calls = new Set<OpenCall>()
  const biStreams = new Set<ServerHttp2Stream>()
  let closing = false

  const serveUnary = (stream: ServerHttp2Stream, caller: Caller): void => {
    if (calls.size >= callsMax || closing) {
      refuseStream(stream, closing ? { ...busy, status: grpcStatus.unavailable } : busy)
      return
    }
    const call: OpenCall = { stream, openedMs: parts.monotonicMs() }
    const share = createShare(room)
    /** Its message has come, or what came was refused. */
    let taken = false
    calls.add(call)
    const refused = (problem: StreamProblem): void => {
      taken = true
      refuseStream(stream, problem)
    }
    const answer = (frame: Buffer): void => {
      if (isGone(stream) || stream.writableEnded) return
      if (!share.set(frame.length)) {
        refuseStream(stream, busy)
        return
      }
      if (!stream.headersSent) beginAnswer(stream)
      stream.end(frame)
    }
    const onMessage = (message: Buffer): void => {
      if (taken) return
      taken = true
      if (!share.set(message.length)) {
        refuseStream(stream, busy)
        return
      }
      try {
        caller.unary(message, answer)
      } catch (error) {
        parts.failed('answering a gRPC call', error)
        refuseStream(stream, failure)
      }
    }
    const reader = createFrameReader({ messageBytesMax, onMessage })
    // A client without TCP_NODELAY sends its message only once its headers are acknowledged, which the kernel would put off for 40 ms.
    if (stream.readableLength === 0) beginAnswer(stream)
    stream.on('data', (chunk: Buffer) => {
      if (taken) return
      const problem = reader.read(chunk)
      if (problem !== null) refused(problem)
      else if (!taken && !share.set(reader.held())) refused(busy)
    })
    stream.on('end', () => {
      if (!taken) refused(half)
    })
    stream.on('close', () => {
      calls.delete(call)
      share.set(0)
    })
  }

  const pushStreamOf = (stream: ServerHttp2Stream): PushStream => ({
    send: (frame, rest) => {
      if (isGone(stream) || stream.writableEnded) return
      stream.write(frame)
      if (rest !== undefined) stream.write(rest)
    },
    waitingBytes: () => stream.writableLength,
    end: () => {
      if (!isGone(stream)) stream.end()
    },
  })

  const serveStream = (stream: ServerHttp2Stream, caller: Caller): void => {
    if (closing) {
      refuseStream(stream, { ...busy, status: grpcStatus.unavailable })
      return
    }
    biStreams.add(stream)
    const share = createShare(room)
    // At once: some clients wait for the headers before they say who they are.
    beginAnswer(stream)
    const events = caller.stream(pushStreamOf(stream))
    const onMessage = (message: Buffer): void => {
      try {
        events.message(message)
      } catch (error) {
        parts.failed('taking a message of a gRPC stream', error)
        stream.close(cancelCode)
      }
    }
    const reader = createFrameReader({ messageBytesMax: streamMessageBytesMax, onMessage })
    stream.on('data', (chunk: Buffer) => {
      if (reader.read(chunk) !== null || !share.set(reader.held())) stream.close(cancelCode)
    })
    stream.on('end', () => stream.end())
    stream.on('close', () => {
      biStreams.delete(stream)
      share.set(0)
      events.closed()
    })
  }

  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, caller: Caller): void => {
    // Told by 'close' as well, which always follows.
    stream.on('error', ignore)
    const found = problemOf(headers, parts.guard)
    if (found !== null) {
      refuseStream(stream, found.problem, found.httpStatus)
      return
    }
    const path = headers[':path']
    if (path === unaryPath) serveUnary(stream, caller)
    else if (path === streamPath) serveStream(stream, caller)
    else refuseStream(stream, { status: grpcStatus.unimplemented, words: 'no such method' })
  }

  /** One that was closed before would otherwise wait for the other side to hang up. */
  const endNow = (session: ServerHttp2Session): void => {
    session.destroy()
    open.get(session)?.destroy()
  }

  const onSession = (session: ServerHttp2Session): void => {
    const socket = accepting
    const { remoteAddress, remotePort } = session.socket
    session.on('error', ignore)
    // Gone before it was looked at.
    if (socket === null || remoteAddress === undefined || remotePort === undefined) {
      session.destroy()
      return
    }
    open.set(session, socket)
    const caller = parts.accept({ ip: remoteAddress.replace(/^::ffff:/, ''), port: remotePort, destroy: () => endNow(session) })
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => onStream(stream, headers, caller))
    session.on('close', () => {
      open.delete(session)
      caller.closed()
    })
  }

  // Loaded by the first connection: it costs 7 ms and 7 MB, which a node without gRPC clients need not pay.
  const server = process.getBuiltinModule('node:http2').createServer({
    settings: { maxConcurrentStreams: concurrentStreamsMax, maxHeaderListSize: headerListBytesMax, enablePush: false },
    maxSessionMemory: sessionMegabytesMax,
    maxHeaderListPairs: headerPairsMax,
  })
  server.on('session', onSession)
  server.on('sessionError', ignore)

  return {
    add: (socket) => {
      accepting = socket
      server.emit('connection', socket)
      accepting = null
    },
    count: () => open.size,
    sweep: () => {
      const latestMs = parts.monotonicMs() - callMsMax
      // In the order in which they were opened.
      for (const { stream, openedMs } of calls) {
        if (openedMs > latestMs) break
        stream.close(cancelCode)
      }
    },
    close: () => {
      closing = true
      for (const stream of biStreams) stream.end()
      for (const session of open.keys()) session.close()
    },
    destroy: () => {
      for (const session of [...open.keys()]) endNow(session)
    },
  }
}
