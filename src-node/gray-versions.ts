/** Gray versions of this node: the machine's memory of them, and their contents in the store. Owns how a content is found, and nothing else. */

import type { GrayReader } from './notify/chosen-version.ts'
import { grayArea, grayRecordKey, readGrayRecord } from './state-machine/areas/gray-codec.ts'
import type { GrayRow } from './state-machine/areas/gray-words.ts'
import type { StateMachine } from './state-machine/types.ts'
import type { StateStore } from './storage/types.ts'

export interface GrayVersions extends GrayReader {
  /** Undefined: the store has no such record. */
  readContent(row: GrayRow): Uint8Array | undefined
}

export const createGrayVersions = (machine: Pick<StateMachine, 'areas'>, store: Pick<StateStore, 'readRecord'>): GrayVersions => ({
  // Asked for each time: a snapshot replaces the machine's memory.
  of: (key) => machine.areas().gray.of(key),
  readContent: (row) => {
    const key = grayRecordKey(row)
    const value = store.readRecord(grayArea, key)
    return value === undefined ? undefined : readGrayRecord({ key, value })?.content
  },
})
