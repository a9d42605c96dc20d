import { expect, test } from 'vitest'
import { encodeForm } from './form.ts'

test.each([
  ['', 'nothing'],
  ['a=b&c d+e%41\r\n\t*-._~!', 'special characters'],
  ['中文 😀 é', 'text beyond ASCII'],
  ['\u0000\u0001\u0002', 'control characters'],
  ['€'.repeat(300_000), 'longer than a slice, cut inside a character'],
])('value %# comes back as it was', async (value) => {
  const body = (await encodeForm({ dataId: 'd', content: value })).toString('latin1')
  expect(body).toMatch(/^[\x20-\x7e]*$/)
  const read = new URLSearchParams(body)
  expect(read.get('dataId')).toBe('d')
  expect(read.get('content') === value).toBe(true)
})
