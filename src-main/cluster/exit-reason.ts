/** Turns the way a worker ended into a machine word and one English sentence. Pure. */

import { exitCodes } from '../../src-node/observe/channel.ts'
import type { ExitKind, Farewell } from './types.ts'

export interface RawExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface ExitContext {
  /** The supervisor had asked this worker to stop. */
  readonly asked: boolean
  /** Set when the supervisor itself sent SIGKILL, with its reason. */
  readonly killedFor: 'user' | 'slow-stop' | 'no-hello' | null
  readonly farewell: Farewell | null
  /** Last line the worker wrote to its standard error, if any. */
  readonly lastLine: string | null
}

const kindByCode: ReadonlyMap<number, ExitKind> = new Map([
  [exitCodes.badOptions, 'bad-options'],
  [exitCodes.portTaken, 'port-taken'],
  [exitCodes.dataDamaged, 'data-damaged'],
  [exitCodes.dataReadOnly, 'data-read-only'],
  [exitCodes.diskFull, 'disk-full'],
  [exitCodes.diskError, 'disk-error'],
  [exitCodes.invariant, 'invariant'],
  [exitCodes.parentGone, 'parent-gone'],
  [exitCodes.storeRefused, 'store-refused'],
])

/** A worker's own word decides, then its exit code; zero without a farewell is no proof of a clean end. */
const kindOf = (exit: RawExit, context: ExitContext): ExitKind => {
  if (context.killedFor === 'user') return 'killed-by-user'
  if (exit.signal !== null) return context.asked ? 'asked' : 'signal'
  const told = context.farewell?.exitCode ?? exit.code
  const coded = told === null ? undefined : kindByCode.get(told)
  if (coded !== undefined) return coded
  if (context.asked && exit.code === 0) return 'asked'
  return exit.code === 0 && context.farewell?.exitCode === exitCodes.clean ? 'clean' : 'other'
}

const sentence = (exit: RawExit, context: ExitContext): string => {
  if (context.killedFor === 'user') return 'killed by the user (kill -9)'
  if (context.killedFor === 'slow-stop') return 'did not stop in time and was ended with SIGKILL'
  if (context.killedFor === 'no-hello') return 'did not answer after its start and was ended with SIGKILL'
  if (context.farewell !== null) return context.farewell.reason
  const detail = context.lastLine === null ? '' : `; its last line: ${context.lastLine}`
  if (exit.signal !== null) return `ended by ${exit.signal}${context.asked ? ' while stopping' : ', which the supervisor did not send'}${detail}`
  return `ended with exit code ${exit.code ?? 'unknown'} and no last word${detail}`
}

/** Kind for the renderer's words, reason for logs and for `node-exit` lines. */
export const describeExit = (exit: RawExit, context: ExitContext): { readonly kind: ExitKind; readonly reason: string } => ({
  kind: kindOf(exit, context),
  reason: sentence(exit, context),
})
