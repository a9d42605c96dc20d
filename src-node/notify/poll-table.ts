/**
 * The long polls that hang at this node, by configuration key. A poll is registered before its md5s are compared (design 6), so
 * a change between the two is never missed. Each poll is answered exactly once: by a change, by its time, or by `closeAll`.
 * Answers to one change go out in slices, so that ten thousand waiting clients do not hold the loop. Bounded in polls and keys.
 */

import type { GrayClient } from '../state-machine/areas/gray-choice.ts'
import type { ConfigKey } from '../state-machine/types.ts'
import type { ListenedChange } from './chosen-version.ts'
import { keyText } from './key-text.ts'
import type { ListenerView } from './listener-view.ts'

/** One listened configuration, with what the client said about it. */
export interface PolledKey {
  readonly key: ConfigKey
  /** As the client wrote it (`public`, `''` …): answers echo it. */
  readonly tenant: string
  /** What the client has, `''` for nothing. */
  readonly md5: string
}

export interface PollRequest {
  /** Who asks: by this a version is chosen for it. */
  readonly client: GrayClient
  readonly keys: readonly PolledKey[]
  readonly timeoutMs: number
  /** null: the time is over, or the node stops. */
  answer(changed: PolledKey | null): void
}

export interface PollTable extends ListenerView {
  /** Null: too many polls or keys already. The returned function takes the poll out without an answer (client gone, or answered otherwise). */
  register(request: PollRequest): (() => void) | null
  onChanged(change: ListenedChange): void
  size(): number
  closeAll(): void
}

export interface PollTableParts {
  readonly pollsMax: number
  /** Keys of all polls together: what bounds the memory. */
  readonly keysMax: number
  after(ms: number, task: () => void): { cancel(): void }
  defer(task: () => void): void
}

interface Poll {
  readonly request: PollRequest
  timer: { cancel(): void } | null
  open: boolean
}

/** About 10 us each: 256 answers are some 3 ms of a turn. */
const answersPerTurn = 256

interface Due {
  readonly poll: Poll
  readonly changed: PolledKey
}

export const createPollTable = (parts: PollTableParts): PollTable => {
  /** Polls by key, each with the entry that listens to it. */
  const byKey = new Map<string, Map<Poll, PolledKey>>()
  const polls = new Set<Poll>()
  let keys = 0
  let due: Due[] = []

  const remove = (poll: Poll): void => {
    if (!poll.open) return
    poll.open = false
    poll.timer?.cancel()
    polls.delete(poll)
    keys -= poll.request.keys.length
    for (const { key } of poll.request.keys) {
      const text = keyText(key)
      const listeners = byKey.get(text)
      if (listeners?.delete(poll) && listeners.size === 0) byKey.delete(text)
    }
  }

  const answerDue = (): void => {
    const now = due.splice(0, answersPerTurn)
    if (due.length > 0) parts.defer(answerDue)
    for (const { poll, changed } of now) {
      if (!poll.open) continue
      remove(poll)
      poll.request.answer(changed)
    }
  }

  const register = (request: PollRequest): (() => void) | null => {
    if (polls.size >= parts.pollsMax || keys + request.keys.length > parts.keysMax) return null
    const poll: Poll = { request, timer: null, open: true }
    polls.add(poll)
    keys += request.keys.length
    for (const entry of request.keys) {
      const text = keyText(entry.key)
      const listeners = byKey.get(text)
      if (listeners === undefined) byKey.set(text, new Map([[poll, entry]]))
      else listeners.set(poll, entry)
    }
    poll.timer = parts.after(request.timeoutMs, () => {
      if (!poll.open) return
      remove(poll)
      request.answer(null)
    })
    return () => remove(poll)
  }

  const onChanged = ({ key, md5For }: ListenedChange): void => {
    const listeners = byKey.get(keyText(key))
    if (listeners === undefined) return
    const idle = due.length === 0
    for (const [poll, changed] of listeners) if (changed.md5 !== md5For(poll.request.client)) due.push({ poll, changed })
    if (idle && due.length > 0) answerDue()
  }

  const closeAll = (): void => {
    due = []
    for (const poll of [...polls]) {
      remove(poll)
      poll.request.answer(null)
    }
  }

  function* ofKey(key: ConfigKey): Generator<{ readonly ip: string; readonly md5: string }> {
    for (const [{ request }, { md5 }] of byKey.get(keyText(key)) ?? []) yield { ip: request.client.ip, md5 }
  }
  function* ofIp(ip: string): Generator<PolledKey> {
    for (const { request } of polls) if (request.client.ip === ip) yield* request.keys
  }

  return { register, onChanged, size: () => polls.size, closeAll, ofKey, ofIp }
}
