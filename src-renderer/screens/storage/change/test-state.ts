/** What is on screen of a connection test, from the first pending step to the verdict. Pure: updates in, picture out. */

import type { MysqlTestStep, MysqlTestStepName, MysqlTestUpdate } from '../../../../src-main/contract/index.ts'

export const stepNames = [
  'name',
  'port',
  'login',
  'schema',
  'version',
  'writable',
  'rights',
  'tables',
  'durability',
] as const satisfies readonly MysqlTestStepName[]

export type ShownStep =
  | { readonly step: MysqlTestStepName; readonly state: 'pending' | 'running' }
  | { readonly step: MysqlTestStepName; readonly state: MysqlTestStep['outcome']; readonly found: MysqlTestStep }

export interface ShownAddress {
  readonly address: string
  readonly steps: readonly ShownStep[]
}

/** `foreign`: nothing but another cluster's mark stands in the way. */
export type Verdict = 'passed' | 'warned' | 'failed' | 'foreign'

export type TestState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running' | 'ended'; readonly addresses: readonly ShownAddress[] }
  | { readonly kind: 'unreadable'; readonly part: string }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'lost' }

export const toCome = (addresses: readonly string[]): readonly ShownAddress[] =>
  addresses.map((address) => ({ address, steps: stepNames.map((step) => ({ step, state: 'pending' })) }))

export const started = (addresses: readonly string[]): TestState => ({ kind: 'running', addresses: toCome(addresses) })

const shown = (step: MysqlTestStep): ShownStep => ({ step: step.step, state: step.outcome, found: step })

export function advanced(state: TestState, update: MysqlTestUpdate): TestState {
  if (update.kind === 'ended') {
    const { answer } = update
    if (answer.kind === 'url-unreadable') return { kind: 'unreadable', part: answer.part === '' ? answer.problem : answer.part }
    if (answer.kind === 'failed') return { kind: 'broken', reason: answer.reason }
    return { kind: 'ended', addresses: answer.addresses.map(({ address, steps }) => ({ address, steps: steps.map(shown) })) }
  }
  if (state.kind !== 'running') return state
  const { step, found } = update
  const next: ShownStep = found === null ? { step, state: 'running' } : shown(found)
  const change = ({ address, steps }: ShownAddress): ShownAddress => ({ address, steps: steps.map((each) => (each.step === step ? next : each)) })
  return { ...state, addresses: state.addresses.map((each) => (each.address === update.address ? change(each) : each)) }
}

const verdictOf = ({ steps }: ShownAddress): Verdict => {
  const failed = steps.find(({ state }) => state === 'failed')
  if (failed !== undefined) return 'found' in failed && failed.found.code === 'foreign' ? 'foreign' : 'failed'
  return steps.some(({ state }) => state === 'warned') ? 'warned' : 'passed'
}

/** One address that takes writes is enough. */
export function verdict(addresses: readonly ShownAddress[]): Verdict {
  const all = addresses.map(verdictOf)
  return (['passed', 'warned', 'foreign'] as const).find((each) => all.includes(each)) ?? 'failed'
}

/** The first step that failed, for one sentence. */
export const failedStep = (addresses: readonly ShownAddress[]): MysqlTestStepName | null =>
  addresses.flatMap(({ steps }) => steps).find(({ state }) => state === 'failed')?.step ?? null

/** The step that runs, counted from 1 over all addresses. */
export function runningStep(
  addresses: readonly ShownAddress[],
): { readonly n: number; readonly of: number; readonly step: MysqlTestStepName } | null {
  const all = addresses.flatMap(({ steps }) => steps)
  const at = all.findIndex(({ state }) => state === 'running')
  const step = all[at]?.step
  return step === undefined ? null : { n: at + 1, of: all.length, step }
}
