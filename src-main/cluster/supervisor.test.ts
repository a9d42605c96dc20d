import { describe, expect, it } from 'vitest'
import { supervise } from './supervisor.ts'
import { type Effect, type Input, initialState, type SupervisorState } from './supervisor-state.ts'
import type { ActionResult } from './types.ts'

const at = (monoMs: number) => ({ wallMs: 1_000_000 + monoMs, monoMs })

/** Plays inputs one after another, a second apart. */
const play = (inputs: readonly Input[], from: SupervisorState = initialState([1, 2, 3])) => {
  let state = from
  let effects: readonly Effect[] = []
  let result: ActionResult = { ok: true }
  inputs.forEach((input, index) => {
    const step = supervise(state, input, at(index * 1_000))
    state = step.state
    effects = step.effects
    result = step.result
  })
  const node = (id: number) => state.nodes.find((each) => each.id === id)!
  const phases = () => state.nodes.map((each) => each.phase.kind)
  /** What the last input asked for, without words for the log. */
  const asked = () => effects.filter((effect) => effect.kind !== 'log' && effect.kind !== 'clear-timer').map(brief)
  return { state, effects, result, node, phases, asked }
}

const brief = (effect: Effect): string => {
  switch (effect.kind) {
    case 'signal':
      return `${effect.signal} ${effect.id}`
    case 'set-timer':
      return `timer ${effect.name} ${effect.id} ${effect.delayMs}`
    case 'spawn':
      return `spawn ${effect.id} life ${effect.life}`
    case 'exited':
      return `exited ${effect.id} ${effect.exit.kind}`
    default:
      return 'id' in effect ? `${effect.kind} ${effect.id}` : effect.kind
  }
}

const startAll: Input = { kind: 'start-all' }
const rise = (id: number, life = 1): Input[] => [
  { kind: 'spawned', id, life, pid: id * 100 + life },
  { kind: 'hello', id, life },
  { kind: 'listening', id, life },
  { kind: 'serving', id, life },
]
const allUp: Input[] = [startAll, ...rise(1), ...rise(2), ...rise(3)]
const gone = (id: number, life: number, how: { code?: number; signal?: string }): Input => ({
  kind: 'exited',
  id,
  life,
  code: how.code ?? null,
  signal: how.signal ?? null,
  lastLine: null,
})
const bye = (id: number, life = 1): Input => ({ kind: 'bye', id, life, farewell: { exitCode: 0, reason: 'asked to stop' } })
const timer = (id: number, name: Extract<Input, { kind: 'timer' }>['name']): Input => ({ kind: 'timer', id, name })

describe('a start', () => {
  it('makes one process a node and watches for its greeting', () => {
    expect(play([startAll]).asked()).toEqual([1, 2, 3].flatMap((id) => [`spawn ${id} life 1`, `timer hello ${id} 20000`]))
  })
  it('sends the start message once the worker greets', () => {
    expect(play([startAll, ...rise(1).slice(0, 2)]).asked()).toEqual(['send-start 1'])
  })
  it('ends a worker that does not greet, and counts it as a failure', () => {
    const silent = [startAll, ...rise(1).slice(0, 1), timer(1, 'hello')]
    expect(play(silent).asked()).toEqual(['SIGKILL 1'])
    const after = play([...silent, gone(1, 1, { signal: 'SIGKILL' })])
    expect(after.node(1)).toMatchObject({ phase: { kind: 'waiting' }, lastExit: { reason: expect.stringContaining('did not answer') } })
  })
  it('twice is refused for the node that runs', () => {
    expect(play([...allUp, { kind: 'start', id: 1 }]).result).toMatchObject({ ok: false, refusal: { code: 'wrong_state', nodeId: 1 } })
  })
  it('by hand fills the budget of a crashed node again', () => {
    const damaged = play([startAll, { kind: 'bye', id: 1, life: 1, farewell: { exitCode: 12, reason: 'torn page' } }, gone(1, 1, { code: 12 })])
    expect(damaged.phases()[0]).toBe('crashed')
    expect(play([{ kind: 'start', id: 1 }], damaged.state).node(1)).toMatchObject({
      phase: { kind: 'starting' },
      history: { failedAtMs: [], inARow: 0 },
    })
  })
})

describe('an exit that nobody asked for', () => {
  it('is followed by a restart, with the signal as the reason', () => {
    const after = play([...allUp, gone(2, 1, { signal: 'SIGKILL' })])
    expect(after.asked()).toEqual(['exited 2 signal', 'timer restart 2 250'])
    expect(after.node(2)).toMatchObject({ pid: null, lastExit: { signal: 'SIGKILL', kind: 'signal' }, phase: { kind: 'waiting' } })
    expect(play([timer(2, 'restart')], after.state).asked()).toEqual(['spawn 2 life 2', 'timer hello 2 20000'])
  })
  it('of an earlier life changes nothing', () => {
    const second = play([...allUp, gone(2, 1, { signal: 'SIGKILL' }), timer(2, 'restart'), ...rise(2, 2)])
    expect(play([gone(2, 1, { code: 1 })], second.state).state).toBe(second.state)
  })
  it('after a kill by the user names the user', () => {
    const killed = play([...allUp, { kind: 'kill', id: 3 }])
    expect(killed.asked()).toEqual(['SIGKILL 3'])
    expect(play([gone(3, 1, { signal: 'SIGKILL' })], killed.state).asked()).toEqual(['exited 3 killed-by-user', 'timer restart 3 250'])
  })
  it('while waiting, a stop by hand takes the restart back', () => {
    const stopped = play([...allUp, gone(2, 1, { code: 14 }), { kind: 'stop', id: 2 }])
    expect(stopped.phases()).toEqual(['running', 'stopped', 'running'])
    expect(play([timer(2, 'restart')], stopped.state).state).toBe(stopped.state)
  })
})

describe('a node that finds its disk full', () => {
  const full = (life: number): Input[] => [
    { kind: 'bye', id: 2, life, farewell: { exitCode: 18, reason: 'raft.db: the disk is full (disk_full), so this node cannot start' } },
    gone(2, life, { code: 18 }),
  ]
  const waits = [...allUp, gone(2, 1, { signal: 'SIGKILL' }), timer(2, 'restart'), ...full(2)]
  const room = (found: boolean): Input => ({ kind: 'room', id: 2, found })

  it('waits for room with a reason of its own, and is no failure', () => {
    const after = play(waits)
    expect(after.asked()).toEqual(['exited 2 disk-full', 'timer restart 2 1000'])
    expect(after.node(2)).toMatchObject({
      phase: { kind: 'waiting', needsRoom: true },
      history: { failedAtMs: [] },
      lastExit: { kind: 'disk-full', reason: expect.stringContaining('starts by itself once there is room') },
    })
  })
  it('has its disk looked at until there is room, and is started then', () => {
    expect(play([...waits, timer(2, 'restart')]).asked()).toEqual(['look-for-room 2'])
    const none = play([...waits, timer(2, 'restart'), room(false)])
    expect(none.asked()).toEqual(['timer restart 2 1000'])
    expect(play([timer(2, 'restart'), room(true)], none.state).asked()).toEqual(['spawn 2 life 3', 'timer hello 2 20000'])
  })
  it('that finds too little room again waits longer, but never gives up', () => {
    let { state } = play(waits)
    for (let life = 3; life < 20; life++) {
      const again = play([timer(2, 'restart'), room(true), ...full(life)], state)
      expect(again.node(2).phase.kind).toBe('waiting')
      state = again.state
    }
    expect(play([timer(2, 'restart'), room(true), ...full(20)], state).asked()).toContain('timer restart 2 30000')
  })
  it('hears nothing of room once it was stopped by hand', () => {
    const stopped = play([...waits, { kind: 'stop', id: 2 }])
    expect(play([room(true)], stopped.state).state).toBe(stopped.state)
  })
})

describe('a stop of one node', () => {
  const asked = [...allUp, { kind: 'stop', id: 2 }] satisfies Input[]
  it('asks, then SIGTERM, then SIGKILL', () => {
    expect(play(asked).asked()).toEqual(['send-stop 2', 'timer stop 2 1000'])
    expect(play([...asked, timer(2, 'stop')]).asked()).toEqual(['SIGTERM 2', 'timer stop 2 200'])
    expect(play([...asked, timer(2, 'stop'), timer(2, 'stop')]).asked()).toEqual(['SIGKILL 2'])
  })
  it('leaves it down, whatever the exit', () => {
    expect(play([...asked, bye(2), gone(2, 1, { code: 0 })]).node(2)).toMatchObject({ phase: { kind: 'stopped' }, lastExit: { kind: 'asked' } })
    expect(play([...asked, gone(2, 1, { code: 14 })]).node(2).phase.kind).toBe('stopped')
  })
  it('before the greeting does not let it begin', () => {
    expect(play([startAll, { kind: 'stop', id: 1 }, ...rise(1).slice(0, 2)]).asked()).toEqual([])
  })
  it('as part of a restart is followed by a start', () => {
    expect(play([...allUp, { kind: 'restart', id: 2 }, bye(2), gone(2, 1, { code: 0 })]).asked()).toEqual([
      'exited 2 asked',
      'spawn 2 life 2',
      'timer hello 2 20000',
    ])
  })
  it('takes a restart that is under way back', () => {
    expect(play([...allUp, { kind: 'restart', id: 2 }, { kind: 'stop', id: 2 }, gone(2, 1, { code: 0 })]).node(2).phase.kind).toBe('stopped')
  })
})

describe('a stop of the cluster', () => {
  const begun = [...allUp, { kind: 'stop-all', leaderId: 1 }] satisfies Input[]
  const followersGone = [...begun, gone(2, 1, { code: 0 }), gone(3, 1, { code: 0 })]
  it('asks the followers first', () => {
    expect(play(begun).asked()).toEqual([
      'send-stop 2',
      'timer stop 2 1000',
      'send-stop 3',
      'timer stop 3 1000',
      'timer whole-stop 0 1700',
      'timer leader-turn 0 400',
    ])
  })
  it('asks the leader when they are gone, or when its turn has come', () => {
    expect(play(followersGone).asked()).toEqual(['exited 3 asked', 'send-stop 1', 'timer stop 1 1000'])
    expect(play([...begun, timer(0, 'leader-turn')]).asked()).toEqual(['send-stop 1', 'timer stop 1 1000'])
  })
  it('is over when all are down', () => {
    const over = play([...followersGone, gone(1, 1, { code: 0 })])
    expect(over.state.shutdown).toBeNull()
    expect(over.phases()).toEqual(['stopped', 'stopped', 'stopped'])
  })
  it('without a known leader asks all at once', () => {
    expect(
      play([...allUp, { kind: 'stop-all', leaderId: null }])
        .asked()
        .filter((words) => words.startsWith('send-stop')),
    ).toHaveLength(3)
  })
  it('kills whatever is left at the end of the budget, and at once when hurried', () => {
    const left = ['SIGKILL 1', 'SIGKILL 2', 'SIGKILL 3']
    expect(play([...begun, timer(0, 'whole-stop')]).asked()).toEqual(left)
    expect(play([...begun, { kind: 'hurry' }]).asked()).toEqual(left)
  })
  it('restarts nothing that dies meanwhile, the leader included', () => {
    const after = play([...begun, gone(1, 1, { signal: 'SIGKILL' }), gone(2, 1, { code: 14 })])
    expect(after.phases()).toEqual(['stopped', 'stopped', 'stopping'])
  })
  it('refuses starts until it is over', () => {
    expect(play([...begun, gone(2, 1, { code: 0 }), { kind: 'start', id: 2 }]).result).toMatchObject({ ok: false })
    expect(play([...begun, startAll]).result).toMatchObject({ ok: false })
  })
  it('with nothing running is over at once', () => {
    expect(play([{ kind: 'stop-all', leaderId: null }]).state.shutdown).toBeNull()
  })
})

describe('a paused node', () => {
  const pause: Input = { kind: 'pause', id: 1, ms: 500 }

  it('is stopped by a signal and goes on after its time, or when asked', () => {
    const paused = play([...allUp, pause])
    expect(paused.asked()).toEqual(['SIGSTOP 1', 'timer resume 1 500'])
    expect(play([timer(1, 'resume')], paused.state).asked()).toEqual(['SIGCONT 1'])
    const resumed = play([{ kind: 'resume', id: 1 }], paused.state)
    expect(resumed.asked()).toEqual(['SIGCONT 1'])
    expect(play([timer(1, 'resume')], resumed.state).asked()).toEqual([])
  })
  it('is not ended for its silence: no timer of the supervisor runs against it', () => {
    const { state } = play([...allUp, pause])
    for (const name of ['hello', 'stop', 'restart'] as const) expect(play([timer(1, name)], state).asked()).toEqual([])
  })
  it('hears a stop, since it goes on first', () => {
    const { state } = play([...allUp, pause])
    expect(play([{ kind: 'stop', id: 1 }], state).asked()).toEqual(['SIGCONT 1', 'send-stop 1', 'timer stop 1 1000'])
    const all = play([{ kind: 'stop-all', leaderId: 1 }, gone(2, 1, { code: 0 }), gone(3, 1, { code: 0 })], state)
    expect(all.asked()).toContain('SIGCONT 1')
  })
  it('that is killed starts again unpaused', () => {
    const killed = play([...allUp, pause, { kind: 'kill', id: 1 }, gone(1, 1, { signal: 'SIGKILL' }), timer(1, 'restart'), ...rise(1, 2)])
    expect(killed.node(1)).toMatchObject({ paused: false, phase: { kind: 'running' } })
  })
  it.each([0, 60_001, 1.5])('for %d ms is refused', (ms) => {
    expect(play([...allUp, { kind: 'pause', id: 1, ms }]).result).toMatchObject({ ok: false, refusal: { code: 'invalid' } })
  })
  it('cannot be one that does not run, nor be resumed unpaused', () => {
    expect(play([startAll, pause]).result).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
    expect(play([...allUp, { kind: 'resume', id: 1 }]).result).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
  })
})

describe('the list of nodes', () => {
  it('grows by one at rest, in the order of ids, and each id is there once', () => {
    const { state, result } = play([
      { kind: 'enlist', id: 5 },
      { kind: 'enlist', id: 4 },
    ])
    expect(state.nodes.map(({ id, phase }) => `${id} ${phase.kind}`)).toEqual(['1 stopped', '2 stopped', '3 stopped', '4 stopped', '5 stopped'])
    expect(result).toEqual({ ok: true })
    expect(play([{ kind: 'enlist', id: 3 }]).result).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
  })

  it('loses a node that has no process, with what was planned for it', () => {
    const { state } = play([startAll, ...rise(2), gone(2, 1, { signal: 'SIGKILL' }), { kind: 'dismiss', id: 2 }])
    expect(state.nodes.map(({ id }) => id)).toEqual([1, 3])
    expect(play([startAll, ...rise(2), { kind: 'dismiss', id: 2 }]).result).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
    expect(play([{ kind: 'dismiss', id: 9 }]).result).toMatchObject({ ok: false, refusal: { code: 'not_found' } })
  })
})
