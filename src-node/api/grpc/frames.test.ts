import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameReader, grpcStatus } from './frames.ts'

const frame = (text: string, flag = 0) => {
  const head = Buffer.from([flag, 0, 0, 0, 0])
  head.writeUInt32BE(Buffer.byteLength(text), 1)
  return Buffer.concat([head, Buffer.from(text)])
}

const open = (messageBytesMax = 1_000) => {
  const messages: string[] = []
  const reader = createFrameReader({ messageBytesMax, onMessage: (message) => void messages.push(message.toString()) })
  return { messages, reader }
}

test('messages come out whole, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 })), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (texts, cuts) => {
      const { messages, reader } = open()
      const bytes = Buffer.concat(texts.map((text) => frame(text)))
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const to = at + (cuts[turn % cuts.length] ?? 1)
        expect(reader.read(bytes.subarray(at, to))).toBeNull()
        at = to
      }
      expect(messages).toEqual(texts)
      expect(reader.held()).toBe(0)
    }),
  )
})

test('a message keeps its bytes when the next one comes in', () => {
  const kept: Buffer[] = []
  const reader = createFrameReader({ messageBytesMax: 100, onMessage: (message) => void kept.push(message) })
  const bytes = Buffer.concat([frame('first'), frame('second')])
  for (const byte of bytes) reader.read(Buffer.from([byte]))
  expect(kept.map(String)).toEqual(['first', 'second'])
})

test('a message over the limit is refused by its head, before its bytes are kept', () => {
  const { reader } = open(10)
  const head = frame('x'.repeat(11)).subarray(0, 5)
  expect(reader.read(head)).toMatchObject({ status: grpcStatus.resourceExhausted, words: 'a message of 11 bytes is over the limit of 10' })
})

test('a compressed message is refused', () => {
  expect(open().reader.read(frame('x', 1))).toMatchObject({ status: grpcStatus.unimplemented })
})

test('what is held is counted, and is at most twice what has come', () => {
  const { reader } = open(1_000_000)
  const whole = frame('x'.repeat(900_000))
  reader.read(whole.subarray(0, 100_000))
  expect(reader.held()).toBeGreaterThanOrEqual(100_000)
  for (let at = 100_000; at < 800_000; at += 1_000) reader.read(whole.subarray(at, at + 1_000))
  expect(reader.held()).toBeLessThanOrEqual(1_600_000)
  expect(reader.held()).toBeGreaterThanOrEqual(800_000)
})
