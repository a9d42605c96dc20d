import { expect, it } from 'vitest'
import { createLookup, type Resolve } from './name-lookup.ts'

const resolver = () => {
  const asked: string[] = []
  const answers: Parameters<Resolve>[2][] = []
  const resolve: Resolve = (hostname, _options, done) => {
    asked.push(hostname)
    answers.push(done)
  }
  return { asked, answers, lookup: createLookup(resolve) }
}

it('a name server that is silent is asked once, however often the peer is dialed', () => {
  const { asked, answers, lookup } = resolver()
  const heard: unknown[] = []
  for (let dial = 0; dial < 3; dial++) lookup('node-2', {}, (...answer) => heard.push(answer))
  expect(asked).toEqual(['node-2'])
  answers[0]?.(null, '10.0.0.2', 4)
  expect(heard).toEqual(Array(3).fill([null, '10.0.0.2', 4]))
})

it('a name is asked for anew once there was an answer, or none was to be had', () => {
  const { asked, answers, lookup } = resolver()
  const heard: unknown[] = []
  lookup('node-2', {}, (...answer) => heard.push(answer))
  const unknown = new Error('ENOTFOUND')
  answers[0]?.(unknown, '')
  lookup('node-2', {}, (...answer) => heard.push(answer))
  answers[1]?.(null, '10.0.0.9', 4)
  expect([asked.length, heard]).toEqual([
    2,
    [
      [unknown, '', undefined],
      [null, '10.0.0.9', 4],
    ],
  ])
})
