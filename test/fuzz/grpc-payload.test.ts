import { describe, expect, it } from 'vitest'
import { payloadNumber } from './grpc-payload.ts'
import { wrongWithGrpc } from './grpc-run.ts'

const many = Array.from({ length: 3_000 }, (_, number) => payloadNumber(7, number))
const message = (body: Record<string, unknown>) => ({ kind: 'message', said: { type: 'X', clientIp: '', body }, tookMs: 1 }) as const
const honest = { lies: false }

describe('the payloads of a seed', () => {
  it('are the same each time', () => {
    expect(payloadNumber(7, 1_234)).toEqual(many[1_234])
    expect(payloadNumber(8, 1_234)).not.toEqual(many[1_234])
  })

  it.each([
    ['a member is odd'],
    ['a member is gone'],
    ['another type'],
    ['the JSON is damaged'],
    ['the JSON is deep'],
    ['ten thousand listens'],
    ['the message is damaged'],
    ['the message is cut'],
    ['the frame is a lie'],
  ])('have it that %s', (words) => expect(many.filter(({ what }) => what.includes(words)).length).toBeGreaterThan(2))
})

describe('what a node may answer to any payload', () => {
  it.each([
    ['a success', message({ resultCode: 200, errorCode: 0 })],
    ['a refusal', message({ resultCode: 500, errorCode: 301, message: 'Connection is unregistered.' })],
    ['a status of gRPC', { kind: 'status', status: 12, tookMs: 1 } as const],
  ])('may be %s', (_, outcome) => expect(wrongWithGrpc(honest, outcome)).toBeNull())

  it.each([
    ['a handler that broke', message({ resultCode: 500, errorCode: 500, message: 'the node failed to answer; its log says why' })],
    ['an answer that clients cannot read', message({ resultCode: 200 })],
    ['a server that does not know', { kind: 'status', status: 2, tookMs: 1 } as const],
    ['nothing', { kind: 'closed' } as const],
    ['silence', { kind: 'silent' } as const],
  ])('may not be %s', (_, outcome) => expect(wrongWithGrpc(honest, outcome)).not.toBeNull())

  it('may be nothing at all where the frame was a lie', () => expect(wrongWithGrpc({ lies: true }, { kind: 'closed' })).toBeNull())
})
