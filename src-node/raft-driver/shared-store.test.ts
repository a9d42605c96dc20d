/** MySQL mode on one node, as leader and as follower: what it tells, what it believes, whom it keeps waiting. */

import { expect, it } from 'vitest'
import { logIndex, nodeId, term } from '../raft/types.ts'
import { claimedAt, createFakeClock, createFakeQueue, createFakeSink, unavailable, written } from './fake-sink.testing.ts'
import type { PeerFrame, RaftDriver, StoreApplied, WriteOutcome } from './ports.ts'
import { createSharedStore, type StoreNote } from './shared-store.ts'
import { storeLimits } from './store-limits.ts'
import type { StoreSync, SyncHost } from './store-sync.ts'

const configWrite = new Uint8Array([1])
const otherWrite = new Uint8Array([2])

const setUp = () => {
  const { clock, advance } = createFakeClock()
  const database = createFakeSink()
  const queue = createFakeQueue()
  const sent: StoreApplied[] = []
  const lines: string[] = []
  const notes: StoreNote[] = []
  const proposed: ((outcome: WriteOutcome<string>) => void)[] = []
  const syncs: string[] = []
  const ends: (() => void)[] = []
  const createSync = ({ stands }: SyncHost): StoreSync => {
    let running = false
    const run = async () => {
      running = true
      syncs.push(`from ${stands()?.index}`)
      await new Promise<void>((end) => {
        ends.push(end)
      })
      running = false
    }
    return { running: () => running, last: () => null, run }
  }
  const forgets: string[] = []
  const createOthersHistory =
    ({ stands }: Pick<SyncHost, 'stands'>) =>
    (beforeMs: number, mayGoOn: () => boolean) => {
      forgets.push(`before ${beforeMs} at ${stands()?.index}, ${mayGoOn() ? 'may' : 'may not'} go on`)
      return Promise.resolve()
    }
  const outcomes: string[] = []
  const driver = {
    write: (_payload: Uint8Array, done: (outcome: WriteOutcome<string>) => void) => proposed.push(done),
    status: () => ({ lastIndex: 1_000, peers: [{ id: nodeId(2) }] }),
  } as unknown as RaftDriver<string>
  const store = createSharedStore<string>({
    ...{ sink: database.sink, queue: () => queue.queue, appliedIndex: queue.applied, adopt: false, clock, driver: () => driver },
    send: (_to, frames: readonly PeerFrame[]) => sent.push(...(frames as StoreApplied[])),
    concerns: (payload) => payload[0] === 1,
    configs: { find: () => undefined, rows: () => [].values() },
    attach: () => Promise.resolve(null),
    createSync,
    createOthersHistory,
    tell: (level, words) => lines.push(`${level} ${words}`),
    refused: () => {},
    noted: (note) => notes.push(note),
    // Looks at an idle database are the loop's own: here nobody answers them.
    limits: { idleLookMs: Number.POSITIVE_INFINITY },
  })
  const applier = store.applier({
    appliedIndex: () => logIndex(queue.applied()),
    fillsTurn: () => false,
    standsAlone: () => false,
    apply: (_run, done) => done({ replies: [], afterReplies: () => {} }),
  })
  const write = (payload = configWrite) => store.write(payload, (outcome) => outcomes.push(outcome.kind === 'refused' ? outcome.code : outcome.kind))
  /** The next entry; its caller is the oldest who waits for the driver. */
  const apply = async (changed = true) => {
    const index = queue.apply(changed)
    applier.apply([], (result) => {
      proposed.shift()?.({ kind: 'applied', reply: 'r', index: logIndex(index) })
      if (result !== 'disk_full') result.afterReplies()
    })
    await advance(0)
  }
  const role = async (name: 'leader' | 'follower', inTerm: number) => {
    store.onEvent({ type: 'role', role: name, term: term(inTerm), leaderId: null, cause: '' })
    await advance(0)
  }
  const tell = async (...outcome: Parameters<typeof database.tell>) => {
    database.tell(...outcome)
    await advance(0)
  }
  const hear = (inTerm: number, index: number, available = true) =>
    store.told({ type: 'store-applied', term: term(inTerm), index: logIndex(index), available })
  store.start()
  const end = async () => {
    for (const go of ends.splice(0)) go()
    await advance(0)
  }
  return {
    syncs,
    forgets,
    endSync: end,
    ...{ store, queue, sent, lines, notes, proposed, outcomes, advance, write, apply, role, tell, hear },
    calls: database.calls,
  }
}
const word = (inTerm: number, index: number, available = true): StoreApplied => ({
  ...{ type: 'store-applied', term: term(inTerm), index: logIndex(index), available },
})

it('a leader tells at once how far the database is, and again and again', async () => {
  const { role, tell, sent, apply, advance } = setUp()
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  expect(sent).toEqual([word(3, 1)])
  await apply()
  expect(sent).toHaveLength(1)
  await tell(written)
  expect(sent.at(-1)).toEqual(word(3, 2))
  sent.length = 0
  await advance(2 * storeLimits.repeatMs)
  expect(sent).toEqual([word(3, 2), word(3, 2)])
})

it('says nothing before it knows anything, and nothing as a follower', async () => {
  const { role, sent, advance, tell } = setUp()
  await role('leader', 3)
  await advance(3 * storeLimits.repeatMs)
  expect(sent).toEqual([])
  await tell(claimedAt(1))
  await role('follower', 4)
  sent.length = 0
  await advance(3 * storeLimits.repeatMs)
  expect(sent).toEqual([])
})

it('history of others goes while the database takes something, and only as long', async () => {
  const { store, role, tell, apply, forgets } = setUp()
  await store.forgetOthers(7, () => true)
  expect(forgets).toEqual([])
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  await store.forgetOthers(7, () => true)
  await store.forgetOthers(8, () => false)
  expect(forgets).toEqual(['before 7 at 1, may go on'])
})

it('a configuration write at the leader is answered when the database has it', async () => {
  const { role, tell, write, apply, outcomes } = setUp()
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  write()
  await apply()
  expect(outcomes).toEqual([])
  await tell(written)
  expect(outcomes).toEqual(['applied'])
})

it('one at a follower, when the leader says so; a write of another kind waits for nothing', async () => {
  const { write, apply, hear, outcomes } = setUp()
  hear(3, 0)
  write()
  write(otherWrite)
  await apply()
  await apply(false)
  expect(outcomes).toEqual(['applied'])
  hear(3, 2)
  expect(outcomes).toEqual(['applied', 'applied'])
})

it('the stored index never falls within a term, and may in a newer one', () => {
  const { hear, store } = setUp()
  hear(3, 9)
  hear(3, 5)
  expect(store.status().storeAppliedIndex).toBe(9)
  hear(4, 5)
  expect(store.status().storeAppliedIndex).toBe(5)
})

it('away is told to all, kept from being proposed everywhere, and over with the first word', async () => {
  const { role, tell, write, apply, sent, store, outcomes, lines, advance, proposed } = setUp()
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  await apply()
  await tell(unavailable)
  expect(sent.at(-1)).toEqual(word(3, 1, false))
  expect([store.refuses(configWrite), store.refuses(otherWrite)]).toEqual([true, false])
  write()
  expect(outcomes).toEqual(['storage_unavailable'])
  write(otherWrite)
  expect(proposed).toHaveLength(1)
  await advance(storeLimits.retryMs)
  await tell(claimedAt(1))
  expect(sent.at(-1)).toEqual(word(3, 1, true))
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['error', 'info'])
})

it('a follower that hears "away" refuses too', () => {
  const { hear, write, outcomes, store } = setUp()
  hear(3, 4, false)
  write()
  expect([outcomes, store.refuses(configWrite)]).toEqual([['storage_unavailable'], true])
})

it('a new leader goes on with what it heard, so that writes cross a change of leaders', async () => {
  const { hear, role, write, apply, tell, outcomes, proposed } = setUp()
  hear(3, 0)
  await role('leader', 4)
  write()
  expect(proposed).toHaveLength(1)
  await apply()
  await tell(claimedAt(0))
  await tell(written)
  expect(outcomes).toEqual(['applied'])
})

it('what is stored leaves the queue on every node', async () => {
  const { hear, apply, queue, advance } = setUp()
  await apply()
  await apply()
  await apply()
  hear(3, 2)
  await advance(2 * storeLimits.trimMs)
  expect(queue.queue.length()).toBe(1)
})

it('a leader looks for what other programs changed every while, one look at a time, and not before it has the database', async () => {
  const { role, tell, apply, advance, syncs, endSync } = setUp()
  await apply(false)
  await role('leader', 3)
  await advance(storeLimits.syncMs)
  expect(syncs).toEqual([])
  await tell(claimedAt(1))
  await advance(storeLimits.repeatMs)
  expect(syncs).toEqual(['from 1'])
  await advance(2 * storeLimits.syncMs)
  expect(syncs).toHaveLength(1)
  await endSync()
  await advance(storeLimits.repeatMs)
  expect(syncs).toHaveLength(2)
  await endSync()
  await role('follower', 4)
  await advance(2 * storeLimits.syncMs)
  expect(syncs).toHaveLength(2)
})

it('what changes during a look stays in the queue until its end', async () => {
  const { role, tell, apply, advance, queue, endSync } = setUp()
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  await advance(storeLimits.syncMs)
  await apply()
  await tell(written)
  await advance(2 * storeLimits.trimMs)
  expect(queue.queue.length()).toBe(1)
  await endSync()
  await advance(storeLimits.trimMs)
  expect(queue.queue.length()).toBe(0)
})

it('a database that turns out to be an older one keeps what it lacks in the queue, whatever was stored once', async () => {
  const { role, tell, apply, advance, queue, store } = setUp()
  await apply(false)
  await role('leader', 3)
  await tell(claimedAt(1))
  await apply()
  await tell({ kind: 'fenced', position: null })
  await tell(claimedAt(2))
  expect(store.status().storeAppliedIndex).toBe(2)
  await apply()
  await tell({ kind: 'fenced', position: null })
  await tell(claimedAt(1))
  await advance(3 * storeLimits.trimMs)
  expect(queue.queue.length()).toBe(2)
})

it('the columns are known once the database has told them', async () => {
  const { store, advance } = setUp()
  const told: boolean[] = []
  store.columnsKnown((known) => told.push(known))
  expect(told).toEqual([])
  await advance(0)
  store.columnsKnown((known) => told.push(known))
  expect(told).toEqual([true, true])
})

it('what the database refuses is shown by the node that writes to it', async () => {
  const { role, tell, apply, store } = setUp()
  await apply(false)
  await role('leader', 3)
  expect(store.status().dataErrors).toBeNull()
  await tell(claimedAt(1))
  const refusals = { count: 1, newest: [] }
  await apply()
  await tell({ kind: 'written', dataErrors: [], refusals })
  expect(store.status().dataErrors).toEqual(refusals)
  await role('follower', 4)
  expect(store.status().dataErrors).toBeNull()
})

it('at its end everybody has an answer, and the connection is closed', async () => {
  const { hear, write, apply, store, outcomes, calls } = setUp()
  hear(3, 0)
  write()
  await apply()
  await store.stop()
  expect([outcomes, calls.at(-1)]).toEqual([['unknown'], 'close'])
})

it('what happens to the database is noted with cause and time, for whoever shows it', async () => {
  const { role, tell, apply, advance, notes, store } = setUp()
  await apply(false)
  await role('leader', 3)
  await advance(50)
  await tell(claimedAt(1))
  expect(store.status()).toMatchObject({ health: 'available', sinceMs: 50 })
  await apply()
  await tell(written)
  await advance(20)
  await apply()
  await tell(unavailable)
  const facts = { address: 'db:1', user: 'u', database: 'd', detail: 'as scripted' }
  expect(store.status()).toMatchObject({ health: 'away', sinceMs: 70, trouble: { code: 'connection-refused', facts } })
  await advance(storeLimits.retryMs)
  await tell(claimedAt(2))
  expect(notes.map(({ kind }) => kind)).toEqual(['away', 'back'])
  expect(notes[0]).toMatchObject({ trouble: { code: 'connection-refused', facts } })
})

it('a database of another cluster is noted before the node ends for it', async () => {
  const { role, tell, notes } = setUp()
  await role('leader', 3)
  await tell({ kind: 'foreign', position: { clusterId: 'theirs', term: 1, appliedIndex: 5 } })
  expect(notes[0]).toMatchObject({ kind: 'refused', trouble: { code: 'foreign', facts: { clusterId: 'theirs' } } })
})
