import { describe, expect, it } from 'vitest'
import type { LinkFault } from '../observe/channel.ts'
import { createLinkFaults } from './link-faults.ts'

const fault = (over: Partial<LinkFault>): LinkFault => ({ peer: 2, direction: 'out', cut: false, delayMs: 0, jitterMs: 0, loss: 0, ...over })

/** Frames are numbers, time stands still until it is told to go on, chance gives what it is dealt. */
const setUp = (chances: readonly number[] = []) => {
  const arrived: string[] = []
  const timers = new Set<{ atMs: number; task: () => void }>()
  const dealt = [...chances]
  let nowMs = 0
  const clock = {
    monotonicMs: () => nowMs,
    after: (ms: number, task: () => void) => {
      const timer = { atMs: nowMs + ms, task }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
  }
  const faults = createLinkFaults<number>({
    clock,
    chance: () => dealt.shift() ?? 0,
    bytesOf: (frame) => frame,
    pass: (direction, peer, frames) => arrived.push(...frames.map((frame) => `${direction} ${peer}: ${frame}`)),
  })
  const wait = (ms: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs++) {
      for (const timer of [...timers]) if (timer.atMs <= nowMs && timers.delete(timer)) timer.task()
    }
    for (const timer of [...timers]) if (timer.atMs <= nowMs && timers.delete(timer)) timer.task()
  }
  return { faults, wait, timers, arrived: () => arrived.splice(0) }
}

describe('a cut', () => {
  it('drops what goes one way to one peer, and nothing else', () => {
    const { faults, arrived } = setUp()
    faults.set([fault({ cut: true })])
    faults.take('out', 2, [1])
    faults.take('in', 2, [2])
    faults.take('out', 3, [3])
    expect(arrived()).toEqual(['in 2: 2', 'out 3: 3'])
  })

  it('loses what was under way, and lets through what comes after it', () => {
    const { faults, wait, arrived } = setUp()
    faults.set([fault({ delayMs: 10 })])
    faults.take('out', 2, [1])
    faults.set([fault({ cut: true })])
    faults.take('out', 2, [2])
    faults.set([])
    faults.take('out', 2, [3])
    wait(50)
    expect(arrived()).toEqual(['out 2: 3'])
  })
})

describe('a delay', () => {
  it('holds each frame for its time', () => {
    const { faults, wait, arrived } = setUp()
    faults.set([fault({ delayMs: 10 })])
    faults.take('out', 2, [1])
    wait(5)
    faults.take('out', 2, [2])
    wait(4)
    expect(arrived()).toEqual([])
    wait(1)
    expect(arrived()).toEqual(['out 2: 1'])
    wait(5)
    expect(arrived()).toEqual(['out 2: 2'])
  })

  it('keeps the order, however it jitters', () => {
    const { faults, wait, arrived } = setUp([0.9, 0, 0.5])
    faults.set([fault({ delayMs: 5, jitterMs: 100 })])
    faults.take('out', 2, [1])
    faults.take('out', 2, [2, 3])
    wait(94)
    expect(arrived()).toEqual([])
    wait(1)
    expect(arrived()).toEqual(['out 2: 1', 'out 2: 2', 'out 2: 3'])
  })

  it('that ends lets go of what waits, before anything newer', () => {
    const { faults, wait, arrived, timers } = setUp()
    faults.set([fault({ delayMs: 1000 })])
    faults.take('out', 2, [1, 2])
    faults.set([])
    faults.take('out', 2, [3])
    expect(arrived()).toEqual(['out 2: 1', 'out 2: 2', 'out 2: 3'])
    wait(2000)
    expect(arrived()).toEqual([])
    expect(timers.size).toBe(0)
  })

  it('that shrinks does not let newer frames overtake', () => {
    const { faults, wait, arrived } = setUp()
    faults.set([fault({ delayMs: 100 })])
    faults.take('out', 2, [1])
    faults.set([fault({ delayMs: 1 })])
    faults.take('out', 2, [2])
    wait(99)
    expect(arrived()).toEqual([])
    wait(1)
    expect(arrived()).toEqual(['out 2: 1', 'out 2: 2'])
  })

  it('holds only so much, by count and by bytes', () => {
    const { faults, wait, arrived } = setUp()
    faults.set([fault({ delayMs: 1 })])
    for (let sent = 0; sent < 9000; sent++) faults.take('out', 2, [1])
    wait(10)
    expect(arrived()).toHaveLength(8192)
    const large = 30 * 1024 * 1024
    faults.take('out', 2, [large, large, large, 1])
    wait(10)
    expect(arrived()).toEqual([`out 2: ${large}`, `out 2: ${large}`, 'out 2: 1'])
  })

  it('leaves no timer behind when the transport closes', () => {
    const { faults, wait, arrived, timers } = setUp()
    faults.set([fault({ delayMs: 10 })])
    faults.take('out', 2, [1])
    faults.close()
    expect(timers.size).toBe(0)
    wait(50)
    expect(arrived()).toEqual([])
  })
})

describe('loss', () => {
  it('takes the frames that chance names', () => {
    const { faults, arrived } = setUp([0.29, 0.3, 0.1, 0.9])
    faults.set([fault({ loss: 0.3, direction: 'in' })])
    faults.take('in', 2, [1, 2, 3, 4])
    expect(arrived()).toEqual(['in 2: 2', 'in 2: 4'])
  })

  it('goes together with a delay', () => {
    const { faults, wait, arrived } = setUp([0.1, 0.9])
    faults.set([fault({ loss: 0.5, delayMs: 10 })])
    faults.take('out', 2, [1, 2])
    expect(arrived()).toEqual([])
    wait(10)
    expect(arrived()).toEqual(['out 2: 2'])
  })
})
