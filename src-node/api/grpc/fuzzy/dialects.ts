/** Where watches of configurations and of services differ on the wire (nacos-grpc 5.6, 6.3): names of types, members and changes, and what may be in a pattern. */

import type { FuzzyPattern } from '../../../notify/fuzzy-pattern.ts'
import { dataIdRule, groupRule, type NameRule, serviceRule } from '../../name-rules.ts'
import { errorCodes, errorResponse, type GrpcAnswer, succeeded } from '../answers.ts'
import { notifyLimits } from '../config/change-notifier.ts'
import type { GrpcAccess } from '../requests.ts'
import type { PushLimits, PushWords } from '../retried-pushes.ts'

export interface FuzzyKey {
  readonly key: string
  readonly isThere: boolean
}

export interface FuzzyBatch {
  readonly pattern: string
  readonly syncType: 'FUZZY_WATCH_INIT_NOTIFY' | 'FUZZY_WATCH_DIFF_SYNC_NOTIFY' | 'FINISH_FUZZY_WATCH_INIT_NOTIFY'
  readonly keys: readonly FuzzyKey[]
  readonly total: number
  /** From 1. */
  readonly current: number
}

export interface FuzzyDialect {
  readonly kind: 'config' | 'naming'
  readonly request: string
  readonly response: string
  readonly access: GrpcAccess
  readonly rules: { readonly group: NameRule; readonly name: NameRule }
  readonly limits: PushLimits
  change(key: FuzzyKey): PushWords
  sync(batch: FuzzyBatch): PushWords
  /** To a request that neither begins nor ends a watch. */
  unknown(watchType: string): GrpcAnswer
}

/** Without its braces, as a push takes it. */
const membersOf = (members: object): string => JSON.stringify(members).slice(1, -1)

const syncMembers = ({ pattern, syncType, total, current }: FuzzyBatch, contexts: readonly object[], module: string): string =>
  membersOf({ groupKeyPattern: pattern, contexts, syncType, totalBatch: total, currentBatch: current, module })

const response = 'ConfigFuzzyWatchResponse'

export const configDialect: FuzzyDialect = {
  ...{ kind: 'config', request: 'ConfigFuzzyWatchRequest', response, access: 'config-read' },
  rules: { group: groupRule, name: dataIdRule },
  limits: { ...notifyLimits, restMs: (failures) => failures * notifyLimits.retryStepMs },
  change: ({ key, isThere }) => ({
    type: 'ConfigFuzzyWatchChangeNotifyRequest',
    members: membersOf({ groupKey: key, changeType: isThere ? 'CONFIG_CHANGED' : 'DELETE_CONFIG', module: 'config' }),
  }),
  sync: (batch) => ({
    type: 'ConfigFuzzyWatchSyncRequest',
    members: syncMembers(
      batch,
      batch.keys.map(({ key, isThere }) => ({ groupKey: key, changedType: isThere ? 'ADD_CONFIG' : 'DELETE_CONFIG' })),
      'config',
    ),
  }),
  unknown: () => succeeded(response),
}

const serviceChange = ({ key, isThere }: FuzzyKey) => ({ serviceKey: key, changedType: isThere ? 'ADD_SERVICE' : 'DELETE_SERVICE' })

export const namingDialect: FuzzyDialect = {
  ...{ kind: 'naming', request: 'NamingFuzzyWatchRequest', response: 'NamingFuzzyWatchResponse', access: 'naming-read' },
  rules: { group: groupRule, name: serviceRule },
  limits: { ackMs: 5_000, triesMax: notifyLimits.triesMax, underWayMax: notifyLimits.underWayMax, restMs: () => 1_000 },
  change: (key) => ({
    type: 'NamingFuzzyWatchChangeNotifyRequest',
    members: membersOf({ syncType: 'FUZZY_WATCH_RESOURCE_CHANGED', ...serviceChange(key), module: 'naming' }),
  }),
  sync: (batch) => ({ type: 'NamingFuzzyWatchSyncRequest', members: syncMembers(batch, batch.keys.map(serviceChange), 'naming') }),
  unknown: (watchType) => errorResponse(errorCodes.badRequest, `Unsupported request type ${watchType}`, errorCodes.badRequest),
}

/** What stands in the place of a pattern's names when permissions are looked at: a `*` of it is covered by nothing but a `*`. */
export const fuzzyResource = ({ kind }: FuzzyDialect, { namespace, group, name }: FuzzyPattern) => ({ namespace, group, kind, name })
