/** What a recorder makes of what clients saw. */

import { describe, expect, it } from 'vitest'
import { createRecorder, splitByKey } from './history.ts'

const never = Number.POSITIVE_INFINITY
const start = () => {
  let moment = 0
  return createRecorder<string, string>(() => ++moment)
}

describe('a recorder', () => {
  it('keeps calls and returns in time', () => {
    const recorder = start()
    const first = recorder.begin({ client: 1, key: 'a', input: 'x' })
    const second = recorder.begin({ client: 2, key: 'a', input: 'y' })
    second.returned('Y')
    first.returned('X')
    expect(recorder.operations()).toEqual([
      { client: '1.0', key: 'a', input: 'x', output: 'X', callAt: 1, returnAt: 4 },
      { client: '2.0', key: 'a', input: 'y', output: 'Y', callAt: 2, returnAt: 3 },
    ])
  })

  it('drops what certainly failed', () => {
    const recorder = start()
    recorder.begin({ client: 1, key: 'a', input: 'x' }).failed()
    expect(recorder.operations()).toEqual([])
  })

  it('leaves an unknown outcome open for ever, and the client goes on under another name', () => {
    const recorder = start()
    recorder.begin({ client: 1, key: 'a', input: 'x' }).unknown()
    recorder.begin({ client: 1, key: 'a', input: 'y' }).returned('Y')
    recorder.begin({ client: 1, key: 'a', input: 'z' }).returned('Z')
    expect(recorder.operations().map(({ client, output, returnAt }) => [client, output, returnAt])).toEqual([
      ['1.0', null, never],
      ['1.1', 'Y', 3],
      ['1.1', 'Z', 5],
    ])
  })

  it('gives a client that went on before the answer another name, and still takes the answer', () => {
    const recorder = start()
    const late = recorder.begin({ client: 1, key: 'a', input: 'x' })
    recorder.begin({ client: 1, key: 'a', input: 'y' }).returned('Y')
    late.returned('X')
    expect(recorder.operations().map(({ client, output }) => [client, output])).toEqual([
      ['1.0', 'X'],
      ['1.1', 'Y'],
    ])
  })

  it('counts what is still open as unknown', () => {
    const recorder = start()
    recorder.begin({ client: 1, key: 'a', input: 'x' })
    expect(recorder.operations()).toMatchObject([{ output: null, returnAt: never }])
  })

  it('refuses a second answer', () => {
    const open = start().begin({ client: 1, key: 'a', input: 'x' })
    open.unknown()
    expect(() => open.returned('X')).toThrow('answered twice')
  })

  it('splits by key', () => {
    const recorder = start()
    for (const key of ['a', 'b', 'a']) recorder.begin({ client: 1, key, input: key }).returned('')
    expect([...splitByKey(recorder.operations())].map(([key, operations]) => [key, operations.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })
})
