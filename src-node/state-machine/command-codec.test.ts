import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCommand, encodeCommand } from './command-codec.ts'
import type { Command } from './types.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const publish = (over: Partial<Extract<Command, { kind: 'publish-config' }>> = {}): Command => ({
  ...{ kind: 'publish-config', namespace: '', group: 'DEFAULT_GROUP', dataId: 'app.yaml', content: bytes('a: 1'), md5: 'abc', type: 'yaml' },
  ...{ expectedMd5: null, appName: '', description: '', tags: null, sourceIp: '127.0.0.1', sourceUser: '', encryptedDataKey: '' },
  ...over,
})

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 90 }), fc.string({ unit: 'grapheme', maxLength: 20 }))
const origin = { namespace: text, group: text, dataId: text, sourceIp: text, sourceUser: text, expectedMd5: fc.option(text) }
const requestId = fc.stringMatching(/^[A-Za-z0-9_-]{16,64}$/)
const types = ['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset'] as const
const plainCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('delete-config' as const), ...origin }),
  fc.record({
    ...{ kind: fc.constant('publish-config' as const), ...origin, content: fc.uint8Array({ maxLength: 300 }), md5: text },
    ...{ type: fc.constantFrom(...types), appName: text, description: text, tags: fc.option(fc.array(text)), encryptedDataKey: text },
  }),
)
const anyCommand: fc.Arbitrary<Command> = fc
  .tuple(plainCommand, fc.option(requestId))
  .map(([command, id]) => (id === null ? command : { ...command, requestId: id }))

describe('the command codec', () => {
  it('gives back every command it was given', () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(decodeCommand(encodeCommand(command))).toEqual(command)
      }),
      { numRuns: 500 },
    )
  })

  it('tells no condition from a demand for absence', () => {
    expect(decodeCommand(encodeCommand(publish({ expectedMd5: '' })))?.expectedMd5).toBe('')
    expect(decodeCommand(encodeCommand(publish({ expectedMd5: null })))?.expectedMd5).toBeNull()
  })

  it('keeps a byte order mark in a name', () => {
    expect(decodeCommand(encodeCommand(publish({ dataId: '\ufeffé' })))?.dataId).toBe('\ufeffé')
  })

  it('writes half a character as the replacement character, whatever follows it', () => {
    for (const dataId of ['\ud83d', '\ud83dx', '\ud83d\ue000', 'x\udc00'])
      expect(decodeCommand(encodeCommand(publish({ dataId })))?.dataId).toBe(dataId.replace(/[\ud800-\udfff]/, '\ufffd'))
  })

  it('gives back contents of every length of length', () => {
    for (const length of [0, 1, 2 ** 7, 2 ** 14, 2 ** 21]) {
      const command = decodeCommand(encodeCommand(publish({ content: new Uint8Array(length).fill(7) })))
      expect(command?.kind === 'publish-config' && command.content.length).toBe(length)
    }
  })

  it('does not copy the content when it decodes', () => {
    const payload = encodeCommand(publish({ content: new Uint8Array(1000) }))
    const command = decodeCommand(payload)
    expect(command?.kind === 'publish-config' && command.content.buffer === payload.buffer).toBe(true)
  })

  it('gives null for every prefix and for trailing bytes', () => {
    const payload = encodeCommand(publish({ tags: ['a'], requestId: 'sixteen_chars-16' }))
    for (let length = 0; length < payload.length; length++) expect(decodeCommand(payload.subarray(0, length))).toBeNull()
    expect(decodeCommand(new Uint8Array([...payload, 0]))).toBeNull()
  })

  it('writes and reads a command without a request id as version 1 always did', () => {
    const old = '01010100000247440161093132372e302e302e3100000361626300000004613a2031'
    const written = publish({ group: 'GD', dataId: 'a', type: 'json' })
    expect(Buffer.from(encodeCommand(written)).toString('hex')).toBe(old)
    expect(decodeCommand(Buffer.from(old, 'hex'))).toEqual({ ...written, content: Buffer.from('a: 1') })
  })

  it('refuses to write, and to read, a request id that is none', () => {
    for (const wrong of ['', 'short', 'x'.repeat(65), 'sixteen chars é!', 'sixteen-chars-é!', 'a'.repeat(272)])
      expect(() => encodeCommand(publish({ requestId: wrong }))).toThrow('no request id')
    const payload = encodeCommand(publish({ requestId: 'sixteen_chars-16' }))
    expect(decodeCommand(payload)?.requestId).toBe('sixteen_chars-16')
    expect(decodeCommand(payload.with(5, 0x20))).toBeNull()
    expect(decodeCommand(payload.with(2, 15))).toBeNull()
  })

  it('gives null for another version, another kind, bad UTF-8', () => {
    const payload = encodeCommand(publish({ dataId: 'é' }))
    for (const at of [0, 1, 2]) expect(decodeCommand(payload.with(at, 99))).toBeNull()
    expect(decodeCommand(payload.with(payload.indexOf(0xc3), 0xff))).toBeNull()
  })

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(255), (junk, head) => {
        decodeCommand(junk)
        decodeCommand(new Uint8Array([1 + ((head >> 1) & 1), 1 + (head & 1), ...junk]))
        decodeCommand(new Uint8Array([2, 1 + (head & 1), 16, ...bytes('sixteen_chars-16'), ...junk]))
      }),
      { numRuns: 2000 },
    )
  })
})
