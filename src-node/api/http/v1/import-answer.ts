/**
 * What an import answers (nacos-http 5.8), piece by piece, since it may name a hundred thousand configurations: counts, and lists that are only
 * there if they hold something. `reason` is ours; others skip it.
 */

import type { FailedItem, ImportItems } from '../../zip/import-items.ts'
import type { ImportPlan, PlanRefusal, RefusedName } from '../../zip/import-plan.ts'
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

export const stoppedWords = (reason: string): string => `it ended early: ${reason}; what failData and skipData name was not written`

export interface Carried {
  readonly outcome: ImportOutcome
  readonly items: ImportItems
  readonly unrecognized: Extract<ImportPlan, { kind: 'plan' }>['unrecognized']
}

export function* outcomePieces({ outcome, items, unrecognized }: Carried, { success }: Pick<ZipNames, 'success'>): Generator<string> {
  const { written, skipped, failed, stopped } = outcome
  const pair = (item: number): object => {
    const { dataId, group } = items.namesAt(item)
    return { dataId, group }
  }
  const head = stopped === null ? success : { code: stoppedCode, message: stoppedWords(stopped) }
  yield `${JSON.stringify(head).slice(0, -1)},"data":{"succCount":${written}`
  if (skipped.length > 0) yield `,"skipCount":${skipped.length}`
  yield* list('failData', failed, ({ item, reason }: FailedItem) => ({ ...pair(item), reason }))
  yield* list('skipData', skipped, pair)
  if (unrecognized.count > 0) yield `,"unrecognizedCount":${unrecognized.count}`
  yield* list('unrecognizedData', unrecognized.names, (itemName) => ({ itemName }))
  yield '}}'
}

export function* refusedPieces(code: PlanRefusal, words: string, failed: readonly RefusedName[]): Generator<string> {
  yield `${JSON.stringify({ code: refusalCodes[code], message: `${words}; nothing was written` }).slice(0, -1)},"data":{"succCount":0`
  yield* list('failData', failed, ({ dataId, group, reason }) => ({ dataId, group, reason }))
  yield '}}'
}

/** A target that is not there takes nothing. */
export function* noNamespacePieces({ noNamespace }: ZipNames): Generator<string> {
  yield JSON.stringify({ ...noNamespace, data: { succCount: 0 } })
}
