import { describe, expect, it } from 'vitest'
import { createHeapThrift, spareHeap } from './heap-thrift.ts'

const setUp = () => {
  const flags: string[] = []
  return { flags, spare: createHeapThrift((flag) => flags.push(flag)) }
}
const small = '--heap-growing-percent=15'
const byItself = '--heap-growing-percent=0'

describe('the heap', () => {
  it('grows in small steps from the first who walks through everything to the last', () => {
    const { flags, spare } = setUp()
    const [first, second] = [spare(), spare()]
    expect(flags).toEqual([small])
    first()
    expect(flags).toEqual([small])
    second()
    expect(flags).toEqual([small, byItself])
    spare()
    expect(flags).toEqual([small, byItself, small])
  })

  it('is let go once by each, however often it says so', () => {
    const { flags, spare } = setUp()
    const [first, second] = [spare(), spare()]
    first()
    first()
    expect(flags).toEqual([small])
    second()
    expect(flags).toEqual([small, byItself])
  })

  it('is that of this runtime: it knows the flag, and takes it while it runs', () => {
    expect(() => spareHeap()()).not.toThrow()
  })
})
