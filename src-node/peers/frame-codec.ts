/**
 * Frames between nodes as bytes: u32 length, u8 kind, body; numbers little-endian, terms and indexes as doubles (exact to
 * 2^53). Sender and receiver are those of the connection and not on the wire, so they cannot be forged. Reading never
 * throws: bytes that no honest peer sends give null, and the connection is closed.
 */

import { type Append, type Entry, type EntryKind, logIndex, type NodeId, nodeId, type PreVoteReply, type Term, term } from '../raft/types.ts'
import type { ForwardFrame, ForwardRefusal, SnapshotChunk, SnapshotReply, WireFrame } from '../raft-driver/ports.ts'
import { ByteReader, ByteWriter, uint32At } from './frame-bytes.ts'

/** The two ends of the connection that carries a frame. */
export interface FrameEnds {
  readonly from: NodeId
  readonly to: NodeId
}

/** One entry of 16 MiB, or what the core packs into one append, with room to spare. */
export const frameBytesMax = 40 * 1024 * 1024
/** Forwarded writes are independent of each other, so a large frame of them is sent as several. */
const forwardBytesMax = 16 * 1024 * 1024
/** What a frame holds beside its contents, and an entry beside its data, at most. */
const otherBytesMax = 256
const entryHeadBytes = 16
/** No peer packs more into one frame; bounds what a bad count can make us loop. */
const itemsMax = 1_000_000

/** Orders are format: only ever append. */
const frameKinds = [
  ...(['pre-vote', 'pre-vote-reply', 'vote', 'vote-reply', 'append', 'append-reply'] as const),
  ...(['heartbeat', 'heartbeat-reply', 'forward', 'forward-refused'] as const),
  ...(['read-index', 'read-index-reply', 'timeout-now', 'transfer-request'] as const),
  ...(['snapshot-chunk', 'snapshot-reply', 'store-applied', 'beats'] as const),
]
const entryKinds: readonly EntryKind[] = ['noop', 'command', 'config']
const voteRefusals: readonly PreVoteReply['refusal'][] = [null, 'contact', 'log', 'term']
const snapshotOutcomes: readonly SnapshotReply['outcome'][] = ['more', 'done', 'refused']
const sha256Bytes = 32
const forwardReasons: readonly ForwardRefusal['reason'][] = ['not_leader', 'overloaded', 'disk_full', 'storage_unavailable']

const writeAppend = (out: ByteWriter, frame: Append): void => {
  out.number(frame.prevIndex)
  out.number(frame.prevTerm)
  out.number(frame.commit)
  out.count(frame.entries.length)
  // Indexes follow from prevIndex.
  for (const entry of frame.entries) {
    out.number(entry.term)
    out.byte(entryKinds.indexOf(entry.kind))
    out.bytes(entry.data)
  }
}

const writeChunk = (out: ByteWriter, { info, membership, offset, data }: SnapshotChunk): void => {
  out.number(info.index)
  out.number(info.term)
  out.number(info.bytes)
  out.bytes(info.sha256)
  out.byte(membership === null ? 0 : 1)
  if (membership !== null) {
    out.number(membership.index)
    out.bytes(membership.data)
  }
  out.number(offset)
  out.bytes(data)
}

const writeBody = (out: ByteWriter, frame: WireFrame): void => {
  switch (frame.type) {
    case 'pre-vote':
      out.number(frame.lastIndex)
      out.number(frame.lastTerm)
      return
    case 'vote':
      out.number(frame.lastIndex)
      out.number(frame.lastTerm)
      out.byte(frame.transfer ? 1 : 0)
      return
    case 'pre-vote-reply':
      out.byte(frame.granted ? 1 : 0)
      out.byte(voteRefusals.indexOf(frame.refusal))
      return
    case 'vote-reply':
      out.byte(frame.granted ? 1 : 0)
      return
    case 'append':
      writeAppend(out, frame)
      return
    case 'append-reply':
      out.byte(frame.ok ? 1 : 0)
      out.number(frame.index)
      out.number(frame.hintIndex)
      out.number(frame.hintTerm)
      return
    case 'heartbeat':
      out.number(frame.commit)
      out.number(frame.match)
      out.number(frame.round)
      return
    case 'heartbeat-reply':
      out.number(frame.round)
      return
    case 'read-index':
      out.number(frame.context)
      return
    case 'read-index-reply':
      out.number(frame.context)
      out.number(frame.index)
      return
    case 'timeout-now':
      return
    case 'transfer-request':
      out.number(frame.target)
      return
    case 'snapshot-chunk':
      writeChunk(out, frame)
      return
    case 'snapshot-reply':
      out.number(frame.index)
      out.number(frame.received)
      out.byte(snapshotOutcomes.indexOf(frame.outcome))
      return
    case 'store-applied':
      out.number(frame.index)
      out.byte(frame.available ? 1 : 0)
      return
    case 'beats':
      out.bytes(frame.data)
      return
    case 'forward':
      out.count(frame.proposals.length)
      for (const proposal of frame.proposals) out.bytes(proposal)
      return
    case 'forward-refused':
      out.bytes(frame.life)
      out.byte(forwardReasons.indexOf(frame.reason))
      out.count(frame.counters.length)
      for (const counter of frame.counters) out.number(counter)
  }
}

/** What a frame holds, without its head. */
export const contentBytes = (frame: WireFrame): number => {
  if (frame.type === 'append') return frame.entries.reduce((sum, entry) => sum + entry.data.length + entryHeadBytes, 0)
  if (frame.type === 'forward') return frame.proposals.reduce((sum, proposal) => sum + proposal.length + entryHeadBytes, 0)
  if (frame.type === 'snapshot-chunk' || frame.type === 'beats') return frame.data.length
  return frame.type === 'forward-refused' ? frame.counters.length * 8 : 0
}

/** Splits by size; a single write of any size stays whole. */
const splitForward = (frame: ForwardFrame): ForwardFrame[] => {
  const parts: Uint8Array[][] = []
  let room = 0
  for (const proposal of frame.proposals) {
    if (proposal.length > room || parts.length === 0) {
      parts.push([])
      room = forwardBytesMax
    }
    parts.at(-1)?.push(proposal)
    room -= proposal.length
  }
  return parts.map((proposals) => ({ ...frame, proposals }))
}

/**
 * Chunks to write in order. Large contents are not copied, so they must not change until they are sent. A frame above
 * the limit is left out: the receiver would close on it.
 */
export const encodeFrames = (frames: readonly WireFrame[]): readonly Uint8Array[] => {
  const out = new ByteWriter()
  const write = (frame: WireFrame): void => {
    if (contentBytes(frame) > frameBytesMax - otherBytesMax) return
    const start = out.beginFrame()
    out.byte(frameKinds.indexOf(frame.type))
    if (frame.type !== 'forward-refused') out.number(frame.term)
    writeBody(out, frame)
    out.endFrame(start)
  }
  for (const frame of frames) {
    if (frame.type === 'forward') splitForward(frame).forEach(write)
    else write(frame)
  }
  return out.chunks()
}

const readEntries = (input: ByteReader, prevIndex: number): Entry[] => {
  const count = input.count(itemsMax)
  const entries: Entry[] = []
  for (let at = 1; at <= count && !input.failed(); at++) {
    const entryTerm = term(input.number())
    const kind = input.oneOf(entryKinds)
    entries.push({ term: entryTerm, index: logIndex(prevIndex + at), kind, data: input.bytes() })
  }
  return entries
}

const readAppend = (input: ByteReader, { from, to }: FrameEnds, at: Term): Append => {
  const prevIndex = logIndex(input.number())
  const prevTerm = term(input.number())
  const commit = logIndex(input.number())
  return { type: 'append', from, to, term: at, prevIndex, prevTerm, commit, entries: readEntries(input, prevIndex) }
}

const readForward = (input: ByteReader, at: Term): ForwardFrame => {
  const count = input.count(itemsMax)
  const proposals: Uint8Array[] = []
  for (let n = 0; n < count && !input.failed(); n++) proposals.push(input.bytes())
  return { type: 'forward', term: at, proposals }
}

const readForwardRefusal = (input: ByteReader): ForwardRefusal => {
  const life = new Uint8Array(input.bytes())
  const reason = input.oneOf(forwardReasons)
  const count = input.count(itemsMax)
  const counters: number[] = []
  for (let n = 0; n < count && !input.failed(); n++) counters.push(input.number())
  return { type: 'forward-refused', life, reason, counters }
}

const readChunk = (input: ByteReader, at: Term): SnapshotChunk => {
  const place = { index: input.number(), term: input.number(), bytes: input.number() }
  const sha256 = input.bytes()
  if (sha256.length !== sha256Bytes) input.fail()
  const membership = input.flag() ? { index: logIndex(input.number()), data: new Uint8Array(input.bytes()) } : null
  return {
    type: 'snapshot-chunk',
    term: at,
    info: { ...place, sha256: new Uint8Array(sha256) },
    membership,
    offset: input.number(),
    data: input.bytes(),
  }
}

const readBody = (input: ByteReader, type: (typeof frameKinds)[number], ends: FrameEnds): WireFrame => {
  if (type === 'forward-refused') return readForwardRefusal(input)
  const { from, to } = ends
  const at = term(input.number())
  switch (type) {
    case 'pre-vote':
      return { type, from, to, term: at, lastIndex: logIndex(input.number()), lastTerm: term(input.number()) }
    case 'vote':
      return { type, from, to, term: at, lastIndex: logIndex(input.number()), lastTerm: term(input.number()), transfer: input.flag() }
    case 'pre-vote-reply':
      return { type, from, to, term: at, granted: input.flag(), refusal: input.oneOf(voteRefusals) }
    case 'vote-reply':
      return { type, from, to, term: at, granted: input.flag() }
    case 'append':
      return readAppend(input, ends, at)
    case 'append-reply':
      return {
        type,
        from,
        to,
        term: at,
        ok: input.flag(),
        index: logIndex(input.number()),
        hintIndex: logIndex(input.number()),
        hintTerm: term(input.number()),
      }
    case 'heartbeat':
      return { type, from, to, term: at, commit: logIndex(input.number()), match: logIndex(input.number()), round: input.number() }
    case 'heartbeat-reply':
      return { type, from, to, term: at, round: input.number() }
    case 'read-index':
      return { type, from, to, term: at, context: input.number() }
    case 'read-index-reply':
      return { type, from, to, term: at, context: input.number(), index: logIndex(input.number()) }
    case 'timeout-now':
      return { type, from, to, term: at }
    case 'transfer-request':
      return { type, term: at, target: nodeId(input.number()) }
    case 'snapshot-chunk':
      return readChunk(input, at)
    case 'snapshot-reply':
      return {
        ...{ type, term: at, index: logIndex(input.number()), received: input.number() },
        outcome: input.oneOf(snapshotOutcomes),
      }
    case 'store-applied':
      return { type, term: at, index: logIndex(input.number()), available: input.flag() }
    case 'beats':
      return { type, term: at, data: new Uint8Array(input.bytes()) }
    case 'forward':
      return readForward(input, at)
  }
}

/** @param body kind and body of one frame; contents of the result are views of it, so it must not be a shared buffer. */
const decodeFrame = (body: Uint8Array, ends: FrameEnds): WireFrame | null => {
  const input = new ByteReader(body)
  const type = input.oneOf(frameKinds)
  const frame = readBody(input, type, ends)
  return input.finished() ? frame : null
}

const carriesContent = (body: Uint8Array): boolean => {
  const type = frameKinds[body[0] ?? 0]
  return type === 'append' || type === 'forward'
}

export interface FrameReader {
  /** Hands out every frame that is complete; false: the bytes are not honest, close the connection. */
  take(chunk: Uint8Array): boolean
}

const headBytes = 4

/** Puts frames together from chunks of any size. A frame is copied out of the socket's buffer at most once. */
export const createFrameReader = (ends: FrameEnds, onFrame: (frame: WireFrame) => void): FrameReader => {
  const head = new Uint8Array(headBytes)
  let headFilled = 0
  let body: Uint8Array | null = null
  let bodyFilled = 0

  const isHonest = (length: number): boolean => length > 0 && length <= frameBytesMax

  const deliver = (bytes: Uint8Array): boolean => {
    const frame = decodeFrame(bytes, ends)
    if (frame) onFrame(frame)
    headFilled = 0
    body = null
    return frame !== null
  }

  /** A frame that lies whole in `chunk` at `at`, as most do: the position after it, or -1 for bad bytes, or null if there is none. */
  const whole = (chunk: Uint8Array, at: number): number | null => {
    if (headFilled > 0 || chunk.length - at < headBytes) return null
    const length = uint32At(chunk, at)
    if (!isHonest(length)) return -1
    const [from, to] = [at + headBytes, at + headBytes + length]
    if (to > chunk.length) return null
    const bytes = chunk.subarray(from, to)
    // Entries live long; a view would pin the socket's whole buffer.
    return deliver(carriesContent(bytes) ? new Uint8Array(bytes) : bytes) ? to : -1
  }

  /** Takes what it needs from `chunk` at `at`; gives the new position, or -1 for bad bytes. */
  const part = (chunk: Uint8Array, at: number): number => {
    if (headFilled < headBytes) {
      head[headFilled++] = chunk[at] ?? 0
      return headFilled < headBytes || isHonest(uint32At(head, 0)) ? at + 1 : -1
    }
    const length = uint32At(head, 0)
    if (!body) {
      body = new Uint8Array(length)
      bodyFilled = 0
    }
    const taken = Math.min(length - bodyFilled, chunk.length - at)
    body.set(chunk.subarray(at, at + taken), bodyFilled)
    bodyFilled += taken
    if (bodyFilled === length && !deliver(body)) return -1
    return at + taken
  }

  return {
    take: (chunk) => {
      let at = 0
      while (at >= 0 && at < chunk.length) at = whole(chunk, at) ?? part(chunk, at)
      return at >= 0
    },
  }
}
