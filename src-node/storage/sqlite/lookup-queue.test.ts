import { expect, test } from 'vitest'
import { createLookupQueue } from './lookup-queue.ts'
import type { ThreadAnswer } from './reader-thread.ts'

const setUp = () => {
  const threads: ((answer: ThreadAnswer<string>) => void)[] = []
  const said: string[] = []
  let open = 0
  const queue = createLookupQueue({
    began: () => {
      open++
    },
    ended: () => {
      open--
    },
  })
  const add = (name: string) =>
    queue.add<string>(
      (done) => void threads.push(done),
      (answer) => void said.push(`${name} ${answer.kind === 'found' ? answer.value : answer.kind === 'failed' ? answer.words : answer.kind}`),
    )
  const end = (answer: ThreadAnswer<string>) => threads.shift()?.(answer)
  return { add, end, said, threads, open: () => open }
}

test('one lookup at a time, in turn; the file is being read as long as one runs', () => {
  const { add, end, said, threads, open } = setUp()
  add('a')
  add('b')
  expect([threads.length, open()]).toEqual([1, 1])
  end({ ok: true, value: 'one' })
  expect([said, open()]).toEqual([['a one'], 1])
  end({ ok: false, message: 'disk I/O error' })
  expect([said, open()]).toEqual([['a one', 'b disk I/O error'], 0])
})

test('too many who wait are refused at once, and the others served', () => {
  const { add, end, said } = setUp()
  for (let at = 0; at < 35; at++) add(String(at))
  expect(said).toEqual(['33 busy', '34 busy'])
  for (let at = 0; at < 33; at++) end({ ok: true, value: 'found' })
  expect(said).toHaveLength(35)
  expect(said.at(-1)).toBe('32 found')
})
