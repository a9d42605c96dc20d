/**
 * The hash by which nodes compare their state: a sum over rows, so it does not depend on order and is kept up to date by
 * adding and taking away single rows. 64 bits in two lanes of 32. Not cryptographic: it finds divergence, not forgery.
 */

import type { AreaRecord, Command, ConfigIndexRow, MachineMeta, NamedSnapshot, RequestRow } from './types.ts'

/** Two 32-bit lanes; mutable on purpose, one lives in each machine. */
export interface HashLanes {
  high: number
  low: number
}

type Counters = Pick<MachineMeta, 'nextConfigId' | 'nextHistoryId' | 'lastTimeMs'>

const twoTo32 = 0x1_0000_0000

const avalanche = (lane: number): number => {
  let h = lane
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const mixWord = (lanes: HashLanes, word: number): void => {
  lanes.high = Math.imul(lanes.high ^ word, 0x01000193) + 0x7f4a7c15
  lanes.low = Math.imul(lanes.low, 0x27d4eb2f) ^ (word + 0x165667b1)
}

/** Length first, so that "ab"+"c" and "a"+"bc" differ. */
const mixText = (lanes: HashLanes, text: string): void => {
  let high = lanes.high ^ text.length
  let low = Math.imul(lanes.low, 31) + text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low + unit, 0x9e3779b1)
    low ^= low >>> 15
  }
  lanes.high = high
  lanes.low = low
}

/** Four bytes a step, the last ones alone; length first. */
const mixBytes = (lanes: HashLanes, bytes: Uint8Array): void => {
  const { length } = bytes
  const wholeWords = length & ~3
  mixWord(lanes, length)
  let { high, low } = lanes
  let at = 0
  for (; at < wholeWords; at += 4) {
    const word = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
    high = Math.imul(high ^ word, 0x01000193) ^ (high >>> 13)
    low = Math.imul(low + word, 0x9e3779b1)
    low ^= low >>> 15
  }
  for (; at < length; at++) {
    const byte = bytes[at] as number
    high = Math.imul(high ^ byte, 0x01000193)
    low = Math.imul(low + byte, 0x9e3779b1)
    low ^= low >>> 15
  }
  lanes.high = high
  lanes.low = low
}

/** Any safe integer, all 53 bits. */
const mixNumber = (lanes: HashLanes, value: number): void => {
  mixWord(lanes, value | 0)
  mixWord(lanes, Math.floor(value / twoTo32) | 0)
}

const finish = (lanes: HashLanes): void => {
  const { high, low } = lanes
  lanes.high = avalanche(high ^ (low >>> 7))
  lanes.low = avalanche(low ^ Math.imul(high, 0x9e3779b1))
}

/** One for all calls: a row's hash is taken twice per write, so it must not allocate. Never read across calls. */
const scratch: HashLanes = { high: 0, low: 0 }

const start = (): void => {
  scratch.high = 0x811c9dc5 | 0
  scratch.low = 0x2545f491
}

const hashRow = (row: ConfigIndexRow): void => {
  start()
  mixText(scratch, row.namespace)
  mixText(scratch, row.group)
  mixText(scratch, row.dataId)
  mixText(scratch, row.md5)
  mixText(scratch, row.type)
  mixText(scratch, row.encryptedDataKey)
  mixNumber(scratch, row.id)
  mixNumber(scratch, row.createdMs)
  mixNumber(scratch, row.modifiedMs)
  mixNumber(scratch, row.index)
  mixNumber(scratch, row.contentBytes)
  finish(scratch)
}

export const addLanes = (sum: HashLanes, lanes: HashLanes): void => {
  sum.high = (sum.high + lanes.high) >>> 0
  sum.low = (sum.low + lanes.low) >>> 0
}

export const takeLanes = (sum: HashLanes, lanes: HashLanes): void => {
  sum.high = (sum.high - lanes.high) >>> 0
  sum.low = (sum.low - lanes.low) >>> 0
}

const addScratch = (sum: HashLanes): void => addLanes(sum, scratch)
const takeScratch = (sum: HashLanes): void => takeLanes(sum, scratch)

export const addRow = (sum: HashLanes, row: ConfigIndexRow): void => {
  hashRow(row)
  addScratch(sum)
}

export const takeRow = (sum: HashLanes, row: ConfigIndexRow): void => {
  hashRow(row)
  takeScratch(sum)
}

const hashRequest = (row: RequestRow): void => {
  start()
  mixText(scratch, row.requestId)
  mixText(scratch, row.outcome)
  mixText(scratch, row.md5)
  mixNumber(scratch, row.index)
  mixNumber(scratch, row.commandHash)
  finish(scratch)
}

export const addRequest = (sum: HashLanes, row: RequestRow): void => {
  hashRequest(row)
  addScratch(sum)
}

export const takeRequest = (sum: HashLanes, row: RequestRow): void => {
  hashRequest(row)
  takeScratch(sum)
}

const hashSnapshot = (snapshot: NamedSnapshot): void => {
  start()
  mixText(scratch, snapshot.kind)
  mixText(scratch, snapshot.name)
  mixText(scratch, snapshot.contentHash)
  mixNumber(scratch, snapshot.index)
  mixNumber(scratch, snapshot.takenMs)
  mixNumber(scratch, snapshot.historyFrom)
  mixNumber(scratch, snapshot.configs)
  mixNumber(scratch, snapshot.contentBytes)
  mixNumber(scratch, snapshot.usable ? 1 : 0)
  finish(scratch)
}

export const addSnapshot = (sum: HashLanes, snapshot: NamedSnapshot): void => {
  hashSnapshot(snapshot)
  addScratch(sum)
}

export const takeSnapshot = (sum: HashLanes, snapshot: NamedSnapshot): void => {
  hashSnapshot(snapshot)
  takeScratch(sum)
}

/** Lanes of its own, to be kept: signed, so that they stay small integers. */
export const hashRecord = (record: AreaRecord): HashLanes => {
  start()
  mixWord(scratch, record.area)
  mixText(scratch, record.key)
  mixBytes(scratch, record.value)
  finish(scratch)
  return { high: scratch.high | 0, low: scratch.low | 0 }
}

/** Of what a configuration is, and not of when it came: the same before and after a restore. */
export const addContent = (row: ConfigIndexRow, sum: HashLanes, other?: HashLanes): void => {
  start()
  mixText(scratch, row.namespace)
  mixText(scratch, row.group)
  mixText(scratch, row.dataId)
  mixText(scratch, row.md5)
  mixText(scratch, row.type)
  mixText(scratch, row.encryptedDataKey)
  mixNumber(scratch, row.contentBytes)
  finish(scratch)
  addScratch(sum)
  if (other !== undefined) addScratch(other)
}

export const contentHashOf = (sum: HashLanes): string => hex(sum.high) + hex(sum.low)

/**
 * 32 bits, signed, over what a command would do: equal for a repeat from another address. The content counts by its md5. It finds mistakes of
 * clients, not attacks.
 */
export const commandHashOf = (command: Command): number => {
  start()
  mixText(scratch, command.kind)
  mixText(scratch, command.namespace)
  mixText(scratch, command.group)
  mixText(scratch, command.dataId)
  mixText(scratch, command.expectedMd5 === null ? 'any' : `=${command.expectedMd5}`)
  if (command.kind === 'publish-config') {
    mixText(scratch, command.md5)
    mixText(scratch, command.type)
    mixText(scratch, command.appName)
    mixText(scratch, command.description)
    mixText(scratch, command.encryptedDataKey)
    mixNumber(scratch, command.tags === null ? -1 : command.tags.length)
    for (const tag of command.tags ?? []) mixText(scratch, tag)
  }
  finish(scratch)
  return scratch.high | 0
}

const hex = (lane: number): string => lane.toString(16).padStart(8, '0')

/** The 16 digits for a sum of rows and the machine's counters. */
export const stateHashOf = (sum: HashLanes, counters: Counters): string => {
  scratch.high = sum.high | 0
  scratch.low = sum.low | 0
  mixNumber(scratch, counters.nextConfigId)
  mixNumber(scratch, counters.nextHistoryId)
  mixNumber(scratch, counters.lastTimeMs)
  finish(scratch)
  return hex(scratch.high) + hex(scratch.low)
}

/** The same hash from nothing but rows and counters: what a verifier compares with the incremental one. */
export const hashOfRows = (
  rows: Iterable<ConfigIndexRow>,
  counters: Counters,
  requests: Iterable<RequestRow> = [],
  snapshots: Iterable<NamedSnapshot> = [],
  records: Iterable<AreaRecord> = [],
): string => {
  const sum: HashLanes = { high: 0, low: 0 }
  for (const row of rows) addRow(sum, row)
  for (const row of requests) addRequest(sum, row)
  for (const snapshot of snapshots) addSnapshot(sum, snapshot)
  for (const record of records) addLanes(sum, hashRecord(record))
  return stateHashOf(sum, counters)
}
