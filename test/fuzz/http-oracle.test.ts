import { describe, expect, it } from 'vitest'
import { type FuzzAnswer, isLate, wrongWith } from './http-oracle.ts'

const answer = (status: number, body: string, head = '', tookMs = 1): FuzzAnswer => ({ status, body, head: head.toLowerCase(), tookMs })

describe('what a node may answer to anything', () => {
  it.each([
    ['a success', answer(200, 'ok')],
    ['a refusal', answer(400, 'caused: x;')],
    ['what is not served', answer(501, '{"message":"no such api:GET:/nacos/v1/ns/x"}')],
    ['a parameter that is missing, as v1 says it', answer(500, 'caused: Required request parameter &#39;dataId&#39;…;')],
    ['a compare-and-set that lost, as v2 says it', answer(500, '{"code":20005,"message":"resource conflict","data":"Cas publish fail"}')],
    ['a refusal of our own', answer(503, 'caused: x;', 'HTTP/1.1 503\r\nNacos-Trio-Error: overloaded')],
    ['a node of naming that is not up', answer(503, 'server is STARTINGnow, please try again later!')],
  ])('may be %s', (_, given) => expect(wrongWith(given)).toBeNull())

  it.each([
    ['a handler that broke', answer(500, '{"status":500,"message":"the node failed to answer; its log says why"}'), /the node failed to answer/],
    ['a code that is not declared', answer(500, '{"code":30000,"message":"server error","data":null}'), /30000/],
    ['words of somebody else', answer(500, 'TypeError: x'), /TypeError/],
    ['a refusal without a code', answer(503, 'busy'), /503 busy/],
    ['a gateway that nobody asked for', answer(502, ''), /502/],
  ])('may not be %s', (_, given, words) => expect(wrongWith(given)).toMatch(words))

  it('is late after a second', () => expect([1_000, 1_001].map((tookMs) => isLate(answer(200, 'ok', '', tookMs)))).toEqual([false, true]))
})
