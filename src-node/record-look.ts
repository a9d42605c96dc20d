/**
 * This node's namespaces, users, gray versions and the like beside those of a shared database: counted, summed, and the first of what is not alike
 * named. Changes neither side, and keeps no record.
 */

import { hash } from 'node:crypto'
import type { RecordAreaName, RecordsLook } from './observe/store-look.ts'
import { type OwnRecords, recordWords } from './raft-driver/record-adoption.ts'
import { placeOf, sharedFacts } from './state-machine/areas/shared-records.ts'
import type { SharedName, SharedRecord } from './state-machine/types.ts'
import type { RecordReader, SinkLimits, SourceSummary } from './storage/sink.ts'

/** More would help nobody to see what is wrong. */
const namedMax = 100
const lanes = 2n ** 64n
const placeText = (name: SharedName): string => {
  const { area, key } = placeOf(name)
  return `${area} ${key}`
}
const hashOf = (place: string, facts: string): bigint => BigInt(`0x${hash('sha256', JSON.stringify([place, facts]), 'hex').slice(0, 16)}`)
const shown = (sum: bigint): string => sum.toString(16).padStart(16, '0')

const areaOf: Readonly<Record<SharedName['kind'], RecordAreaName>> = {
  ...{ namespace: 'namespaces', user: 'users', role: 'roles', gray: 'gray', capacity: 'capacities' },
}

type Side = 'alike' | 'unlike' | 'oursAlone' | 'theirsAlone' | 'unfit'

/** The same counts, of each kind by itself. */
const createAreaCounts = () => {
  const none = () => ({ alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, unfit: 0 })
  const areas = new Map(Object.values(areaOf).map((area) => [area, none()]))
  return {
    add: ({ kind }: SharedName, side: Side): void => {
      const counts = areas.get(areaOf[kind])
      if (counts !== undefined) counts[side]++
    },
    all: () => [...areas].map(([area, counts]) => ({ area, ...counts })),
  }
}

export interface RecordComparison {
  readonly reader: RecordReader
  /** After the last of theirs: what only this side has. False: call it again, when others had their turn. */
  rest(holds: SourceSummary['holds'], limits: SinkLimits): boolean
  differs(): boolean
  result(): RecordsLook
}

/** Of ours, looked at in one call: a few milliseconds. */
const restMax = 50

export const createRecordComparison = (own: OwnRecords): RecordComparison => {
  const counts = { ours: 0, theirs: 0, alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, tooBig: 0, placeless: 0, left: 0 }
  const areas = createAreaCounts()
  const named: string[] = []
  const seen = new Set<string>()
  let [oursSum, theirsSum] = [0n, 0n]
  let ours: Generator<SharedName> | null = null

  const name = (record: SharedName, side: string): void => {
    if (named.length < namedMax) named.push(`${recordWords(record)}: ${side}`)
  }
  const count = (record: SharedName, side: Exclude<Side, 'unfit'>): void => {
    counts[side]++
    areas.add(record, side)
  }
  const addOurs = (place: string, facts: string): void => {
    counts.ours++
    oursSum = (oursSum + hashOf(place, facts)) % lanes
  }
  const compare = (theirs: SharedRecord): void => {
    const [there, here] = [sharedFacts(theirs), own.factsOf(theirs)]
    if (there === '') return
    if (here === '' && own.isUnbound(theirs)) {
      counts.left++
      return
    }
    const place = placeText(theirs)
    seen.add(place)
    counts.theirs++
    theirsSum = (theirsSum + hashOf(place, there)) % lanes
    if (here !== '') addOurs(place, here)
    if (here === there) count(theirs, 'alike')
    else if (here === '') {
      count(theirs, 'theirsAlone')
      name(theirs, 'in the database alone')
    } else {
      count(theirs, 'unlike')
      name(theirs, 'not alike')
    }
  }
  const lookAtOurs = (of: SharedName, holds: SourceSummary['holds'], limits: SinkLimits): void => {
    const record = own.recordOf(of)
    if (record === null) return
    if (!holds(of)) {
      counts.placeless++
      return
    }
    const excess = limits.tooBigForRecord(record)
    if (excess !== null) {
      counts.tooBig++
      name(of, `does not fit into the column ${excess.column}`)
    }
    const place = placeText(of)
    if (seen.has(place)) return
    count(of, 'oursAlone')
    if (excess !== null) areas.add(of, 'unfit')
    addOurs(place, sharedFacts(record))
    name(of, 'in the nodes alone')
  }
  return {
    reader: {
      wants: (theirs) => {
        compare(theirs)
        return false
      },
      page: () => undefined,
      remarks: (remarks) => {
        counts.left += remarks.length
      },
    },
    rest: (holds, limits) => {
      ours ??= own.names()
      for (let looked = 0; looked < restMax; looked++) {
        const next = ours.next()
        if (next.done === true) return true
        lookAtOurs(next.value, holds, limits)
      }
      return false
    },
    differs: () => counts.unlike + counts.oursAlone + counts.theirsAlone > 0,
    result: () => ({ ...counts, areas: areas.all(), oursHash: shown(oursSum), theirsHash: shown(theirsSum), named }),
  }
}
