/**
 * ConfigChangeNotifyRequest (nacos-grpc 5.5): tells one client which of the configurations that it watches have changed, and tells it again until it says
 * that it knows. A configuration waits once however often it changes. Owns no content: the client asks for it.
 */

import type { WatchedConfig, Watcher } from '../../../notify/config-watches.ts'
import { keyText } from '../../../notify/key-text.ts'
import type { Connection } from '../connection.ts'
import { createRetriedPushes } from '../retried-pushes.ts'

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

export const createChangeNotifier = ({ connection, after, taken, giveUp }: ChangeNotifierParts): ChangeNotifier => {
  const pushes = createRetriedPushes<WatchedConfig>({
    ...{ connection, after, taken, giveUp },
    limits: { ...notifyLimits, restMs: (failures) => failures * notifyLimits.retryStepMs },
    words: ({ key: { dataId, group }, tenant }) => ({
      type: 'ConfigChangeNotifyRequest',
      members: JSON.stringify({ dataId, group, ...(tenant === null ? {} : { tenant }), module: 'config' }).slice(1, -1),
    }),
  })
  return {
    ip: connection.words.clientIp,
    changed: (watched) => pushes.tell(keyText(watched.key), watched),
    stop: pushes.stop,
  }
}
