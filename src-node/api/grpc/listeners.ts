/** What stands for a connection among those who are told of changes, made when it first listens and ended with it: one of each kind at most. */

import type { Watcher } from '../../notify/config-watches.ts'
import type { FuzzyWatches } from '../../notify/fuzzy-watches.ts'
import { createBytesInFlight } from './bytes-in-flight.ts'
import { type ChangeNotifier, createChangeNotifier } from './config/change-notifier.ts'
import type { Connection } from './connection.ts'
import { configDialect, type FuzzyDialect, namingDialect } from './fuzzy/dialects.ts'
import { createFuzzyNotifier, type FuzzyNotifier } from './fuzzy/fuzzy-notifier.ts'
import type { GrpcParts } from './ports.ts'

/** Each null once the connection is gone. */
export interface Listeners {
  watcherOf(connection: Connection): Watcher | null
  configPatternsOf(connection: Connection): FuzzyNotifier | null
  servicePatternsOf(connection: Connection): FuzzyNotifier | null
}

/** Names that are to be told as gone to all who came back: a hundred thousand of them. */
const goneCharactersMax = 16 * 1024 * 1024

interface Kept<Listener> {
  of(connection: Connection): Listener | null
  closed(connection: Connection): void
}

const createKept = <Listener extends { stop(): void }>(
  make: (connection: Connection) => Listener,
  leave: (listener: Listener) => void,
): Kept<Listener> => {
  const known = new Map<Connection, Listener>()
  return {
    of: (connection) => {
      if (!connection.isOpen()) return null
      const found = known.get(connection) ?? make(connection)
      known.set(connection, found)
      return found
    },
    closed: (connection) => {
      const found = known.get(connection)
      if (found === undefined) return
      known.delete(connection)
      leave(found)
      found.stop()
    },
  }
}

export const createListeners = (
  { clock, counters, watches, fuzzy }: Pick<GrpcParts, 'clock' | 'counters' | 'watches' | 'fuzzy'>,
  evict: (connection: Connection) => void,
): Listeners & { closed(connection: Connection): void } => {
  const { after } = clock
  const taken = (): void => {
    counters.pushes++
  }
  const room = createBytesInFlight(goneCharactersMax)
  const changes = createKept<ChangeNotifier>(
    (connection) => createChangeNotifier({ connection, after, taken, giveUp: () => evict(connection) }),
    watches.leave,
  )
  const patternsOf = (dialect: FuzzyDialect, { isThere, leave }: FuzzyWatches): Kept<FuzzyNotifier> =>
    createKept<FuzzyNotifier>(
      (connection) => createFuzzyNotifier({ connection, dialect, room, isThere, after, giveUp: () => evict(connection) }),
      leave,
    )
  const configPatterns = patternsOf(configDialect, fuzzy.configs)
  const servicePatterns = patternsOf(namingDialect, fuzzy.services)
  return {
    watcherOf: changes.of,
    configPatternsOf: configPatterns.of,
    servicePatternsOf: servicePatterns.of,
    closed: (connection) => {
      for (const kept of [changes, configPatterns, servicePatterns]) kept.closed(connection)
    },
  }
}
