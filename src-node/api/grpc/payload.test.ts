import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePlain, encodePlain } from './client.testing.ts'
import { createPayloadEncoder, decodePayload, frameHeadBytes } from './payload.ts'

const encode = createPayloadEncoder('')

test('what another implementation writes is read: type, address, headers and body', () => {
  const bytes = encodePlain('ConfigQueryRequest', '{"a":1}', { clientIp: '10.0.0.5', headers: { accessToken: 't', notify: 'true' } })
  const payload = decodePayload(bytes)
  expect(payload).toMatchObject({ type: 'ConfigQueryRequest', clientIp: '10.0.0.5' })
  expect(payload?.value.toString()).toBe('{"a":1}')
  expect([payload?.header('accessToken'), payload?.header('notify'), payload?.header('none')]).toEqual(['t', 'true', ''])
})

test('what is written is read by another implementation, whatever its length', () => {
  for (const length of [0, 1, 100, 127, 128, 16_000, 20_000, 3_000_000]) {
    const text = JSON.stringify({ text: '中'.repeat(length) })
    const frame = encode('ConfigQueryResponse', text)
    expect(frame.readUInt32BE(1)).toBe(frame.length - frameHeadBytes)
    expect(decodePlain(frame.subarray(frameHeadBytes)).body).toEqual(JSON.parse(text))
  }
})

test('a body may end in bytes that follow', () => {
  for (const length of [0, 1, 127, 128, 20_000]) {
    const end = Buffer.from(`"b":"${'中'.repeat(length)}"}`)
    const whole = Buffer.concat([encode('T', '{"a":"é",', end.length), end])
    expect(whole).toEqual(encode('T', `{"a":"é",${end}`))
  }
})

test("a push carries the server's address", () => {
  const frame = createPayloadEncoder('127.0.0.1')('ClientDetectionRequest', '{}')
  expect(decodePlain(frame.subarray(frameHeadBytes))).toMatchObject({ type: 'ClientDetectionRequest', clientIp: '127.0.0.1' })
})

test('fields that nobody knows are stepped over', () => {
  const unknown = Buffer.from([0x08, 0x96, 0x01, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3d, 1, 2, 3, 4, 0x7a, 2, 9, 9])
  expect(decodePayload(Buffer.concat([unknown, encodePlain('T', '{}'), unknown]))?.type).toBe('T')
})

test('nothing at all is a payload without a type', () => {
  expect(decodePayload(Buffer.alloc(0))).toMatchObject({ type: '', clientIp: '' })
})

test.each([
  ['a length beyond the end', [0x12, 0x05, 0x01]],
  ['a length that never ends', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['a group', [0x13, 0x14]],
  ['a cut number', [0x08, 0x80]],
  ['a cut fixed number', [0x0d, 1, 2]],
  ['damage within the metadata', [0x12, 0x02, 0x1a, 0x09]],
  ['damage within the body', [0x1a, 0x02, 0x12, 0x7f]],
])('%s is no payload', (_what, bytes) => {
  expect(decodePayload(Buffer.from(bytes))).toBeNull()
})

test('any bytes are read or refused, and none of them throws', () => {
  const sound = encodePlain('ConfigPublishRequest', '{"dataId":"d"}', { headers: { a: 'b' } })
  const flipped = fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
    const bytes = Buffer.from(sound)
    bytes[at] = byte
    return bytes
  })
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    flipped,
  )
  fc.assert(
    fc.property(any, (bytes) => {
      const payload = decodePayload(bytes)
      expect(payload === null || typeof payload.header('a') === 'string').toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
