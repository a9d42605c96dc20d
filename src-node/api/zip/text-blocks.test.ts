import { expect, it } from 'vitest'
import { createTextBlocks } from './text-blocks.ts'

it('gives each text back, whichever block it came into', () => {
  const blocks = createTextBlocks()
  const texts = Array.from({ length: 2_000 }, (_, at) => `${at} 说明 ${'x'.repeat(at % 700)}`)
  const places = texts.map(blocks.add)
  expect(places.map(blocks.at)).toEqual(texts)
  expect(Math.max(...places)).toBeGreaterThan(2 * 256 * 1024)
})

it('lets all of it go, and begins anew', () => {
  const blocks = createTextBlocks()
  const place = blocks.add('a')
  blocks.letGo()
  expect(blocks.at(place)).toBe('')
  expect(blocks.at(blocks.add('b'))).toBe('b')
})

it('takes a text that fills a block, and none that is longer', () => {
  const blocks = createTextBlocks()
  const whole = 'x'.repeat(256 * 1024 - 4)
  expect(blocks.at(blocks.add(whole))).toBe(whole)
  expect(() => blocks.add(`${whole}x`)).toThrow('fits no block')
})
