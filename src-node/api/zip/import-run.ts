/**
 * Carries a planned import out: ordinary writes through the node's own write port, a bounded number at a time, each with its own history. What it
 * reports is what happened: written, skipped or failed, each configuration in exactly one of the three. It must never write over what it
 * promised to leave, nor send a write again whose fate is not known.
 */

import { isUtf8 } from 'node:buffer'
import type { WriteOutcome } from '../../raft-driver/ports.ts'
import type { Command, ConfigKey, PublishConfig, Reply } from '../../state-machine/types.ts'
import type { Turns } from '../turns.ts'
import type { FailedItem, ImportItems, PlannedConfig } from './import-items.ts'
import { isZipProblem, type OpenZip, type ZipProblem } from './zip-reader.ts'

/** ABORT: nothing is written if anything is there already. SKIP: what is there stays. OVERWRITE: it is replaced. */
export type ConflictPolicy = 'ABORT' | 'SKIP' | 'OVERWRITE'

export interface ImportProgress {
  readonly total: number
  readonly written: number
  readonly skipped: number
  readonly failed: number
}

export interface ImportOutcome {
  readonly written: number
  /** By their numbers: there may be a hundred thousand. */
  readonly skipped: readonly number[]
  readonly failed: readonly FailedItem[]
  /** Why it ended before its end, else null. */
  readonly stopped: string | null
}

/** All that a configuration would be, before it is written. */
export interface Candidate extends PlannedConfig {
  readonly namespace: string
  readonly content: Buffer
}

export interface ImportParts {
  /** Of what is there, by this node's own state; null: nothing. */
  md5(key: ConfigKey): string | null
  write(command: Command, done: (outcome: WriteOutcome<Reply>) => void): void
  hash(content: Buffer, done: (md5: string) => void): void
  /** Why a publish of it would be refused, in a sentence, whatever the cluster's state; else null. */
  unfit(candidate: Candidate): string | null
  wait(ms: number): Promise<void>
  readonly turns: Turns
  progress(progress: ImportProgress): void
}

export interface ImportOrder {
  readonly zip: Pick<OpenZip, 'contents'>
  readonly items: ImportItems
  readonly policy: ConflictPolicy
  readonly namespace: string
  readonly contentBytesMax: number
  readonly sourceIp: string
  readonly sourceUser: string
}

/** Enough to fill the batches of every hop, far below what a node takes at a time. */
const writesInFlightMax = 64
const bytesInFlightMax = 16 * 1024 * 1024
/** A refused write was certainly not executed: it may be sent again, while others have the node's time. */
const attemptsMax = 10
/** A refusal for want of a leader has waited for one already: some seconds in all, as an election on a busy machine may take. */
const leaderlessAttemptsMax = 4
const attemptPauseMs = 200
/** A write that a busy cluster did not answer in time is mostly there a moment later; it is looked for as often. */
const looksForUnknown = 25

const refusedWords: Readonly<Record<Extract<WriteOutcome<Reply>, { kind: 'refused' }>['code'], string>> = {
  no_quorum: 'no majority of the nodes can be reached',
  not_member: 'this node is no member of the cluster (any more)',
  overloaded: 'the nodes have too much to do',
  disk_full: 'the disk is full',
  storage_unavailable: 'the storage cannot be reached',
}

/** Writes and bytes under way; `take` waits for room. */
const createRoom = () => {
  let writes = 0
  let bytes = 0
  let waiting: (() => void) | null = null
  const fits = (more: number): boolean => writes === 0 || (writes < writesInFlightMax && bytes + more <= bytesInFlightMax)
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      waiting = resolve
    })
  return {
    take: async (more: number): Promise<void> => {
      while (!fits(more)) await changed()
      writes++
      bytes += more
    },
    give: (less: number): void => {
      writes--
      bytes -= less
      const wake = waiting
      waiting = null
      wake?.()
    },
    empty: async (): Promise<void> => {
      while (writes > 0) await changed()
    },
  }
}

/** What is read in one go: unpacked it is one buffer. */
const readItemsMax = 64
const readBytesMax = 256 * 1024
/** Of those that may be skipped, so many are looked at in one go. */
const lookedAtMax = 512

interface Read {
  readonly item: number
  readonly config: PlannedConfig
  /** Or a sentence for what a publish would refuse. */
  readonly content: Buffer | string
}

const judged = (
  config: PlannedConfig,
  content: Buffer | ZipProblem,
  { contentBytesMax, namespace }: ImportOrder,
  parts: ImportParts,
): Buffer | string => {
  if (config.place.bytes > contentBytesMax) return `invalid content, over ${contentBytesMax}`
  if (isZipProblem(content)) return content.message
  if (!isUtf8(content)) return 'the content is not valid UTF-8'
  return parts.unfit({ ...config, namespace, content }) ?? content
}

const noContent = Buffer.alloc(0)

/** The contents of these; one that is too long is not read. */
const readAll = async (batch: readonly Omit<Read, 'content'>[], order: ImportOrder, parts: ImportParts): Promise<readonly Read[]> => {
  const readable = batch.filter(({ config }) => config.place.bytes <= order.contentBytesMax)
  const contents = await order.zip.contents(readable.map(({ config }) => config.place))
  const found = new Map(readable.map(({ item }, at) => [item, contents[at] ?? noContent]))
  return batch.map(({ item, config }) => ({ item, config, content: judged(config, found.get(item) ?? noContent, order, parts) }))
}

const commandOf = (item: PlannedConfig, content: Buffer, md5: string, order: ImportOrder): PublishConfig => ({
  kind: 'publish-config',
  ...{ namespace: order.namespace, group: item.group, dataId: item.dataId, content, md5, type: item.type, tags: item.tags },
  // What was there is only written over if that was asked for, whatever others write meanwhile.
  expectedMd5: order.policy === 'OVERWRITE' ? null : '',
  ...{ appName: item.appName, description: item.description, encryptedDataKey: item.encryptedDataKey },
  ...{ sourceIp: order.sourceIp, sourceUser: order.sourceUser },
})

/** Content for content, it is there: then it does not matter which write brought it. Never sent again: what came in between would be written over. */
const isThere = async (command: PublishConfig, { md5, wait }: ImportParts): Promise<boolean> => {
  for (let look = 0; look < looksForUnknown; look++) {
    if (md5(command) === command.md5) return true
    await wait(attemptPauseMs)
  }
  return false
}

const attemptsFor = (code: Extract<WriteOutcome<Reply>, { kind: 'refused' }>['code']): number =>
  code === 'overloaded' ? attemptsMax : code === 'no_quorum' ? leaderlessAttemptsMax : 1

type Settled = WriteOutcome<Reply> | { readonly kind: 'there' }

const settle = async (command: PublishConfig, parts: ImportParts): Promise<Settled> => {
  const { write, wait } = parts
  for (let attempt = 1; ; attempt++) {
    const outcome = await new Promise<WriteOutcome<Reply>>((resolve) => write(command, resolve))
    if (outcome.kind === 'unknown' && (await isThere(command, parts))) return { kind: 'there' }
    if (outcome.kind !== 'refused' || attempt >= attemptsFor(outcome.code)) return outcome
    await wait(attemptPauseMs)
  }
}

/** Mutable on purpose: writes end in any order. */
interface Tally {
  written: number
  readonly skipped: number[]
  readonly failed: FailedItem[]
  stopped: string | null
}

const conflictReason = 'it is there already'

const noteReply = (item: number, reply: Reply, policy: ConflictPolicy, tally: Tally): void => {
  if (reply.kind === 'published') tally.written++
  else if (reply.kind !== 'cas-conflict') tally.failed.push({ item, reason: 'the nodes could not read this write' })
  else if (policy === 'SKIP') tally.skipped.push(item)
  else {
    tally.failed.push({ item, reason: `${conflictReason}, since a moment` })
    tally.stopped ??= 'somebody else wrote one of its configurations meanwhile'
  }
}

const note = (item: number, outcome: Settled, policy: ConflictPolicy, tally: Tally): void => {
  if (outcome.kind === 'there') tally.written++
  else if (outcome.kind === 'applied') noteReply(item, outcome.reply, policy, tally)
  else if (outcome.kind === 'unknown') tally.failed.push({ item, reason: 'the outcome is unknown: it may or may not have been written' })
  else {
    tally.failed.push({ item, reason: `not written: ${refusedWords[outcome.code]}` })
    tally.stopped ??= refusedWords[outcome.code]
  }
}

const progressOf = ({ written, skipped, failed }: Tally, total: number): ImportProgress => ({
  ...{ total, written, skipped: skipped.length, failed: failed.length },
})

/** ABORT: the first that is there already has failed, all others are skipped, nothing is written. Null: none is there. */
const abortBefore = async ({ items, namespace }: ImportOrder, { md5, turns }: ImportParts): Promise<ImportOutcome | null> => {
  for (const item of items.numbers()) {
    if (turns.over()) await turns.next()
    if (md5({ namespace, ...items.namesAt(item) }) === null) continue
    const skipped = [...items.numbers()].filter((other) => other !== item)
    return { written: 0, skipped, failed: [{ item, reason: conflictReason }], stopped: null }
  }
  return null
}

/** Takes the next few that are to be read, as many as go in one go; what is there already is skipped. */
const nextBatch = (
  numbers: Iterator<number>,
  { items, policy, namespace }: ImportOrder,
  { md5 }: ImportParts,
  tally: Tally,
): Omit<Read, 'content'>[] => {
  const batch: Omit<Read, 'content'>[] = []
  let bytes = 0
  for (let looked = 0; looked < lookedAtMax && batch.length < readItemsMax && bytes < readBytesMax; looked++) {
    const next = numbers.next()
    if (next.done === true) break
    const config = items.at(next.value)
    items.begun(next.value)
    if (policy === 'SKIP' && md5({ namespace, group: config.group, dataId: config.dataId }) !== null) tally.skipped.push(next.value)
    else {
      batch.push({ item: next.value, config })
      bytes += config.place.bytes
    }
  }
  return batch
}

/** Begins all writes, one after the other as there is room. What it does not come to is skipped. */
const writeAll = async (order: ImportOrder, parts: ImportParts, tally: Tally): Promise<void> => {
  const { items, policy } = order
  const room = createRoom()
  const begin = (item: number, config: PlannedConfig, content: Buffer): void =>
    parts.hash(content, (md5) => {
      void settle(commandOf(config, content, md5, order), parts).then((outcome) => {
        const writtenBefore = tally.written
        note(item, outcome, policy, tally)
        // The answer names the others alone.
        if (tally.written > writtenBefore) items.written(item)
        room.give(content.length)
        parts.progress(progressOf(tally, items.count))
      })
    })
  const numbers = items.numbers()
  while (tally.stopped === null) {
    const skippedBefore = tally.skipped.length
    if (parts.turns.over()) await parts.turns.next()
    const batch = nextBatch(numbers, order, parts, tally)
    if (batch.length === 0 && tally.skipped.length === skippedBefore) break
    for (const { item, config, content } of await readAll(batch, order, parts)) {
      if (typeof content === 'string') tally.failed.push({ item, reason: content })
      else {
        await room.take(content.length)
        if (tally.stopped === null) begin(item, config, content)
        else {
          room.give(content.length)
          tally.skipped.push(item)
        }
      }
      if (parts.turns.over()) await parts.turns.next()
    }
  }
  for (const item of numbers) tally.skipped.push(item)
  await room.empty()
}

/**
 * @throws what the disk throws while the zip is read; what was written before that stays
 */
export const runImport = async (order: ImportOrder, parts: ImportParts): Promise<ImportOutcome> => {
  const aborted = order.policy === 'ABORT' ? await abortBefore(order, parts) : null
  if (aborted !== null) return aborted
  const tally: Tally = { written: 0, skipped: [], failed: [], stopped: null }
  await writeAll(order, parts, tally)
  parts.progress(progressOf(tally, order.items.count))
  return tally
}
