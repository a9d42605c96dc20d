/**
 * What the tables of a database cannot hold, asked before a write is proposed: afterwards it would be committed everywhere but here. Knows
 * columns by their shape alone; sends nothing.
 */

import type { SinkCandidate, SinkExcess, SinkLimits } from '../sink.ts'
import { blindNamesOf } from './blind-names.ts'
import { holdsAllOfUnicode, holdsThreeBytes } from './dialect.ts'
import type { ColumnShape, NacosShape, TableShape } from './table-shapes.ts'

/** All other values of a row together, and the packet's own bytes: a column of text may have 64 KiB, the rest is below 8 KiB. */
const besideContentBytes = 128 * 1024

interface ColumnLimit {
  readonly column: string
  readonly text: NonNullable<ColumnShape['text']>
}

type TextField = 'namespace' | 'group' | 'dataId' | 'type' | 'appName' | 'description' | 'sourceIp' | 'sourceUser' | 'encryptedDataKey'
const columns: Readonly<Record<TextField, string>> = {
  dataId: 'data_id',
  group: 'group_id',
  namespace: 'tenant_id',
  type: 'type',
  appName: 'app_name',
  description: 'c_desc',
  sourceIp: 'src_ip',
  sourceUser: 'src_user',
  encryptedDataKey: 'encrypted_data_key',
}
const fields = Object.keys(columns) as readonly TextField[]

/** A character beyond the first plane takes two units of a string and is one character of a column. */
const charactersIn = (text: string): number => {
  let count = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit < 0xdc00) count--
  }
  return count
}

/** Of the bytes of UTF-8, the first that `charset` has no character for: 4 byte forms in utf8mb3, all but ASCII elsewhere. */
const highestByte = (charset: string): number => (holdsAllOfUnicode(charset) ? 0xff : holdsThreeBytes(charset) ? 0xef : 0x7f)

const holdsBytes = (content: Uint8Array, charset: string): boolean => {
  const highest = highestByte(charset)
  if (highest === 0xff) return true
  for (let at = 0; at < content.length; at++) if ((content[at] ?? 0) > highest) return false
  return true
}

const holdsText = (text: string, charset: string): boolean => {
  const highest = highestByte(charset)
  if (highest === 0xff) return true
  const most = highest === 0xef ? 0xffff : 0x7f
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > most || (unit >= 0xd800 && unit < 0xe000)) return false
  }
  return true
}

const excess = (column: string, limit: number, unit: SinkExcess['unit'], charset: string): SinkExcess => ({ column, limit, unit, charset })

export const textExcess = ({ column, text: { limit, unit, charset } }: ColumnLimit, text: string): SinkExcess | null => {
  // A unit is at most three bytes of UTF-8, and at most one character.
  if (unit === 'characters' ? text.length > limit && charactersIn(text) > limit : text.length * 3 > limit && Buffer.byteLength(text) > limit) {
    return excess(column, limit, unit, charset)
  }
  return holdsText(text, charset) ? null : excess(column, 0, 'charset', charset)
}

/** The column in each table that gets it. */
const limitsOf = (column: string, tables: readonly (TableShape | null)[]): readonly ColumnLimit[] =>
  tables.flatMap((table) => {
    const text = table?.get(column)?.text
    return text === undefined || text === null ? [] : [{ column, text }]
  })

/** A database from before 2.1 has no place for the key of an encrypted content: such a content would be lost with it. */
const noPlace: ColumnLimit['text'] = { charset: 'utf8mb4', collation: '', limit: 0, unit: 'characters' }

/** In each table that gets it. */
export const contentExcess = (content: Uint8Array, tables: readonly (TableShape | null)[], packetBytesMax: number): SinkExcess | null => {
  const packetBytes = Math.max(0, packetBytesMax - besideContentBytes)
  if (content.length > packetBytes) return excess('content', packetBytes, 'bytes', '')
  for (const table of tables) {
    const text = table?.get('content')?.text
    if (text === undefined || text === null) continue
    if (content.length > text.limit) return excess('content', text.limit, 'bytes', text.charset)
    if (!holdsBytes(content, text.charset)) return excess('content', 0, 'charset', text.charset)
  }
  return null
}

/** Of configurations; record-limits.ts adds the rest. */
export const configLimitsOf = (shape: NacosShape): Omit<SinkLimits, 'tooBigForRecord'> => {
  const rowTables = [shape.config, shape.history]
  const keyTables = [...rowTables, shape.tags]
  const isKey = (field: TextField): boolean => field === 'dataId' || field === 'group' || field === 'namespace'
  const byField = fields.map((field) => ({ field, limits: limitsOf(columns[field], isKey(field) ? keyTables : rowTables) }))
  const keyPlace = rowTables.every((table) => table.has('encrypted_data_key')) ? [] : [{ column: 'encrypted_data_key', text: noPlace }]
  const tagNames = limitsOf('tag_name', [shape.tags])

  const textLimits = [...byField, { field: 'encryptedDataKey' as const, limits: keyPlace }]

  const tagExcess = (tags: readonly string[]): SinkExcess | null => {
    for (const tag of tags) {
      for (const limit of tagNames) {
        const found = textExcess(limit, tag)
        if (found !== null) return found
      }
    }
    return null
  }
  return {
    names: blindNamesOf(shape.config),
    tooBigFor: (candidate: SinkCandidate) => {
      for (const { field, limits } of textLimits) {
        for (const limit of limits) {
          const found = textExcess(limit, candidate[field])
          if (found !== null) return found
        }
      }
      return contentExcess(candidate.content, rowTables, shape.packetBytesMax) ?? tagExcess(candidate.tags ?? [])
    },
  }
}
