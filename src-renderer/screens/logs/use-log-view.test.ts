import { renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { useLogView } from './use-log-view.ts'

const line = (seq: number, node: number): LogLine => ({ seq, atMs: seq, node, level: 'info', module: 'raft', text: `term ${seq}` })
const lines = [line(1, 1), line(2, 2), line(3, 1), line(4, 2)]
const options = { words: 'term', afterSeq: -1 }

test('taking a source away takes its matches away, also when the last line stays', () => {
  const { result, rerender } = renderHook(
    ({ node }: { node: readonly number[] | undefined }) => useLogView(lines, node === undefined ? { only: true } : { only: true, node }, options),
    {
      initialProps: { node: undefined as readonly number[] | undefined },
    },
  )
  expect(result.current.shown.map((one) => one.seq)).toEqual([1, 2, 3, 4])
  rerender({ node: [2] })
  expect(result.current.shown.map((one) => one.seq)).toEqual([2, 4])
  rerender({ node: undefined })
  expect(result.current.matches.map((one) => one.seq)).toEqual([1, 2, 3, 4])
})
