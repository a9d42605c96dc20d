/**
 * ConfigBatchListenRequest (nacos-grpc 5.4): what this connection watches from now on, and which of it is not as the client has it. Each is watched before
 * it is compared, so that no change falls in between. A long list is read in slices, one a turn. The namespace is echoed as it was written.
 */

import { chosenMd5 } from '../../../notify/chosen-version.ts'
import type { WatchedConfig, Watcher } from '../../../notify/config-watches.ts'
import type { GrayClient } from '../../../state-machine/areas/gray-choice.ts'
import { errorCodes, failedAs, refusedAs, succeeded } from '../answers.ts'
import type { Connection } from '../connection.ts'
import { configResource } from '../gate.ts'
import { flagOf, isObject, listOf, textOf } from '../json-fields.ts'
import type { GrpcParts } from '../ports.ts'
import type { RequestHandler, Respond } from '../requests.ts'
import { grayClientOf } from './gray.ts'
import { namedConfig } from './names.ts'

const type = 'ConfigChangeBatchListenResponse'
/** 10,000 entries of ordinary names; one of the clients sends 3,000 at most. */
const bodyBytesMax = 4 * 1024 * 1024
const entriesPerTurn = 500
const md5CharactersMax = 64

interface Listening {
  readonly client: GrayClient
  readonly connection: Connection
  readonly entries: readonly unknown[]
  readonly listen: boolean
  readonly watcher: Watcher
  readonly changed: object[]
}

const watchedIn = (entry: unknown): WatchedConfig | string => {
  if (!isObject(entry)) return 'configListenContexts holds something that is no context'
  const named = namedConfig(entry)
  if (typeof named === 'string') return named
  const md5 = textOf(entry, 'md5')
  return { ...named, md5: md5.length > md5CharactersMax ? md5.slice(0, md5CharactersMax) : md5 }
}

const echoOf = ({ key, tenant }: WatchedConfig): object => ({ group: key.group, dataId: key.dataId, ...(tenant === null ? {} : { tenant }) })

/** @param watcherOf the listener that stands for a connection */
export const createConfigBatchListen = (parts: GrpcParts, watcherOf: (connection: Connection) => Watcher | null): RequestHandler => {
  const { configs, grays, watches } = parts

  /** A problem in words, or null. */
  const take = ({ listen, watcher, changed, client }: Listening, entry: unknown): string | null | 'full' => {
    const watched = watchedIn(entry)
    if (typeof watched === 'string') return watched
    if (!listen) {
      watches.unwatch(watcher, watched.key)
      return null
    }
    if (!watches.watch(watcher, watched)) return 'full'
    if (chosenMd5({ grays, find: configs.find }, watched.key, client) !== watched.md5) changed.push(echoOf(watched))
    return null
  }

  const readOn = (listening: Listening, from: number, respond: Respond): void => {
    // Gone between two turns: what it watched is forgotten, and nothing may be added to it.
    if (!listening.connection.isOpen()) return
    const until = Math.min(listening.entries.length, from + entriesPerTurn)
    for (let at = from; at < until; at++) {
      const problem = take(listening, listening.entries[at])
      if (problem === 'full') {
        respond(refusedAs(type, 'overloaded'))
        return
      }
      if (problem !== null) {
        respond(failedAs(type, errorCodes.badRequest, problem))
        return
      }
    }
    if (until < listening.entries.length) parts.clock.defer(() => readOn(listening, until, respond))
    else respond(succeeded(type, { changedConfigs: listening.changed }))
  }

  return {
    ...{ type: 'ConfigBatchListenRequest', responseType: type, access: 'config-read', bodyBytesMax },
    resources: (body) => listOf(body, 'configListenContexts').map((entry) => configResource(isObject(entry) ? entry : {})),
    handle: (call, respond) => {
      const { body, connection } = call
      const watcher = watcherOf(connection)
      if (watcher === null) return
      const entries = listOf(body, 'configListenContexts')
      readOn({ client: grayClientOf(call), connection, entries, listen: flagOf(body, 'listen'), watcher, changed: [] }, 0, respond)
    },
  }
}
