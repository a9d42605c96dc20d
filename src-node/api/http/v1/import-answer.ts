/**
 * What an import answers (nacos-http 5.8), piece by piece, since it may name a hundred thousand configurations: counts, and lists that are only
 * there if they hold something. `reason` is ours; others skip it.
 */

import type { FailedItem, NamePair, PlanRefusal } from '../../zip/import-plan.ts'
import type { ImportOutcome } from '../../zip/import-run.ts'
import type { ZipNames } from './zip-names.ts'

/** Nacos's codes for a file that is refused as a whole. */
const refusalCodes: Readonly<Record<PlanRefusal, number>> = { 'metadata-illegal': 100_002, 'parse-failed': 100_004, 'data-empty': 100_005 }
const stoppedCode = 500

function* list<T>(name: string, items: readonly T[], shown: (item: T) => object): Generator<string> {
  if (items.length === 0) return
  yield `,"${name}":[`
  for (const [at, item] of items.entries()) yield `${at === 0 ? '' : ','}${JSON.stringify(shown(item))}`
  yield ']'
}

const pair = ({ dataId, group }: NamePair): object => ({ dataId, group })
const failure = ({ dataId, group, reason }: FailedItem): object => ({ dataId, group, reason })

export const stoppedWords = (reason: string): string => `the import ended early: ${reason}; what failData and skipData name was not written`

export function* outcomePieces(outcome: ImportOutcome, unrecognized: readonly string[], { success }: ZipNames): Generator<string> {
  const { written, skipped, failed, stopped } = outcome
  const head = stopped === null ? success : { code: stoppedCode, message: stoppedWords(stopped) }
  yield `${JSON.stringify(head).slice(0, -1)},"data":{"succCount":${written}`
  if (skipped.length > 0) yield `,"skipCount":${skipped.length}`
  yield* list('failData', failed, failure)
  yield* list('skipData', skipped, pair)
  if (unrecognized.length > 0) yield `,"unrecognizedCount":${unrecognized.length}`
  yield* list('unrecognizedData', unrecognized, (itemName) => ({ itemName }))
  yield '}}'
}

export function* refusedPieces(code: PlanRefusal, words: string, failed: readonly FailedItem[]): Generator<string> {
  yield `${JSON.stringify({ code: refusalCodes[code], message: `${words}; nothing was written` }).slice(0, -1)},"data":{"succCount":0`
  yield* list('failData', failed, failure)
  yield '}}'
}
