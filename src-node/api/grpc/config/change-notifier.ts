/**
 * ConfigChangeNotifyRequest (nacos-grpc 5.5): tells one client which of the configurations that it watches have changed, and tells it again until it says
 * that it knows. A configuration waits once however often it changes; so many pushes are under way at a time. Owns no content: the client asks for it.
 */

import type { WatchedConfig, Watcher } from '../../../notify/config-watches.ts'
import { keyText } from '../../../notify/key-text.ts'
import type { Connection, PushOutcome } from '../connection.ts'

export interface ChangeNotifier extends Watcher {
  /** The connection is gone. */
  stop(): void
}

export interface ChangeNotifierParts {
  readonly connection: Connection
  after(ms: number, task: () => void): { cancel(): void }
  /** The client has taken one. */
  taken(): void
  /** It did not acknowledge for so long that it is given up. */
  giveUp(): void
}

export const notifyLimits = { ackMs: 3_000, retryStepMs: 2_000, triesMax: 50, underWayMax: 64 } as const
/** A client that takes nothing just now is tried again after so long. */
const busyMs = 500

interface Entry {
  readonly watched: WatchedConfig
  readonly failures: number
}

export const createChangeNotifier = ({ connection, after, taken, giveUp }: ChangeNotifierParts): ChangeNotifier => {
  /** In the order in which they changed. */
  const due = new Map<string, Entry>()
  /** Failed, and to be told again later, if it has not changed once more until then. */
  const resting = new Map<string, { cancel(): void }>()
  let underWay = 0
  let waits: { cancel(): void } | null = null
  let stopped = false

  const rest = (text: string, entry: Entry): void => {
    if (due.has(text)) return
    resting.get(text)?.cancel()
    const timer = after(entry.failures * notifyLimits.retryStepMs, () => {
      resting.delete(text)
      due.set(text, entry)
      pump()
    })
    resting.set(text, timer)
  }

  const waitAndPump = (): void => {
    waits ??= after(busyMs, () => {
      waits = null
      pump()
    })
  }

  const ended = (text: string, entry: Entry, outcome: PushOutcome): void => {
    underWay--
    if (stopped || outcome === 'closed') return
    const failures = entry.failures + 1
    if (outcome === 'taken') taken()
    else if (outcome === 'busy') {
      if (!due.has(text)) due.set(text, entry)
      waitAndPump()
      return
    } else if (failures >= notifyLimits.triesMax) {
      giveUp()
      return
    } else rest(text, { ...entry, failures })
    pump()
  }

  const send = (text: string, entry: Entry): void => {
    const { key, tenant } = entry.watched
    const { dataId, group } = key
    underWay++
    const members = JSON.stringify({ dataId, group, ...(tenant === null ? {} : { tenant }), module: 'config' }).slice(1, -1)
    connection.push('ConfigChangeNotifyRequest', members, notifyLimits.ackMs, (outcome) => ended(text, entry, outcome))
  }

  const pump = (): void => {
    while (!stopped && waits === null && underWay < notifyLimits.underWayMax) {
      const [next] = due
      if (next === undefined) return
      due.delete(next[0])
      send(...next)
    }
  }

  return {
    ip: connection.words.clientIp,
    changed: (watched) => {
      if (stopped) return
      const text = keyText(watched.key)
      resting.get(text)?.cancel()
      resting.delete(text)
      due.set(text, { watched, failures: 0 })
      pump()
    },
    stop: () => {
      stopped = true
      waits?.cancel()
      for (const timer of resting.values()) timer.cancel()
      due.clear()
    },
  }
}
