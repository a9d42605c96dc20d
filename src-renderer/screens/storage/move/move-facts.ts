/** What a plan and a move under way come to: which steps there are and where it is, whether both sides are alike. Pure. */

import type { MovePlan, MovePolicy, MoveState } from '../../../../src-main/contract/index.ts'

export const movePolicies: readonly MovePolicy[] = ['abort', 'skip', 'overwrite']

export type RunningMove = Extract<MoveState, { kind: 'running' }>
export type MovePhase = RunningMove['phase']
export type StepState = 'to-come' | 'running' | 'done'

const phasesTo = {
  mysql: ['looking', 'restarting', 'filling', 'comparing'],
  sqlite: ['looking', 'restarting', 'comparing'],
} as const satisfies Record<RunningMove['to'], readonly MovePhase[]>

export interface MoveStep {
  readonly phase: MovePhase
  readonly state: StepState
}

/** The way back is a step of its own, after those that it gives up. */
export const stepsOf = ({ to, phase }: Pick<RunningMove, 'to' | 'phase'>): readonly MoveStep[] => {
  const phases: readonly MovePhase[] = phasesTo[to]
  if (phase === 'going-back') return [...phases.map((each): MoveStep => ({ phase: each, state: 'to-come' })), { phase, state: 'running' }]
  const now = phases.indexOf(phase)
  return phases.map((each, at) => ({ phase: each, state: at < now ? 'done' : at === now ? 'running' : 'to-come' }))
}

/** Of a hundred, while it fills; null: not known. */
export const percentOf = ({ phase, done, total }: RunningMove): number | null =>
  phase !== 'filling' || total <= 0 ? null : Math.min(100, Math.floor((100 * done) / total))

export const secondsOf = (ms: number): number => Math.ceil(ms / 1_000)

/** Configurations, and what stands beside them; what no column holds stays in the nodes, and was said before. */
export const differingIn = ({ look }: MovePlan): number => {
  const { records } = look
  return look.unlike + look.oursAlone + look.theirsAlone + Math.max(0, records.unlike + records.oursAlone + records.theirsAlone - records.tooBig)
}

export interface NamedRow {
  readonly namespace: string
  readonly group: string
  readonly dataId: string
}
export type Finding =
  | { readonly kind: 'left'; readonly row: NamedRow; readonly column: string; readonly reason: string }
  | {
      readonly kind: 'too-big'
      readonly row: NamedRow
      readonly column: string
      readonly limit: number
      readonly unit: 'characters' | 'bytes' | 'charset' | 'name'
      readonly charset: string
      readonly taken: string
    }
  | { readonly kind: 'ours' | 'theirs'; readonly row: NamedRow }
  | { readonly kind: 'unlike'; readonly row: NamedRow; readonly fields: readonly string[] }

export const findingsMax = 20

/** What somebody should look at, worst first: what forbids it, what is left behind, what is not alike. Before a move into MySQL, what is here alone is what moves. */
export const findingsOf = (plan: MovePlan, compared: boolean): readonly Finding[] => {
  const { excesses, leftRows, differences } = plan.look
  const isMoved = (heldBy: string): boolean => !compared && plan.to === 'mysql' && heldBy === 'ours'
  const all: Finding[] = [
    ...excesses.map(({ column, limit, unit, charset, taken = '', ...row }) => ({
      kind: 'too-big' as const,
      row,
      column,
      limit,
      unit,
      charset,
      taken,
    })),
    ...leftRows.map(({ column, reason, ...row }) => ({ kind: 'left' as const, row, column, reason })),
    ...differences
      .filter(({ heldBy }) => !isMoved(heldBy))
      .map(({ heldBy, fields, ...row }) => (heldBy === 'both' ? { kind: 'unlike' as const, row, fields } : { kind: heldBy, row })),
  ]
  return all.slice(0, findingsMax)
}
