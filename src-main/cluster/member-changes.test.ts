import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WishAnswer } from '../../src-node/observe/channel.ts'
import { openMemberBook, parseMembers } from './member-book.ts'
import { createMemberChanges } from './member-changes.ts'
import { createRoster } from './roster.ts'
import { supervise } from './supervisor.ts'
import { type Command, hasProcess, initialState } from './supervisor-state.ts'
import { createWatchers } from './watchers.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nacos-trio-members-'))
  writeFileSync(file(), JSON.stringify({ version: 1, clusterId: 'c', nodes: 3 }))
  for (const id of [1, 2, 3]) mkdirSync(join(dir, `node-${id}`))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = () => join(dir, 'cluster.json')
const stored = () => parseMembers(JSON.parse(readFileSync(file(), 'utf8')))

/** The real book, roster and reducer; workers that begin and end at once; a leader that says yes unless told otherwise. */
const setUp = (said: Partial<Record<string, (WishAnswer | Promise<WishAnswer>)[]>> = {}, first = 31_000 + (process.pid % 1_000) * 10) => {
  const did: string[] = []
  const told: string[] = []
  const watchers = createWatchers()
  const roster = createRoster({
    book: openMemberBook(file(), stored() ?? expect.fail('no members')),
    ...{ set: { host: '127.0.0.1', first }, nodeDir: (id: number) => join(dir, `node-${id}`) },
  })
  let state = initialState(roster.members().ids)
  let broken = false
  let leader: number | null = 1
  let removedElsewhere: number[] = []
  let share: number | null = null
  const at = { wallMs: 0, monoMs: 0 }
  const step = (input: Parameters<typeof supervise>[1]) => {
    const next = supervise(state, input, at)
    state = next.state
    return next
  }
  const command = (input: Command) => {
    did.push(`${input.kind}${'id' in input ? ` ${input.id}` : ''}`)
    const { result, effects } = step(input)
    for (const effect of effects) {
      if (effect.kind === 'spawn' && !broken) step({ kind: 'listening', id: effect.id, life: effect.life })
      const ends = (effect.kind === 'spawn' && broken) || effect.kind === 'send-stop'
      const life = state.nodes.find((node) => 'id' in effect && node.id === effect.id)?.life ?? 0
      if (ends) step({ kind: 'exited', id: effect.id, life, code: broken ? 11 : 0, signal: null, lastLine: 'no port' })
    }
    watchers.changed()
    return result
  }
  for (const id of roster.members().ids) command({ kind: 'start', id })
  did.length = 0
  const changes = createMemberChanges({
    ...{ roster, watchers, command, monoMs: () => performance.now(), isStopping: () => false, log: () => undefined },
    wishes: {
      settle: async ({ kind, id }) => {
        did.push(`${kind} ${id}`)
        return said[kind]?.shift() ?? { ok: true }
      },
      heard: () => undefined,
    },
    node: (id) => state.nodes.find((node) => node.id === id) ?? null,
    leader: () => leader,
    voting: () => roster.voting(),
    configuration: () => ({ voters: roster.voting().filter((id) => !removedElsewhere.includes(id)), learners: roster.members().joining }),
    finished: (id, change) => did.push(`${change} ${id}`),
    ...{ caughtUp: () => share, wallMs: () => Date.UTC(2026, 10, 25, 22, 10, 3) },
    serving: () => state.nodes.filter(hasProcess).map(({ id }) => id),
    successor: () => 2,
    tellPlaces: () => did.push(`places ${roster.places().map(({ id }) => id)}`),
  })
  const tell = ({ en }: { readonly en: string }) => told.push(en)
  const scene = {
    lead: (id: number | null) => (leader = id),
    removeElsewhere: (id: number) => (removedElsewhere = [id]),
    catchUp: (to: number) => (share = to),
  }
  return { changes, did, told, tell, roster, command, ...scene, breakStarts: () => (broken = true) }
}

describe('a node that comes', () => {
  it('is noted, known to all, started, taught, and then votes', async () => {
    const { changes, did, told, tell, roster } = setUp()
    expect(await changes.add(tell)).toEqual({ ok: true, id: 4 })
    expect(did).toEqual(['enlist 4', 'places 1,2,3,4', 'start 4', 'add-learner 4', 'promote 4'])
    expect(told).toEqual(['3 voters: 2 must agree, 1 may be lost. With 4: 3 must agree, still 1 may be lost; an odd number is better.'])
    expect(stored()).toEqual({ founders: [1, 2, 3], ids: [1, 2, 3, 4], joining: [], leaving: [], lastId: 4, seats: {}, vacant: [] })
    expect(roster.place(4)?.httpPort).toBe((roster.place(1)?.httpPort ?? 0) + 3)
  })

  it('that cannot open its ports goes again, and its id is spent', async () => {
    const { changes, did, tell, breakStarts } = setUp()
    breakStarts()
    expect(await changes.add(tell)).toMatchObject({ ok: false, refusal: { code: 'wrong_state', detail: expect.stringContaining('did not start') } })
    expect(did.at(-1)).toBe('places 1,2,3')
    expect(stored()).toMatchObject({ ids: [1, 2, 3], joining: [], lastId: 4 })
  })

  it('that learns too slowly stays, and votes later', async () => {
    const { changes, did, tell } = setUp({ promote: [{ ok: false, code: 'not_caught_up' }] })
    expect(await changes.add(tell)).toMatchObject({
      ok: false,
      refusal: { code: 'outcome_unknown', nodeId: 4, detail: expect.stringContaining('goes on learning') },
    })
    expect(stored()).toMatchObject({ ids: [1, 2, 3, 4], joining: [4] })
    did.length = 0
    changes.resume()
    await expect.poll(() => stored()?.joining).toEqual([])
    expect(did).toEqual(['add-learner 4', 'promote 4', 'added 4'])
  })

  it('that is one too many goes again', async () => {
    const { changes, tell } = setUp({ 'add-learner': [{ ok: false, code: 'too_many_members' }] })
    expect(await changes.add(tell)).toMatchObject({ ok: false })
    expect(stored()).toMatchObject({ ids: [1, 2, 3] })
  })
})

describe('a node that goes', () => {
  it('hands over, is removed, then stopped, and its folder kept aside', async () => {
    const { changes, did, tell } = setUp()
    expect(await changes.remove(1, tell)).toEqual({ ok: true, id: 1 })
    expect(did).toEqual(['transfer 2', 'remove 1', 'stop 1', 'dismiss 1', 'places 2,3'])
    expect(stored()).toMatchObject({ ids: [2, 3], leaving: [] })
    expect(readdirSync(join(dir, 'removed'))).toEqual(['node-1'])
  })

  it('stays if too few would be left', async () => {
    const { changes, did, tell } = setUp({ remove: [{ ok: false, code: 'would_lose_quorum' }] })
    expect(await changes.remove(2, tell)).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('too few') } })
    expect(did).toEqual(['remove 2'])
    expect(stored()).toMatchObject({ ids: [1, 2, 3], leaving: [] })
  })

  it('whose removal is open goes when that is settled, and it is told', async () => {
    const { changes, tell, did } = setUp({ remove: [{ ok: false, code: 'unknown' }] })
    expect(await changes.remove(3, tell)).toMatchObject({
      ok: false,
      refusal: { code: 'outcome_unknown', detail: expect.stringContaining('finished as soon as there is a leader') },
    })
    expect(stored()).toMatchObject({ ids: [1, 2, 3], leaving: [3] })
    changes.resume()
    await expect.poll(() => did.at(-1)).toBe('removed 3')
    expect(stored()?.ids).toEqual([1, 2])
  })

  it.each(['no_leader', 'no_quorum', 'not_leader', 'change_in_progress', 'lost', 'overloaded', 'disk_full'])(
    'stays for good when it was refused: %s means that it will not happen',
    async (code) => {
      const { changes, tell, did } = setUp({ remove: [{ ok: false, code }] })
      expect(await changes.remove(3, tell)).toMatchObject({ ok: false, refusal: { code: expect.not.stringMatching('outcome_unknown') } })
      expect(stored()).toMatchObject({ ids: [1, 2, 3], leaving: [] })
      did.length = 0
      changes.resume()
      expect(did).toEqual([])
    },
  )

  it('stays open through a time without a leader, and stays for good once a leader refuses', async () => {
    const no = (code: string): WishAnswer => ({ ok: false, code })
    const { changes, tell, did, lead } = setUp({ remove: [no('unknown'), no('no_leader'), no('would_lose_quorum')] })
    await changes.remove(3, tell)
    expect(await changes.remove(3, tell)).toMatchObject({ refusal: { code: 'outcome_unknown' } })
    lead(null)
    expect(await changes.remove(3, tell)).toMatchObject({ refusal: { code: 'outcome_unknown' } })
    expect(stored()?.leaving).toEqual([3])
    changes.resume()
    await expect.poll(() => stored()?.leaving).toEqual([])
    expect(did).not.toContain('removed 3')
  })

  it('is refused at once while nobody leads', async () => {
    const { changes, tell, told, did, lead } = setUp()
    lead(null)
    expect(await changes.remove(3, tell)).toMatchObject({ ok: false, refusal: { code: 'no_quorum' } })
    expect([told, did, stored()?.leaving]).toEqual([[], [], []])
  })

  it('is told no arithmetic if it is the last voter', async () => {
    const { changes, tell, told } = setUp()
    await changes.remove(3, tell)
    await changes.remove(2, tell)
    told.length = 0
    expect(await changes.remove(1, tell)).toMatchObject({ ok: false, refusal: { detail: 'the last voter cannot go' } })
    expect(told).toEqual([])
  })

  it('by another way than a command is stopped, and its folder kept aside', async () => {
    const { changes, did, removeElsewhere } = setUp({ promote: [{ ok: false, code: 'unknown_node' }] })
    changes.resume()
    expect(did).toEqual([])
    removeElsewhere(2)
    changes.resume()
    await expect.poll(() => did.at(-1)).toBe('removed 2')
    expect(did).toEqual(['promote 2', 'stop 2', 'dismiss 2', 'places 1,3', 'removed 2'])
    expect(readdirSync(join(dir, 'removed'))).toEqual(['node-2'])
  })

  it('only by an old report stays', async () => {
    const { changes, did, removeElsewhere, tell } = setUp({ promote: [{ ok: false, code: 'already_voter' }] })
    removeElsewhere(2)
    changes.resume()
    await expect.poll(async () => (await changes.remove(7, tell)).ok).toBe(false)
    expect(did).toEqual(['promote 2'])
  })

  it('must be there', async () => {
    const { changes, tell, told } = setUp()
    expect(await changes.remove(7, tell)).toMatchObject({ refusal: { code: 'not_found' } })
    expect(told).toEqual([])
  })
})

it('a dead node is replaced: first the new one comes, then the old one goes', async () => {
  const { changes, did, told, tell, command } = setUp()
  command({ kind: 'stop', id: 3 })
  did.length = 0
  expect(await changes.replace(3, tell)).toEqual({ ok: true, id: 4 })
  expect(did).toEqual(['enlist 4', 'places 1,2,3,4', 'start 4', 'add-learner 4', 'promote 4', 'remove 3', 'dismiss 3', 'places 1,2,4'])
  expect(told.map((words) => words.slice(0, 9))).toEqual(['3 voters:', '4 voters:'])
  expect(told[0]).toContain('1 of them does not serve now')
})

describe('a node that comes anew', () => {
  const aside = 'node-2-2026-11-25T22-10-03Z'

  it('goes, leaves its folder under a name with the date, and a new one takes its ports', async () => {
    const { changes, did, told, tell, roster, command } = setUp()
    const { httpPort } = roster.place(2)!
    writeFileSync(join(dir, 'node-2', 'kept'), '')
    command({ kind: 'stop', id: 2 })
    did.length = 0
    expect(await changes.rebuild(2, tell)).toEqual({ ok: true, id: 4, inPlaceOf: 2 })
    expect(did).toEqual(['remove 2', 'dismiss 2', 'places 1,3', 'enlist 4', 'places 1,3,4', 'start 4', 'add-learner 4', 'promote 4'])
    expect(stored()).toMatchObject({ ids: [1, 3, 4], joining: [], leaving: [], lastId: 4, seats: { 4: 2 }, vacant: [] })
    expect(roster.place(4)).toMatchObject({ httpPort, inPlaceOf: 2 })
    expect(roster.place(3)?.inPlaceOf).toBeUndefined()
    expect(readdirSync(join(dir, 'removed', aside))).toEqual(['kept'])
    expect(told).toEqual([
      expect.stringMatching(/^3 voters: .* It is the same again once the new node votes; until then 2 vote/),
      'Node 2 is out; its folder is kept. A new node takes its place.',
    ])
  })

  it('may come anew once more, at the same ports, and others have their own', async () => {
    const { changes, tell, roster } = setUp()
    const { httpPort } = roster.place(2)!
    expect([await changes.rebuild(2, tell), await changes.rebuild(4, tell), await changes.add(tell)]).toMatchObject([{ id: 4 }, { id: 5 }, { id: 6 }])
    expect([roster.place(5)?.httpPort, roster.place(6)?.httpPort]).toEqual([httpPort, httpPort + 4])
    expect(roster.place(5)?.inPlaceOf).toBe(2)
    expect(setUp().roster.place(5)?.httpPort).toBe(httpPort)
  })

  it.each(['would_lose_quorum', 'last_voter', 'no_leader'])('stays as it is if the leader says %s', async (code) => {
    const { changes, did, tell } = setUp({ remove: [{ ok: false, code }] })
    expect(await changes.rebuild(3, tell)).toMatchObject({ ok: false })
    expect(did).toEqual(['remove 3'])
    expect(stored()).toMatchObject({ ids: [1, 2, 3], leaving: [], vacant: [] })
    did.length = 0
    changes.resume()
    expect(did).toEqual([])
  })

  it('is refused at once while nobody leads, and where there is no such node', async () => {
    const { changes, tell, lead } = setUp()
    expect(await changes.rebuild(9, tell)).toMatchObject({ refusal: { code: 'not_found' } })
    lead(null)
    expect(await changes.rebuild(2, tell)).toMatchObject({ refusal: { code: 'no_quorum' } })
    expect(stored()).toMatchObject({ vacant: [], leaving: [] })
  })

  it('is refused where the others are too few to have its data, before anybody is asked', async () => {
    const { changes, did, told, tell, command } = setUp()
    command({ kind: 'stop', id: 3 })
    did.length = 0
    expect(await changes.rebuild(2, tell)).toMatchObject({
      ok: false,
      refusal: { code: 'no_quorum', detail: expect.stringContaining('1 of the other 2 serve') },
    })
    expect([did, told, stored()?.vacant]).toEqual([[], [], []])
  })

  it('is finished after a crash of this process, wherever that came', async () => {
    const first = setUp({ remove: [{ ok: false, code: 'unknown' }] })
    expect(await first.changes.rebuild(2, first.tell)).toMatchObject({ refusal: { code: 'outcome_unknown' } })
    expect(stored()).toMatchObject({ ids: [1, 2, 3], leaving: [2], vacant: [2] })
    const second = setUp()
    second.changes.resume()
    await expect.poll(() => second.did.at(-1)).toBe('removed 2')
    expect(readdirSync(join(dir, 'removed'))).toEqual([aside])
    expect(stored()).toMatchObject({ ids: [1, 3], vacant: [2] })
    const third = setUp()
    third.changes.resume()
    await expect.poll(() => third.did.at(-1)).toBe('added 4')
    expect(stored()).toMatchObject({ ids: [1, 3, 4], vacant: [], seats: { 4: 2 } })
  })

  it('that went before this process could note it is followed by the new one', async () => {
    const unknown: WishAnswer = { ok: false, code: 'unknown_node' }
    const { changes, did, roster, removeElsewhere } = setUp({ promote: [unknown, unknown] })
    roster.change({ vacant: [2] })
    removeElsewhere(2)
    changes.resume()
    await expect.poll(() => did.at(-1)).toBe('removed 2')
    expect(stored()).toMatchObject({ ids: [1, 3], vacant: [2] })
  })

  it('that was asked for and not begun stays, and may be asked for again', async () => {
    const { changes, roster } = setUp({ promote: [{ ok: true }] })
    roster.change({ vacant: [2] })
    changes.resume()
    await expect.poll(() => stored()?.vacant).toEqual([])
    expect(stored()?.ids).toEqual([1, 2, 3])
  })

  it('whose successor cannot start is out all the same, and that is said', async () => {
    const { changes, tell, breakStarts } = setUp()
    breakStarts()
    expect(await changes.rebuild(2, tell)).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringMatching(/^node 2 is out and its folder is kept, but no new node came: the new node did not start/) },
    })
    expect(stored()).toMatchObject({ ids: [1, 3], vacant: [], lastId: 4 })
  })

  it('waits for its ports where another program holds them', async () => {
    const { changes, tell, roster, did } = setUp()
    const { httpPort } = roster.place(2)!
    const stranger = createServer().listen(httpPort, '127.0.0.1')
    await once(stranger, 'listening')
    expect(await changes.rebuild(2, tell)).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('held by another program') } })
    expect(stored()).toMatchObject({ ids: [1, 3], vacant: [2] })
    stranger.close()
    await once(stranger, 'close')
    changes.resume()
    await expect.poll(() => did.at(-1)).toBe('added 4')
    expect(roster.place(4)?.httpPort).toBe(httpPort)
  })

  it('tells how far it is', async () => {
    let caughtUp: (answer: WishAnswer) => void = () => undefined
    const { changes, tell, told, catchUp } = setUp({ promote: [new Promise((resolve) => (caughtUp = resolve))] })
    const rebuilt = changes.rebuild(2, tell)
    catchUp(0.47)
    await expect.poll(() => told.at(-1)).toBe('Node 4 has 40 % of what the others know.')
    catchUp(0.91)
    await expect.poll(() => told.at(-1)).toContain('90 %')
    caughtUp({ ok: true })
    expect(await rebuilt).toEqual({ ok: true, id: 4, inPlaceOf: 2 })
  })
})

it('one change at a time', async () => {
  const { changes, tell } = setUp()
  const [first, second] = await Promise.all([changes.add(tell), changes.remove(2, tell)])
  expect(first).toMatchObject({ ok: true })
  expect(second).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
})

it('a book that cannot be is refused', () => {
  const good = { nodes: 3, members: { ids: [1], joining: [], leaving: [], lastId: 4 } }
  expect(parseMembers(good)).toMatchObject({ ids: [1] })
  expect(parseMembers({ ...good, members: { ...good.members, ids: [] } })).toBe(null)
  expect(parseMembers({ ...good, members: { ...good.members, joining: ['4'] } })).toBe(null)
  expect(parseMembers({ ...good, members: { ...good.members, lastId: '4' } })).toBe(null)
  expect(parseMembers({ ...good, members: { ...good.members, seats: { 4: 2 }, vacant: [2] } })).toMatchObject({ seats: { 4: 2 }, vacant: [2] })
  expect(parseMembers({ ...good, members: { ...good.members, seats: [2] } })).toBe(null)
  expect(parseMembers({ ...good, members: { ...good.members, seats: { 4: 'x' } } })).toBe(null)
  expect(parseMembers({ ...good, members: { ...good.members, vacant: 2 } })).toBe(null)
})
