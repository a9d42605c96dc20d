/**
 * Both sides of the notices between nodes as one part of a node: what it tells as a leader, what it is told, and who may tell it. Owns how they hang
 * together and what of it stands in the log; decides nothing for them.
 */

import type { RaftEvent, RaftStatus } from '../raft-driver/ports.ts'
import type { ConfigChanged } from '../state-machine/types.ts'
import type { Follower } from './follower-notices.ts'
import { createNoticeClient } from './notice-client.ts'
import { createNoticeGate, createNoticeSigner, type NoticeVerdict } from './notice-proof.ts'
import { createNoticeReceiver, type NoticedFiles, type NoticeReceiver, type ReceivedCounters } from './notice-receiver.ts'
import { createNotifier, type NotifierView } from './notifier.ts'
import type { NotifyOptions } from './notify-options.ts'

export interface NoticesView extends NotifierView {
  readonly received: Readonly<ReceivedCounters> & { readonly refused: number }
}

/** What the HTTP API needs of it. */
export interface NoticeEndpoint extends Pick<NoticeReceiver, 'take' | 'check'> {
  /** May who sent this body with this proof tell this node anything? */
  judge(proof: string | undefined, body: Uint8Array): NoticeVerdict
  view(): NoticesView
}

export interface Notices extends NoticeEndpoint {
  /** One applied batch, after its writers have their answers and the listeners have heard. */
  changed(changes: readonly ConfigChanged[]): void
  /** Of the Raft driver, all of them. */
  event(event: RaftEvent): void
  /** Nodes are elsewhere, or others, from now on. */
  membersMoved(): void
  close(): void
}

export interface NoticesParts {
  readonly self: number
  readonly clusterSecret: string
  readonly options: NotifyOptions
  readonly files: NoticedFiles
  readonly clock: { monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
  status(): Pick<RaftStatus, 'role' | 'voters' | 'learners'>
  /** Where nodes are, this one among them. */
  members(): readonly Follower[]
  appliedIndex(): number
  answeredIndex(): number
  said(level: 'info' | 'warn', line: string): void
  failed(what: string, cause: unknown): void
}

const refusalWords = {
  forged: 'it was not made by a node of this cluster',
  replayed: 'it was taken before',
  stranger: 'its sender does not belong to the cluster',
} as const

export const createNotices = (parts: NoticesParts): Notices => {
  const { self, clusterSecret, options, clock, randomBytes, said } = parts
  const client = createNoticeClient({
    signer: createNoticeSigner({ self, clusterSecret, randomBytes }),
    answerMs: options.answerMs,
    after: clock.after,
  })
  const isMember = (id: number): boolean => parts.members().some((member) => member.id === id)
  const gate = createNoticeGate({ self, clusterSecret, randomBytes, isMember })
  const receiver = createNoticeReceiver({ options, files: parts.files, appliedIndex: parts.appliedIndex, after: clock.after, failed: parts.failed })
  const followers = (): readonly Follower[] => {
    const { role, voters, learners } = parts.status()
    if (role !== 'leader') return []
    const ids = new Set<number>([...voters, ...learners])
    return parts.members().filter(({ id }) => id !== self && ids.has(id))
  }
  const notifier = createNotifier({ options, clock, followers, answeredIndex: parts.answeredIndex, send: client.send, said })
  let refused = 0
  let refusalLineAfterMs = Number.NEGATIVE_INFINITY

  const noteRefusal = (why: keyof typeof refusalWords): void => {
    refused++
    if (clock.monotonicMs() < refusalLineAfterMs) return
    refusalLineAfterMs = clock.monotonicMs() + options.refusalLineMs
    said('warn', `refused a notice of changes: ${refusalWords[why]}; ${refused} refused so far`)
  }

  return {
    changed: (changes) => {
      notifier.changed(changes)
      receiver.applied()
    },
    event: (event) => {
      if (event.type === 'role' || event.type === 'membership') notifier.refresh()
      else if (event.type === 'snapshot-installed') receiver.applied()
      else if (event.type === 'peer' && event.up) notifier.seenAlive(event.id)
    },
    membersMoved: notifier.refresh,
    judge: (proof, body) => {
      const verdict = gate.judge(proof, body)
      if (verdict.kind === 'refused') noteRefusal(verdict.why)
      return verdict
    },
    ...{ take: receiver.take, check: receiver.check },
    view: () => ({ ...notifier.view(), received: { ...receiver.view(), refused } }),
    close: () => {
      notifier.close()
      client.close()
      receiver.close()
    },
  }
}
