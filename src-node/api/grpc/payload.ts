/**
 * The one message of Nacos over gRPC (nacos-grpc 2): `Payload { Metadata metadata = 2; Any body = 3 }`, with the JSON of the request or answer in
 * `Any.value` and its type's name in `Metadata.type`. Owns these bytes and nothing of what they say; must never throw on any input.
 */

export interface Payload {
  readonly type: string
  /** What the client says its address is; may be anything. */
  readonly clientIp: string
  /** JSON as it came, in the memory of the message. */
  readonly value: Buffer
  /** `''` if it is not there. Looked up when asked for: most requests carry headers that nobody reads. */
  header(name: string): string
}

/** Field numbers of the .proto file. */
const payloadFields = { metadata: 2, body: 3 } as const
const metadataFields = { type: 3, headers: 7, clientIp: 8 } as const
const anyValue = 2
const mapKey = 1
const mapValue = 2

const lengthDelimited = 2
/** Bytes that a value of each wire type takes; groups (3, 4) do not exist in proto3. */
const fixedBytes: Readonly<Record<number, number>> = { 1: 8, 5: 4 }
const varintBytesMax = 10

/** A place in the bytes; `at` is behind `end` once they made no sense. */
interface Cursor {
  readonly bytes: Buffer
  at: number
  readonly end: number
}

const damage = (cursor: Cursor): number => {
  cursor.at = cursor.end + 1
  return 0
}

/** As a number: exact up to 2^53, and nothing that is longer than a message is looked at. */
const readVarint = (cursor: Cursor): number => {
  let value = 0
  let scale = 1
  for (let count = 0; count < varintBytesMax && cursor.at < cursor.end; count++) {
    const byte = cursor.bytes[cursor.at++] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 128
  }
  return damage(cursor)
}

type Visit = (field: number, from: number, end: number) => void

/** Calls `visit` for each field that has a length; others are stepped over. False: the bytes are damaged. */
const visitFields = (bytes: Buffer, from: number, end: number, visit: Visit): boolean => {
  const cursor: Cursor = { bytes, at: from, end }
  while (cursor.at < end) {
    const tag = readVarint(cursor)
    const wire = tag % 8
    if (wire === lengthDelimited) {
      const length = readVarint(cursor)
      const start = cursor.at
      cursor.at += length
      if (cursor.at <= end) visit((tag - wire) / 8, start, cursor.at)
    } else if (wire === 0) readVarint(cursor)
    else {
      const skipped = fixedBytes[wire]
      if (skipped === undefined) return false
      cursor.at += skipped
    }
  }
  return cursor.at === end
}

const headerIn = (bytes: Buffer, spans: readonly number[], name: string): string => {
  let found = ''
  for (let at = 0; at < spans.length; at += 2) {
    let key = ''
    let value = ''
    visitFields(bytes, spans[at] as number, spans[at + 1] as number, (field, from, end) => {
      if (field === mapKey) key = bytes.toString('utf8', from, end)
      else if (field === mapValue) value = bytes.toString('utf8', from, end)
    })
    if (key === name) found = value
  }
  return found
}

const nothing: Buffer = Buffer.alloc(0)

/** Null: no Payload. The result holds on to `bytes`. */
export const decodePayload = (bytes: Buffer): Payload | null => {
  let type = ''
  let clientIp = ''
  let value = nothing
  let sound = true
  const headerSpans: number[] = []
  const inMetadata: Visit = (field, from, end) => {
    if (field === metadataFields.type) type = bytes.toString('utf8', from, end)
    else if (field === metadataFields.clientIp) clientIp = bytes.toString('utf8', from, end)
    else if (field === metadataFields.headers) headerSpans.push(from, end)
  }
  const inAny: Visit = (field, from, end) => {
    if (field === anyValue) value = bytes.subarray(from, end)
  }
  const whole = visitFields(bytes, 0, bytes.length, (field, from, end) => {
    if (field === payloadFields.metadata) sound = visitFields(bytes, from, end, inMetadata) && sound
    else if (field === payloadFields.body) sound = visitFields(bytes, from, end, inAny) && sound
  })
  return whole && sound ? { type, clientIp, value, header: (name) => headerIn(bytes, headerSpans, name) } : null
}

const varintLength = (value: number): number => {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

const writeVarint = (into: Buffer, at: number, value: number): number => {
  let rest = value
  let to = at
  for (; rest >= 128; rest = Math.floor(rest / 128)) into[to++] = (rest % 128) | 0x80
  into[to++] = rest
  return to
}

const fieldLength = (length: number): number => 1 + varintLength(length) + length

/** Tag and length of a length-delimited field; its bytes are to follow. */
const writeHead = (into: Buffer, at: number, field: number, length: number): number => {
  into[at] = field * 8 + lengthDelimited
  return writeVarint(into, at + 1, length)
}

const bytesField = (field: number, bytes: Buffer): Buffer => {
  const whole = Buffer.alloc(fieldLength(bytes.length))
  bytes.copy(whole, writeHead(whole, 0, field, bytes.length))
  return whole
}

/** gRPC puts five bytes before each message: whether it is compressed, and its length. */
export const frameHeadBytes = 5

/** A whole gRPC message, its head included, for one write. `json` is the text of the body, or its start: then so many bytes of it must follow the message. */
export type PayloadEncoder = (type: string, json: string, bytesToFollow?: number) => Buffer

/** @param clientIp stands in every Payload that is made; `''` leaves it out. Types are the program's own words: what is made of each is kept. */
export const createPayloadEncoder = (clientIp: string): PayloadEncoder => {
  const metadataOf = new Map<string, Buffer>()
  const ip = clientIp === '' ? nothing : bytesField(metadataFields.clientIp, Buffer.from(clientIp))
  const metadata = (type: string): Buffer => {
    const known = metadataOf.get(type)
    if (known !== undefined) return known
    const made = bytesField(payloadFields.metadata, Buffer.concat([bytesField(metadataFields.type, Buffer.from(type)), ip]))
    metadataOf.set(type, made)
    return made
  }
  return (type, json, bytesToFollow = 0) => {
    const head = metadata(type)
    const ownBytes = Buffer.byteLength(json)
    const jsonBytes = ownBytes + bytesToFollow
    const anyBytes = fieldLength(jsonBytes)
    const length = head.length + fieldLength(anyBytes)
    const frame = Buffer.allocUnsafe(frameHeadBytes + length - bytesToFollow)
    frame[0] = 0
    frame.writeUInt32BE(length, 1)
    head.copy(frame, frameHeadBytes)
    const body = writeHead(frame, frameHeadBytes + head.length, payloadFields.body, anyBytes)
    frame.write(json, writeHead(frame, body, anyValue, jsonBytes), ownBytes, 'utf8')
    return frame
  }
}
