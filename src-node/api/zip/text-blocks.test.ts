import { expect, it } from 'vitest'
import { createTextBlocks } from './text-blocks.ts'

it('gives each text back, whichever block it came into', () => {
  const blocks = createTextBlocks()
  const texts = Array.from({ length: 2_000 }, (_, at) => `${at} 说明 ${'x'.repeat(at % 700)}`)
  const places = texts.map(blocks.add)
  expect(places.map(blocks.at)).toEqual(texts)
  expect(Math.max(...places)).toBeGreaterThan(2 * 256 * 1024)
})

it('a block goes with the last text of it that is given up, whatever the order; the others stay', () => {
  const blocks = createTextBlocks()
  const texts = Array.from({ length: 10 }, (_, at) => `${at}${'x'.repeat(100_000)}`)
  const places = texts.map(blocks.add)
  // Two in each block of 256 KiB.
  for (const at of [3, 0, 2]) blocks.giveUp(places[at] ?? -1)
  expect(places.map((place) => blocks.at(place).slice(0, 1)).join('')).toBe('01456789')
  for (const at of [1, 9, 8]) blocks.giveUp(places[at] ?? -1)
  // The last one is being filled.
  expect(places.map((place) => blocks.at(place).slice(0, 1)).join('')).toBe('456789')
  expect(blocks.at(blocks.add('more'))).toBe('more')
  blocks.letGo()
  expect(blocks.at(places[4] ?? 0)).toBe('')
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
