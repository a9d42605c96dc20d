import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { followInput } from './input.ts'

/** Each line is begun at once and done when the test says so; those that begin with "slow" may be passed. */
const setUp = () => {
  const input = new PassThrough()
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  followInput(input, {
    answer: (line) => {
      begun.push(line)
      return new Promise((done) => ends.set(line, done))
    },
    isSlow: (line) => line.startsWith('slow'),
  })
  return { input, begun, end: (line: string) => ends.get(line)?.() }
}

it('one line after another', async () => {
  const { input, begun, end } = setUp()
  input.write('one\ntwo\n')
  await expect.poll(() => begun).toEqual(['one'])
  end('one')
  await expect.poll(() => begun).toEqual(['one', 'two'])
})

it('a slow one lets the others pass', async () => {
  const { input, begun } = setUp()
  input.write('slow add\n')
  input.write('kill 1\n')
  await expect.poll(() => begun).toEqual(['slow add', 'kill 1'])
})

it('a last line needs no end', async () => {
  const { input, begun, end } = setUp()
  input.write('one\r\ntw')
  input.end('o')
  await expect.poll(() => begun).toEqual(['one'])
  end('one')
  await expect.poll(() => begun).toEqual(['one', 'two'])
})
