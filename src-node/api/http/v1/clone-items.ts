/**
 * Configurations of this cluster as an import takes them: what is to be cloned, under which names, and the contents as they are when their turn
 * comes. One that is gone, or that nobody can read, fails by itself.
 */

import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { type ImportItems, type NamePair, noTexts } from '../../zip/import-items.ts'
import { type EntryPlace, type OpenZip, zipProblem } from '../../zip/zip-reader.ts'
import { md5Of } from '../content-hash.ts'
import type { HttpParts } from '../ports.ts'
import { otherMd5, readWhole } from './content-check.ts'

export interface CloneItem {
  readonly row: ConfigIndexRow
  readonly to: NamePair
}

interface CloneSource {
  readonly items: ImportItems
  readonly zip: Pick<OpenZip, 'contents'>
}

/** Its number stands for where it lies. */
const placeOf = (item: number, bytes: number): EntryPlace => ({ offset: item, packedBytes: bytes, bytes, method: 0, crc: 0, encrypted: false })

/** @throws a `StorageFailure` for bytes that are not those of the row's md5 */
const contentOf = async (parts: HttpParts, row: ConfigIndexRow): Promise<Buffer | null> => {
  const whole = readWhole(parts, row)
  if (whole === undefined) return null
  const { content } = whole
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  const md5 = await new Promise<string>((resolve) => md5Of(bytes, resolve))
  if (md5 !== whole.md5) throw otherMd5(whole)
  return bytes
}

export const cloneSource = (parts: HttpParts, clones: readonly CloneItem[]): CloneSource => {
  const namesAt = (item: number): NamePair => clones[item]?.to ?? { dataId: '', group: '' }
  return {
    items: {
      count: clones.length,
      numbers: () => clones.keys(),
      namesAt,
      // They are somebody else's rows.
      ...{ begun: () => undefined, written: () => undefined },
      at: (item) => {
        const row = clones[item]?.row
        if (row === undefined) return { ...namesAt(item), ...noTexts, place: placeOf(item, 0), type: 'text' }
        const { appName, description, tags } = parts.lookups.readTexts(row.id) ?? noTexts
        const texts = { appName, description, tags, encryptedDataKey: row.encryptedDataKey }
        return { ...namesAt(item), ...texts, place: placeOf(item, row.contentBytes), type: row.type }
      },
    },
    zip: {
      contents: async (places) => {
        const contents: Awaited<ReturnType<OpenZip['contents']>>[number][] = []
        for (const { offset } of places) {
          const row = clones[offset]?.row
          contents.push((row && (await contentOf(parts, row))) ?? zipProblem('it is gone since a moment'))
        }
        return contents
      },
    },
  }
}
