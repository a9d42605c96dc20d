/**
 * One uploaded zip from the disk to the cluster: planned, checked against what may be promised now, carried out, told to the log. Owns what is
 * known of the import that runs and of the last one. It gives what is to be answered and answers nothing itself.
 */

import { createTurns } from '../../turns.ts'
import type { ImportItems } from '../../zip/import-items.ts'
import { type ImportPlan, planImport } from '../../zip/import-plan.ts'
import { type Candidate, type ConflictPolicy, type ImportOutcome, type ImportProgress, runImport } from '../../zip/import-run.ts'
import { zipLimits } from '../../zip/zip-limits.ts'
import { isZipProblem, type OpenZip, openZip } from '../../zip/zip-reader.ts'
import { columnExcess } from '../column-excess.ts'
import { md5Of } from '../content-hash.ts'
import { type Answer, refusal } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { outcomePieces, refusedPieces } from './import-answer.ts'
import { isBlankContent } from './write-config.ts'
import type { ZipNames } from './zip-names.ts'

export interface ImportOrder {
  readonly names: ZipNames
  readonly namespace: string
  readonly policy: ConflictPolicy
  readonly sourceUser: string
  readonly sourceIp: string
  /** Address and port of who asked. */
  readonly from: string
}

/** Of the one that runs, and of the last one that ended. */
export interface ImportWatch {
  running: ImportProgress | null
  last: (ImportProgress & { readonly stopped: string | null }) | null
}

/** A refusal of ours, or the pieces of Nacos's answer; `letGo` once they are taken, or nobody is there to take them. */
export type ImportAnswer = { readonly refused: Answer } | { readonly pieces: Generator<string>; readonly letGo?: () => void }

type Plan = Extract<ImportPlan, { kind: 'plan' }>

const noteOf = ({ namespace, from, policy }: ImportOrder, { written, skipped, failed, stopped }: ImportOutcome): string => {
  const counts = `${written} written, ${skipped.length} skipped, ${failed.length} failed`
  const where = namespace === '' ? 'the default namespace' : `namespace ${namespace}`
  return `import into ${where}, policy ${policy}, asked from ${from}: ${counts}${stopped === null ? '' : `; ended early: ${stopped}`}`
}

const notNow = 'nothing was written: the cluster cannot take so many configurations now'

/**
 * What is there already is judged by this node's own state, which must not be behind; and without a majority, or without a word of the shared
 * database about its columns, nothing could be written.
 */
export const whyNotNow = (parts: HttpParts): Promise<Answer | null> =>
  new Promise((resolve) => {
    const askCluster = (): void => parts.readIndex((outcome) => resolve(outcome.kind === 'safe' ? null : refusal(outcome.code, notNow)))
    if (parts.sharedStore === null) askCluster()
    else parts.sharedStore.columnsKnown((known) => (known ? askCluster() : resolve(refusal('storage_unavailable', notNow))))
  })

/** As a publish of it would be refused, whatever the cluster's state. */
const whyUnfit = (parts: HttpParts, candidate: Candidate, { sourceIp, sourceUser }: Pick<WriteOrder, 'sourceIp' | 'sourceUser'>): string | null =>
  isBlankContent(candidate.content) ? 'content is blank' : columnExcess(parts, { ...candidate, sourceIp, sourceUser })

/** Many configurations from one place: a zip, or the cluster itself. */
export type WriteOrder = Pick<ImportOrder, 'namespace' | 'policy' | 'sourceIp' | 'sourceUser'>

/** As ordinary writes of this node, each with its own history. */
export const writeItems = (
  parts: HttpParts,
  source: { readonly zip: Pick<OpenZip, 'contents'>; readonly items: ImportItems },
  { namespace, policy, sourceIp, sourceUser }: WriteOrder,
  progress: (progress: ImportProgress) => void,
): Promise<ImportOutcome> =>
  runImport(
    { ...source, policy, namespace, sourceIp, sourceUser, contentBytesMax: zipLimits.entryBytesMax },
    {
      md5: (key) => parts.configs.find(key)?.md5 ?? null,
      write: (command, done) =>
        parts.write(command, (result) => {
          if (result.kind === 'applied') parts.counters.writes++
          done(result)
        }),
      ...{ hash: md5Of, unfit: (candidate) => whyUnfit(parts, candidate, { sourceIp, sourceUser }), turns: createTurns(parts.clock) },
      wait: (ms) => new Promise((resolve) => void parts.clock.after(ms, resolve)),
      progress,
    },
  )

const carryOut = async (parts: HttpParts, zip: OpenZip, plan: Plan, order: ImportOrder, watch: ImportWatch): Promise<ImportOutcome> => {
  const outcome = await writeItems(parts, { zip, items: plan.items }, order, (progress) => {
    watch.running = progress
  })
  return { ...outcome, failed: [...plan.failed, ...outcome.failed] }
}

const importOpened = async (parts: HttpParts, zip: OpenZip, order: ImportOrder, watch: ImportWatch): Promise<ImportAnswer> => {
  const plan = await planImport(zip, zipLimits, createTurns(parts.clock))
  if (plan.kind === 'refused') return { pieces: refusedPieces(plan.code, plan.words, plan.failed) }
  const refused = await whyNotNow(parts)
  if (refused !== null) return { refused }
  const total = plan.items.count
  watch.running = { total, written: 0, skipped: 0, failed: 0 }
  const outcome = await carryOut(parts, zip, plan, order, watch)
  const { written, skipped, failed, stopped } = outcome
  watch.last = { total, written, skipped: skipped.length, failed: failed.length, stopped }
  parts.noted(noteOf(order, outcome))
  return { pieces: outcomePieces({ outcome, items: plan.items, unrecognized: plan.unrecognized }, order.names), letGo: plan.letGo }
}

/** @throws what the disk throws */
export const importFile = async (parts: HttpParts, path: string, order: ImportOrder, watch: ImportWatch): Promise<ImportAnswer> => {
  const zip = await openZip(path).catch((error: unknown) => {
    if (isZipProblem(error)) return error
    throw error
  })
  if (zip instanceof Error) return { pieces: refusedPieces('parse-failed', `the zip cannot be read: ${zip.message}`, []) }
  try {
    return await importOpened(parts, zip, order, watch)
  } finally {
    watch.running = null
    zip.close()
  }
}
