/**
 * The configurations that an import found in its zip, in the order of the zip's directory: names and places, and what the metadata says of each. As
 * objects a hundred thousand of them took 40 MB of a node's heap, and as much again to collect; here they are columns and packed
 * texts beside it, and an object is made for one when it is asked for. Owns no rule: what may be a configuration the plan says.
 */

import type { ConfigType } from '../../state-machine/types.ts'
import { configTypes } from './config-rules.ts'
import { createTextBlocks, letBufferGo } from './text-blocks.ts'
import type { EntryPlace } from './zip-reader.ts'

export interface NamePair {
  readonly dataId: string
  readonly group: string
}

/** What stands in the metadata of a configuration besides its name. */
export interface ItemTexts {
  readonly appName: string
  readonly description: string
  /** null: those of the configuration that is there stay. */
  readonly tags: readonly string[] | null
  readonly encryptedDataKey: string
}

export interface PlannedConfig extends NamePair, ItemTexts {
  readonly place: EntryPlace
  readonly type: ConfigType
}

/** What is to be written, by number. */
export interface ImportItems {
  readonly count: number
  /** In the order in which they lie in the zip, so that each read goes on where the last one ended. */
  numbers(): IterableIterator<number>
  at(item: number): PlannedConfig
  namesAt(item: number): NamePair
  /** It was asked for: from now on nothing but its name is. */
  begun(item: number): void
  /** It is written: nothing of it is asked for any more. */
  written(item: number): void
}

/** One of them that cannot be written, or was not. */
export interface FailedItem {
  readonly item: number
  readonly reason: string
}

export interface ItemCollector extends ImportItems {
  /** Null: there is one of this name already. */
  add(name: string, place: EntryPlace): number | null
  find(name: string): number | undefined
  isNamed(item: number): boolean
  /** The metadata names it, and it cannot be written. */
  drop(item: number): void
  plan(item: number, type: ConfigType, texts: ItemTexts): void
  /** All, planned or not. */
  found(): IterableIterator<number>
  /** Nothing is added or looked up by name any more: what that needed is let go. */
  close(): void
  /** Nothing is asked any more: all of it goes at once. */
  letGo(): void
}

export const noTexts: ItemTexts = { appName: '', description: '', tags: null, encryptedDataKey: '' }

/** Without the names of the fields, which would be most of it. */
type Packed = readonly [appName: string, description: string, tags: readonly string[] | null, encryptedDataKey: string]
const packedTexts = ({ appName, description, tags, encryptedDataKey }: ItemTexts): string =>
  JSON.stringify([appName, description, tags, encryptedDataKey] satisfies Packed)
const unpackedTexts = (text: string): ItemTexts => {
  const [appName, description, tags, encryptedDataKey] = JSON.parse(text) as Packed
  return { appName, description, tags, encryptedDataKey }
}

/** `GROUP/DATAID`: a group cannot hold a slash. */
const pairOf = (name: string): NamePair => {
  const slash = name.indexOf('/')
  return { group: name.slice(0, slash), dataId: name.slice(slash + 1) }
}

/** Of the column `states`: from `planned` on the type's number is added. */
const unnamed = 0
const dropped = 1
const planned = 2

const createPlaces = (entriesMax: number) => {
  const offsets = new Float64Array(entriesMax)
  const packedBytes = new Float64Array(entriesMax)
  const bytes = new Float64Array(entriesMax)
  const crcs = new Uint32Array(entriesMax)
  const methods = new Uint16Array(entriesMax)
  const encrypted = new Uint8Array(entriesMax)
  return {
    letGo: (): void => {
      for (const { buffer } of [offsets, packedBytes, bytes, crcs, methods, encrypted]) letBufferGo(buffer)
    },
    put: (item: number, place: EntryPlace): void => {
      offsets[item] = place.offset
      packedBytes[item] = place.packedBytes
      bytes[item] = place.bytes
      crcs[item] = place.crc
      methods[item] = place.method
      encrypted[item] = place.encrypted ? 1 : 0
    },
    at: (item: number): EntryPlace => ({
      ...{ offset: offsets[item] ?? 0, packedBytes: packedBytes[item] ?? 0, bytes: bytes[item] ?? 0 },
      ...{ method: methods[item] ?? 0, crc: crcs[item] ?? 0, encrypted: encrypted[item] === 1 },
    }),
  }
}

const hasTexts = ({ appName, description, tags, encryptedDataKey }: ItemTexts): boolean =>
  appName !== '' || description !== '' || tags !== null || encryptedDataKey !== ''

/** @param entriesMax so many can be added */
export const createItemCollector = (entriesMax: number): ItemCollector => {
  const byName = new Map<string, number>()
  /** Apart, since what stands in the metadata goes before the names do. */
  const names = createTextBlocks()
  const texts = createTextBlocks()
  const places = createPlaces(entriesMax)
  const states = new Uint8Array(entriesMax)
  /** Where in `names`; -1: it was given up. */
  const namePlaces = new Float64Array(entriesMax)
  /** Where in `texts`; -1: it has none. */
  const textPlaces = new Float64Array(entriesMax).fill(-1)
  let entries = 0
  let count = 0

  const textsOf = (item: number): ItemTexts => {
    const place = textPlaces[item] ?? -1
    return place < 0 ? noTexts : unpackedTexts(texts.at(place))
  }
  const namesAt = (item: number): NamePair => pairOf((namePlaces[item] ?? -1) < 0 ? '' : names.at(namePlaces[item] ?? 0))
  function* numbers(): Generator<number> {
    for (let item = 0; item < entries; item++) if ((states[item] ?? unnamed) >= planned) yield item
  }
  function* found(): Generator<number> {
    for (let item = 0; item < entries; item++) yield item
  }

  const giveUpTexts = (item: number): void => {
    const place = textPlaces[item] ?? -1
    if (place >= 0) texts.giveUp(place)
    textPlaces[item] = -1
  }
  const giveUpName = (item: number): void => {
    const place = namePlaces[item] ?? -1
    if (place >= 0) names.giveUp(place)
    namePlaces[item] = -1
  }

  return {
    get count() {
      return count
    },
    add: (name, place) => {
      if (byName.has(name)) return null
      const item = entries++
      byName.set(name, item)
      namePlaces[item] = names.add(name)
      places.put(item, place)
      return item
    },
    find: (name) => byName.get(name),
    isNamed: (item) => states[item] !== unnamed,
    drop: (item) => {
      states[item] = dropped
    },
    plan: (item, type, given) => {
      states[item] = planned + configTypes.indexOf(type)
      if (hasTexts(given)) textPlaces[item] = texts.add(packedTexts(given))
      count++
    },
    found,
    close: () => byName.clear(),
    letGo: () => {
      places.letGo()
      texts.letGo()
      names.letGo()
      for (const { buffer } of [states, namePlaces, textPlaces]) letBufferGo(buffer)
      entries = 0
    },
    numbers,
    namesAt,
    begun: giveUpTexts,
    written: (item) => {
      giveUpTexts(item)
      giveUpName(item)
    },
    at: (item) => ({
      ...{ ...namesAt(item), place: places.at(item), type: configTypes[(states[item] ?? planned) - planned] ?? 'text' },
      ...textsOf(item),
    }),
  }
}
