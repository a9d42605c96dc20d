/**
 * Records of a shared database beside those of this cluster: whether they say the same, and the command that takes one over. It names what it
 * replaces by its hash, so that whatever is written here meanwhile stands.
 */

import { encodeAdoptRecord } from '../state-machine/areas/adopt-record.ts'
import type { Areas } from '../state-machine/areas/areas.ts'
import { placeOf, sharedFacts, sharedNamesIn, sharedRecordOf, sharedValueOf } from '../state-machine/areas/shared-records.ts'
import type { SharedName, SharedRecord } from '../state-machine/areas/shared-words.ts'
import { hashRecord } from '../state-machine/state-hash.ts'
import type { ConfigIndexRow, ConfigKey, Reply } from '../state-machine/types.ts'
import type { StateStore } from '../storage/types.ts'

export interface RecordView {
  readonly store: Pick<StateStore, 'readRecord'>
  /** As they are now: a snapshot may bring others. */
  areas(): Omit<Areas, 'naming'>
  find(key: ConfigKey): Pick<ConfigIndexRow, 'type'> | undefined
}

/** What the cluster has, in the words of Nacos's tables. */
export interface OwnRecords {
  /** What two stores must agree in; `''`: there is none of this name, or it says nothing. */
  factsOf(name: SharedName): string
  recordOf(name: SharedName): SharedRecord | null
  /** Nobody has the role here: who got it later would inherit what another had under the same name. */
  isUnbound(theirs: SharedRecord): boolean
  /** There is one of this name here. */
  has(name: SharedName): boolean
  /** Of all that are here and say something. */
  names(): Generator<SharedName>
}

const placedIn = (view: RecordView, name: SharedName) => {
  const place = placeOf(name)
  const value = view.store.readRecord(place.area, place.key)
  return value === undefined ? null : { ...place, value }
}

export const createOwnRecords = (view: RecordView): OwnRecords => {
  const recordOf = (name: SharedName): SharedRecord | null => {
    const ours = placedIn(view, name)
    return ours === null ? null : sharedRecordOf(ours)
  }
  const factsOf = (name: SharedName): string => {
    const record = recordOf(name)
    return record === null ? '' : sharedFacts(record)
  }
  return {
    factsOf,
    recordOf,
    isUnbound: (theirs) => theirs.kind === 'role' && !view.areas().accounts.isBound(theirs.role),
    has: (name) => placedIn(view, name) !== null,
    *names() {
      for (const name of sharedNamesIn(view.areas())) if (factsOf(name) !== '') yield name
    },
  }
}

export interface RecordAdoption extends Omit<OwnRecords, 'factsOf' | 'recordOf'> {
  /** What it says is not what the record of its name here says, or there is none. */
  differs(theirs: SharedRecord): boolean
  /** `conflict`: it was changed here meanwhile. `refused`: it is over a limit of ours. */
  take(theirs: SharedRecord): Promise<'taken' | 'conflict' | 'refused'>
  /** It is gone there. */
  remove(name: SharedName): Promise<'taken' | 'conflict' | 'refused'>
}

type Propose = (payload: Uint8Array) => Promise<Reply>

export const createRecordAdoption = (view: RecordView, propose: Propose): RecordAdoption => {
  const own = createOwnRecords(view)
  /** No table says what kind of text a gray version is. */
  const completed = (theirs: SharedRecord): SharedRecord => {
    if (theirs.kind !== 'gray') return theirs
    const known = own.recordOf(theirs)
    return { ...theirs, type: known?.kind === 'gray' ? known.type : (view.find(theirs)?.type ?? 'text') }
  }
  const adopt = async (name: SharedName, value: Uint8Array | null): Promise<'taken' | 'conflict' | 'refused'> => {
    const ours = placedIn(view, name)
    const { kind } = await propose(encodeAdoptRecord({ ...placeOf(name), expected: ours === null ? null : hashRecord(ours), value }))
    return kind === 'record-adopted' ? 'taken' : kind === 'record-changed' ? 'conflict' : 'refused'
  }
  return {
    ...own,
    differs: (theirs) => sharedFacts(theirs) !== own.factsOf(theirs),
    take: (theirs) => adopt(theirs, sharedValueOf(completed(theirs))),
    remove: (name) => adopt(name, null),
  }
}

/** In a sentence, without a password and without a content. */
export const recordWords = (name: SharedName): string => {
  switch (name.kind) {
    case 'namespace':
      return `namespace ${JSON.stringify(name.id)}`
    case 'user':
      return `user ${JSON.stringify(name.name)}`
    case 'role':
      return `permissions of role ${JSON.stringify(name.role)}`
    case 'gray':
      return `gray version ${JSON.stringify([name.namespace, name.group, name.dataId, name.grayName])}`
    case 'capacity':
      return `capacity of ${name.scope === 'group' ? 'group' : 'namespace'} ${JSON.stringify(name.name)}`
  }
}
