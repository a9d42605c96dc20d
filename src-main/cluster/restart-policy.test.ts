import { expect, it } from 'vitest'
import { afterHealthy, decideRestart, type ExitFacts, failureWindowMs, noFailures } from './restart-policy.ts'

const exit = (facts: Partial<ExitFacts>): ExitFacts => ({ kind: 'other', code: null, signal: null, wasHealthy: false, ...facts })

/** Decisions for the same exit repeated every `everyMs`. */
const repeat = (facts: Partial<ExitFacts>, times: number, everyMs: number): (number | 'crashed')[] => {
  let history = noFailures
  return Array.from({ length: times }, (_, index) => {
    const decision = decideRestart(exit(facts), history, index * everyMs)
    history = decision.history
    return decision.kind === 'crashed' ? 'crashed' : decision.delayMs
  })
}

it.each<[string, Partial<ExitFacts>, (number | 'crashed')[]]>([
  ['a failure before it was healthy backs off, and the fifth is the last', { code: 14 }, [250, 500, 1_000, 2_000, 'crashed']],
  ['exit code 0 before it was healthy is a failure too', { code: 0 }, [250, 500, 1_000, 2_000, 'crashed']],
  ['a process that could not be made is a failure', { code: null }, [250, 500, 1_000, 2_000, 'crashed']],
  ['a crash by its own fault before it was healthy is a failure', { signal: 'SIGSEGV', kind: 'signal' }, [250, 500, 1_000, 2_000, 'crashed']],
  ['a foreign kill costs nothing, healthy or not', { signal: 'SIGKILL', kind: 'signal' }, [250, 250, 250, 250, 250]],
  ["the user's own kill costs nothing", { signal: 'SIGKILL', kind: 'killed-by-user' }, [250, 250, 250, 250, 250]],
  ['a death by signal after it was healthy costs nothing', { signal: 'SIGSEGV', kind: 'signal', wasHealthy: true }, [250, 250, 250, 250, 250]],
  ['an own non-zero exit uses the budget even after it was healthy', { code: 13, wasHealthy: true }, [250, 500, 1_000, 2_000, 'crashed']],
  ['settings that were refused are not tried again', { code: 10, kind: 'bad-options' }, ['crashed', 'crashed', 'crashed', 'crashed', 'crashed']],
  ['a shared database of others is not tried again', { code: 16, kind: 'store-refused' }, ['crashed', 'crashed', 'crashed', 'crashed', 'crashed']],
  [
    'data that may not be written to is not tried again',
    { code: 17, kind: 'data-read-only' },
    ['crashed', 'crashed', 'crashed', 'crashed', 'crashed'],
  ],
  ['damaged data is not tried again', { code: 12, kind: 'data-damaged' }, ['crashed', 'crashed', 'crashed', 'crashed', 'crashed']],
])('%s', (_, facts, decisions) => {
  expect(repeat(facts, 5, 1_000)).toEqual(decisions)
})

it('a full disk is never a failure: it is waited for, with growing pauses, and the budget stays whole', () => {
  let history = noFailures
  const decisions = Array.from({ length: 8 }, (_, index) => {
    const decision = decideRestart(exit({ code: 18, kind: 'disk-full' }), history, index)
    history = decision.history
    return decision.kind === 'when-room' ? decision.delayMs : decision.kind
  })
  expect(decisions).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  expect(history.failedAtMs).toEqual([])
})

it('failures spread over more than a minute never end it, and the delay stays at 8 s', () => {
  expect(repeat({ code: 1 }, 9, 20_000)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000])
})

it('a healthy life takes the delay back but not the failures of the last minute', () => {
  const first = decideRestart(exit({ code: 14, wasHealthy: true }), noFailures, 0)
  const second = decideRestart(exit({ code: 14, wasHealthy: true }), afterHealthy(first.history), 1_000)
  expect(second).toMatchObject({ kind: 'restart', delayMs: 250, history: { failedAtMs: [0, 1_000] } })
})

it('a failure is forgotten after its minute', () => {
  const first = decideRestart(exit({ code: 14 }), noFailures, 0)
  const later = decideRestart(exit({ code: 14 }), first.history, failureWindowMs)
  expect(later.history.failedAtMs).toEqual([failureWindowMs])
})
