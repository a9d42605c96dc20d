/** The leader's way into the shared database, with a database, a queue and a clock in the test's hand. */

import { expect, it } from 'vitest'
import { claimedAt, createFakeClock, createFakeQueue, createFakeSink, troubleOf, unavailable, written } from './fake-sink.testing.ts'
import { type AttachProblem, createSinkLoop } from './sink-loop.ts'
import { storeLimits } from './store-limits.ts'

const setUp = ({ adopt = false, applied = 10, problem = null as AttachProblem | null } = {}) => {
  const { clock, advance } = createFakeClock()
  const database = createFakeSink()
  const queue = createFakeQueue()
  for (let n = 0; n < applied; n++) queue.apply(false)
  const refused: string[] = []
  const attached: number[] = []
  const loop = createSinkLoop({
    ...{ sink: database.sink, queue: () => queue.queue, appliedIndex: queue.applied, lastIndex: () => 100, adopt, clock, limits: storeLimits },
    attach: (stands) => {
      attached.push(stands)
      return Promise.resolve(problem)
    },
    ...{ changed: () => {}, opened: () => {}, dataErrors: () => {}, refused: ({ code }) => void refused.push(code) },
  })
  loop.start()
  const publish = async () => {
    queue.apply(true)
    loop.wake()
    await advance(0)
  }
  const tell = async (...outcome: Parameters<typeof database.tell>) => {
    database.tell(...outcome)
    await advance(0)
  }
  const lead = async (term: number) => {
    loop.lead(term, 'undecided')
    await advance(0)
  }
  /** Leads in term 3 over a database that stands at 10. */
  const leading = async () => {
    await advance(0)
    await lead(3)
    await tell(claimedAt(10))
  }
  return { ...database, ...{ loop, queue, refused, attached, publish, tell, lead, leading, advance } }
}
/** Attached at 0, with so many entries to write. */
const attachedWith = async (entries: number) => {
  const parts = setUp({ applied: 0 })
  for (let n = 0; n < entries; n++) parts.queue.apply(true)
  await parts.advance(0)
  await parts.lead(3)
  await parts.tell(claimedAt(0))
  return parts
}
const last = (calls: readonly string[]) => calls.at(-1)

it('a follower connects, and claims nothing', async () => {
  const { calls, advance, publish } = setUp()
  await advance(0)
  await publish()
  expect(calls).toEqual(['open'])
})

it('a new leader claims, then writes batch after batch, one at a time, each from where the last one ended', async () => {
  const { calls, leading, publish, tell, loop } = setUp()
  await leading()
  expect(loop.health()).toBe('available')
  await publish()
  await publish()
  expect(last(calls)).toBe('write 10-11')
  await tell(written)
  expect(last(calls)).toBe('write 11-12')
  await tell(written)
  expect([loop.storedIndex(), calls.length]).toEqual([12, 4])
})

it('an entry that changes nothing counts as stored at once, unless an earlier one is not', async () => {
  const { leading, publish, queue, loop } = setUp()
  await leading()
  queue.apply(false)
  expect(loop.storedIndex()).toBe(11)
  await publish()
  queue.apply(false)
  expect(loop.storedIndex()).toBe(10)
})

it.each([
  ['a lost answer', { kind: 'unknown', trouble: troubleOf('no-answer') } as const],
  ['a position that is another', { kind: 'fenced', position: null } as const],
])('after %s it claims anew and goes by what that says', async (_, outcome) => {
  const { calls, leading, publish, tell, loop } = setUp()
  await leading()
  await publish()
  await tell(outcome)
  expect([last(calls), loop.health(), loop.storedIndex()]).toEqual(['claim 3', 'available', null])
  // It was written after all.
  await tell(claimedAt(11))
  await publish()
  expect(last(calls)).toBe('write 11-12')
})

it('a database that is away is asked again and again, more and more slowly, and is back with its first word', async () => {
  const { calls, leading, publish, tell, loop, advance } = setUp()
  await leading()
  await publish()
  await tell(unavailable)
  expect([loop.health(), loop.trouble()?.code]).toEqual(['away', 'connection-refused'])
  await advance(storeLimits.retryMs)
  expect(last(calls)).toBe('claim 3')
  for (let n = 0; n < 8; n++) {
    await tell(unavailable)
    await advance(storeLimits.retryMaxMs)
  }
  await tell(claimedAt(10))
  expect([loop.health(), loop.trouble(), last(calls)]).toEqual(['available', null, 'write 10-11'])
})

it('a call without an answer counts as away before it ends, and its late answer as the end of that', async () => {
  const { leading, publish, tell, loop, advance, calls } = setUp()
  await leading()
  await publish()
  await advance(storeLimits.stallMs - 1)
  expect(loop.health()).toBe('available')
  await advance(1)
  expect([loop.health(), loop.trouble()?.code]).toEqual(['away', 'no-answer'])
  expect(last(calls)).toBe('write 10-11')
  await tell(written)
  expect([loop.health(), loop.storedIndex()]).toEqual(['available', 11])
})

it('one that leads no more writes no more, and what was under way counts for nothing', async () => {
  const { calls, leading, publish, tell, loop } = setUp()
  await leading()
  await publish()
  loop.rest()
  await tell(written)
  await publish()
  expect([last(calls), loop.storedIndex()]).toEqual(['write 10-11', null])
})

it('a leader of a newer term waits for the call of the older one before it claims', async () => {
  const { calls, leading, publish, tell, lead } = setUp()
  await leading()
  await publish()
  await lead(5)
  expect(last(calls)).toBe('write 10-11')
  await tell(written)
  expect(last(calls)).toBe('claim 5')
})

it('a claim that a newer leader has overtaken is tried again, not refused', async () => {
  const { calls, tell, lead, advance, refused } = setUp()
  await advance(0)
  await lead(3)
  await tell({ kind: 'outdated', position: { clusterId: 'c', term: 4, appliedIndex: 9 } })
  await advance(storeLimits.retryMs)
  expect([last(calls), calls.length, refused]).toEqual(['claim 3', 3, []])
})

it.each(['foreign', 'ahead'] as const)('a database that is %s is refused in words that name the way out', async (kind) => {
  const { tell, lead, advance, refused, loop, batches } = setUp()
  await advance(0)
  await lead(3)
  await tell({ kind, position: { clusterId: 'other', term: 4, appliedIndex: 500 } })
  expect([refused, loop.health()]).toEqual([[kind], 'away'])
  expect(loop.trouble()?.words).toContain('--mysql-adopt')
  expect(batches).toEqual([])
})

it('a database that was ours before is away when it turns out to be another, and no node ends for it', async () => {
  const { tell, leading, publish, refused, loop } = setUp()
  await leading()
  await publish()
  await tell({ kind: 'fenced', position: null })
  await tell({ kind: 'foreign', position: { clusterId: 'other', term: 4, appliedIndex: 5 } })
  expect([refused, loop.health()]).toEqual([[], 'away'])
})

it('the wish to take a database over is said once, until it is ours', async () => {
  const { claims, leading, publish, tell } = setUp({ adopt: true })
  await leading()
  await publish()
  await tell({ kind: 'fenced', position: null })
  expect(claims.map(({ adopt }) => adopt)).toEqual([true, false])
})

it('a database of nobody is attached first, and then told where it stands', async () => {
  const { calls, tell, lead, advance, attached, loop } = setUp()
  await advance(0)
  await lead(3)
  await tell(claimedAt(0))
  expect([attached, last(calls)]).toEqual([[0], 'write 0-10'])
  await tell(written)
  expect(loop.storedIndex()).toBe(10)
})

it('one that stands before what our queue holds is attached too', async () => {
  const { tell, lead, advance, attached, queue } = setUp()
  queue.forgetUpTo(8)
  await advance(0)
  await lead(3)
  await tell(claimedAt(5))
  expect(attached).toEqual([5])
})

it('an attachment that comes to nothing is begun again', async () => {
  const { calls, tell, lead, advance, loop } = setUp({ problem: { code: 'no_quorum', words: '', lasting: false } })
  await advance(0)
  await lead(3)
  await tell(claimedAt(0))
  expect([loop.health(), loop.storedIndex()]).toEqual(['away', null])
  await advance(storeLimits.retryMs)
  expect(last(calls)).toBe('claim 3')
})

it('one whose rows cannot be told from ours is refused', async () => {
  const { tell, lead, advance, refused, loop, calls } = setUp({ problem: { code: 'ids-taken', words: '', lasting: true } })
  await advance(0)
  await lead(3)
  await tell(claimedAt(0))
  await advance(storeLimits.retryMaxMs)
  expect([refused, loop.health(), last(calls)]).toEqual([['ids-taken'], 'away', 'claim 3'])
})

it('a database that was attached with much to write takes no writes before it has nearly everything', async () => {
  const { loop, queue, tell, calls, advance } = await attachedWith(storeLimits.fillBehindMax + 1)
  expect([loop.health(), loop.trouble()?.code, last(calls)]).toEqual(['away', 'filling', `write 0-${storeLimits.fillBehindMax + 1}`])
  for (let n = 0; n < storeLimits.fillBehindMax + 1; n++) queue.apply(true)
  // What it fails in between is no end of it.
  await tell({ kind: 'unknown', trouble: troubleOf('no-answer') })
  await tell(claimedAt(1))
  expect([loop.health(), loop.trouble()?.code, loop.storedIndex()]).toEqual(['away', 'filling', 1])
  await tell(written)
  expect([loop.health(), loop.trouble()]).toEqual(['available', null])
  await advance(0)
})

it('one with little to write takes writes at once', async () => {
  const { loop } = await attachedWith(storeLimits.fillBehindMax)
  expect([loop.health(), loop.trouble()]).toEqual(['available', null])
})

it('a database that nobody writes to is looked at: gone, it is away before a write could meet it', async () => {
  const { calls, leading, advance, tell, loop } = setUp()
  await leading()
  await advance(storeLimits.idleLookMs - 1)
  expect(calls).toHaveLength(2)
  await advance(1)
  expect(last(calls)).toBe('write 10-10')
  await tell(written)
  expect([loop.health(), loop.storedIndex()]).toEqual(['available', 10])
  await advance(storeLimits.idleLookMs)
  await tell(unavailable)
  expect(loop.health()).toBe('away')
})

it('what is written is a look as well, and who leads no more looks no more', async () => {
  const { calls, leading, publish, advance, tell, loop } = setUp()
  await leading()
  await advance(storeLimits.idleLookMs - 1)
  await publish()
  await tell(written)
  await advance(storeLimits.idleLookMs - 1)
  expect(last(calls)).toBe('write 10-11')
  loop.rest()
  await advance(2 * storeLimits.idleLookMs)
  expect(last(calls)).toBe('write 10-11')
})
