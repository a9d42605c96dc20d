import { describe, expect, it } from 'vitest'
import type { Answer } from '../../support/http.ts'
import { is, object, restResult } from '../shape.ts'
import { verdictOf } from './ask.ts'
import { type Endpoint, json, plain, zip } from './row.ts'

const answer = (status: number, text: string): Answer => ({ status, text, body: Buffer.from(text), headers: {} })
const endpoint = (answers: Endpoint['answers'], more: Partial<Endpoint> = {}): Endpoint => ({
  ...{ area: 'naming', method: 'GET', path: '/v1/ns/x', versions: '1.x', section: '8', ask: {}, answers, ...more },
})
const ok = plain(/^ok$/)

describe('what is said of an endpoint', () => {
  it.each([
    ['the text that is due', ok, answer(200, 'ok')],
    ['the JSON that is due', json(restResult(is(true))), answer(200, '{"code":200,"message":null,"data":true}')],
    ['a zip', zip, answer(200, 'PK\u0003\u0004')],
    ['the refusal that is due', plain(/^caused: /, 400), answer(400, 'caused: x;')],
  ])('done: %s', (_, answers, given) => expect(verdictOf(endpoint(answers), given)).toEqual({ kind: 'done' }))

  it.each([
    ['no route', answer(404, '{"status":404,"message":"nothing is served under this path"}')],
    ['no route of naming', answer(501, '{"status":501,"message":"no such api:GET:/nacos/v1/ns/x"}')],
    ['another method', answer(405, '{"status":405,"message":"only POST can be sent here"}')],
    ['another meaning of the route', answer(501, 'caused: beta= is not served by this version;')],
  ])('not served: %s', (_, given) => {
    expect(verdictOf(endpoint(ok), given)).toEqual({ kind: 'not-served' })
    expect(verdictOf(endpoint(ok, { leftOut: 'why not' }), given)).toEqual({ kind: 'left-out', why: 'why not' })
  })

  it.each([
    ['another status', ok, answer(500, 'caused: x;'), 'the status must be 200, and is 500: caused: x;'],
    ['another text', ok, answer(200, 'true'), 'the body must be like /^ok$/, and is true'],
    ['no JSON', json(is(true)), answer(200, '<html>'), 'the body must be JSON, and is <html>'],
    ['a member that is missing', json(object({ a: is(1) })), answer(200, '{}'), 'the body.a is missing'],
    ['no zip', zip, answer(200, 'x'), 'the body must be a zip, and is x'],
    // A node that has the route and does not know the thing says 404 as well.
    ['a thing that is not there', ok, answer(404, 'config data not exist\n'), 'the status must be 200, and is 404: config data not exist\n'],
  ])('differs: %s', (_, answers, given, problem) => expect(verdictOf(endpoint(answers), given)).toEqual({ kind: 'differs', problems: [problem] }))
})
