/**
 * The first replies to writes that carried a request id, by log index the last `requestIdsMax` of them (design 5, thesis 6.3): a repeat gets
 * what the first attempt got, and changes nothing. Eviction follows the log alone, so all nodes forget the same id at the same entry.
 */

import { addRequest, commandHashOf, type HashLanes, takeRequest } from './state-hash.ts'
import type { Command, Reply, RequestOutcome, RequestRow, RowWrite, WriteReply } from './types.ts'

/** Of the ids that clients choose: format of the log, never to change. */
const requestIdPattern = /^[A-Za-z0-9_-]{16,64}$/
export const isRequestId = (text: string): boolean => requestIdPattern.test(text)

/** Equal on all nodes, or they would forget differently. */
export const requestIdsMax = 65_536

export interface RequestTable {
  /** A row that a store kept, the oldest first, before anything is applied; it is added to `sum`. */
  load(row: RequestRow, sum: HashLanes): void
  /** What the id got before, within this batch too; undefined for a first attempt or a forgotten id. */
  replyTo(requestId: string, command: Command): Reply | undefined
  /** Keeps the first reply, given to the entry `index`; gives what the store must write, the row that goes for it included. */
  remember(requestId: string, first: FirstAttempt): readonly RowWrite[]
  publish(): void
  discard(): void
  /** Published rows, oldest first. */
  rows(): IterableIterator<RequestRow>
}

export interface FirstAttempt {
  readonly command: Command
  readonly index: number
  readonly reply: WriteReply
  /** The batch's sum of row hashes. */
  readonly sum: HashLanes
}

const outcomeOf = (reply: WriteReply): { readonly outcome: RequestOutcome; readonly md5: string } => {
  switch (reply.kind) {
    case 'published':
      return { outcome: reply.created ? 'created' : 'updated', md5: reply.md5 }
    case 'deleted':
      return { outcome: reply.existed ? 'deleted' : 'nothing-deleted', md5: '' }
    case 'cas-conflict':
      return { outcome: 'cas-conflict', md5: reply.currentMd5 }
  }
}

const replyOf = ({ outcome, md5, index }: RequestRow): WriteReply => {
  switch (outcome) {
    case 'created':
    case 'updated':
      return { kind: 'published', md5, index, created: outcome === 'created' }
    case 'deleted':
    case 'nothing-deleted':
      return { kind: 'deleted', existed: outcome === 'deleted', index }
    case 'cas-conflict':
      return { kind: 'cas-conflict', currentMd5: md5 }
  }
}

/** @param idsMax at least 1 */
export const createRequestTable = (idsMax: number): RequestTable => {
  const base = new Map<string, RequestRow>()
  /** The rows of `base` in the order of the log, then those of the running batch. A map that forgets at its front is slow to find its front. */
  let order: RequestRow[] = []
  let head = 0
  let published = 0
  /** Of the running batch; nothing, if no command of it carries an id. */
  const added = new Map<string, RequestRow>()
  let forgotten = 0
  let forgottenTo = 0

  const forgetOldest = (sum: HashLanes): RowWrite => {
    const row = order[head + forgotten++] as RequestRow
    forgottenTo = row.index
    takeRequest(sum, row)
    return { kind: 'drop-request', index: row.index }
  }

  const startBatch = (): void => {
    published = order.length
    added.clear()
    forgotten = 0
    forgottenTo = 0
  }

  return {
    load: (row, sum) => {
      base.set(row.requestId, row)
      order.push(row)
      published = order.length
      addRequest(sum, row)
    },
    replyTo: (requestId, command) => {
      const row = added.get(requestId) ?? base.get(requestId)
      if (row === undefined || row.index <= forgottenTo) return undefined
      return row.commandHash === commandHashOf(command) ? replyOf(row) : { kind: 'request-id-taken', index: row.index }
    },
    remember: (requestId, { command, index, reply, sum }) => {
      const row: RequestRow = { requestId, index, commandHash: commandHashOf(command), ...outcomeOf(reply) }
      added.set(requestId, row)
      order.push(row)
      addRequest(sum, row)
      const writes: RowWrite[] = [{ kind: 'put-request', row }]
      while (order.length - head - forgotten > idsMax) writes.push(forgetOldest(sum))
      return writes
    },
    publish: () => {
      // An id may have been forgotten and used again in one batch: the old row first.
      for (const row of order.slice(head, Math.min(head + forgotten, published))) base.delete(row.requestId)
      head += forgotten
      for (const row of order.slice(Math.max(head, published))) base.set(row.requestId, row)
      if (head >= idsMax) {
        order = order.slice(head)
        head = 0
      }
      startBatch()
    },
    discard: () => {
      order.length = published
      startBatch()
    },
    rows: () => order.slice(head, published).values(),
  }
}
