/**
 * Datagrams to 1.x subscribers and their acknowledgements (nacos-http 15): one UDP socket, opened with the first push. Knows nothing of services. Must
 * never keep the process alive, hold the loop with compressing, or wait for more acknowledgements than its limit.
 */

import type { Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface UdpAddress {
  readonly host: string
  readonly port: number
}

export interface UdpPush {
  /** `text` is told the number that the client must send back. `acked` once: whether it did, in time. */
  send(to: UdpAddress, text: (lastRefTime: number) => string, acked: (taken: boolean) => void): void
  /** What waits for an acknowledgement. */
  readonly waiting: () => number
  /** Nothing is sent any more; what waits was not taken. */
  close(): void
}

export interface UdpPushParts {
  /** The address that this node listens on: pushes come from there. */
  readonly host: string
  readonly clock: { monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
  /** One line for the log, once for each reason. */
  warn(line: string): void
}

/** Nacos's. */
const ackTimeoutMs = 10_000
const gzipFromBytes = 1_024
/** What a datagram can carry over IPv4. */
const datagramBytesMax = 65_507
/** Beyond it a push counts as not taken; its client polls. */
const waitingMax = 10_000
/** An acknowledgement is about 60 bytes. */
const ackBytesMax = 512

const gzipped = promisify(gzip)

/** The number in an acknowledgement, as text or number; null: it is none. */
export const ackedTime = (datagram: Buffer): number | null => {
  if (datagram.length > ackBytesMax) return null
  try {
    const ack: unknown = JSON.parse(datagram.toString())
    if (typeof ack !== 'object' || ack === null || !('type' in ack) || ack.type !== 'push-ack' || !('lastRefTime' in ack)) return null
    const time = Number(ack.lastRefTime)
    return Number.isSafeInteger(time) ? time : null
  } catch {
    return null
  }
}

interface Waiting {
  readonly host: string
  settle(taken: boolean): void
}

export const createUdpPush = ({ host, clock, warn }: UdpPushParts): UdpPush => {
  const waiting = new Map<number, Waiting>()
  const warned = new Set<string>()
  const family = isIPv6(host) ? 'udp6' : 'udp4'
  let socket: Socket | null = null
  let closed = false
  let lastTime = 0

  const warnOnce = (reason: string, line: string): void => {
    if (warned.has(reason)) return
    warned.add(reason)
    warn(line)
  }

  const onMessage = (datagram: Buffer, from: { readonly address: string }): void => {
    const time = ackedTime(datagram)
    const entry = time === null ? undefined : waiting.get(time)
    if (entry !== undefined && entry.host === from.address) entry.settle(true)
  }

  const open = (): Socket => {
    // Loaded when somebody subscribes over UDP: few do.
    const made = process.getBuiltinModule('node:dgram').createSocket(family)
    made.on('message', onMessage)
    made.on('error', (error) => {
      warnOnce('socket', `pushes over UDP are not possible: ${error.message}; clients poll instead`)
      if (socket === made) socket = null
      made.close()
      for (const { settle } of [...waiting.values()]) settle(false)
    })
    made.bind({ address: host, port: 0 })
    made.unref()
    return made
  }

  /** Nanoseconds of the monotonic clock; never the same twice. */
  const nextTime = (): number => {
    lastTime = Math.max(lastTime + 1, Math.floor(clock.monotonicMs() * 1e6))
    return lastTime
  }

  const transmit = (to: UdpAddress, bytes: Buffer, settle: (taken: boolean) => void): void => {
    if (bytes.length > datagramBytesMax)
      warnOnce('size', `a service's list has ${bytes.length} bytes packed, more than a datagram carries; its UDP subscribers poll instead`)
    if (closed || bytes.length > datagramBytesMax) {
      settle(false)
      return
    }
    socket ??= open()
    socket.send(bytes, to.port, to.host, (error) => {
      if (error !== null) settle(false)
    })
  }

  const send: UdpPush['send'] = (to, text, acked) => {
    if (closed || waiting.size >= waitingMax || isIPv6(to.host) !== (family === 'udp6')) return acked(false)
    const time = nextTime()
    const settle = (taken: boolean): void => {
      if (!waiting.delete(time)) return
      timeout.cancel()
      acked(taken)
    }
    const timeout = clock.after(ackTimeoutMs, () => settle(false))
    waiting.set(time, { host: to.host, settle })
    const bytes = Buffer.from(text(time))
    if (bytes.length < gzipFromBytes) transmit(to, bytes, settle)
    else
      gzipped(bytes).then(
        (packed) => transmit(to, packed, settle),
        () => settle(false),
      )
  }

  return {
    send,
    waiting: () => waiting.size,
    close: () => {
      closed = true
      for (const { settle } of [...waiting.values()]) settle(false)
      socket?.close()
      socket = null
    },
  }
}
