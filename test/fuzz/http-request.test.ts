import { describe, expect, it } from 'vitest'
import { requestNumber } from './http-request.ts'

const many = Array.from({ length: 2_000 }, (_, number) => requestNumber(7, number))
const named = (words: string) => many.filter(({ what }) => what.includes(words))

describe('the requests of a seed', () => {
  it('are the same each time, whichever is asked for first', () => {
    expect(requestNumber(7, 1_234)).toEqual(many[1_234])
    expect(requestNumber(8, 1_234)).not.toEqual(many[1_234])
  })

  it('reach most of the endpoints, some of them as they should be', () => {
    expect(new Set(many.map(({ what }) => what.split('; ')[0])).size).toBeGreaterThan(250)
    expect(many.filter(({ what }) => !what.includes('; ')).length).toBeGreaterThan(300)
  })

  it.each([
    ['a field is gone'],
    ['a field comes twice'],
    ['a field has an odd value'],
    ['a field has an odd name'],
    ['there are many fields'],
    ['the path is odd'],
    ['another method'],
    ['another content type'],
    ['the JSON is damaged'],
    ['the JSON is deep'],
    ['the length is a lie'],
    ['many headers'],
    ['an odd header'],
  ])('have it that %s', (words) => expect(named(words).length).toBeGreaterThan(3))

  it('are one head each, whatever stands in it', () => {
    const head = /^[^\r\n]+ HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n(?:[^\r\n]*\r\n)*\r\n/
    expect(many.filter(({ bytes }) => !head.test(bytes.toString('latin1'))).map(({ what }) => what)).toEqual([])
  })
})
