/**
 * A node's configurations as the bytes of one zip, in Nacos's two formats (nacos-http 5.7), a few rows at a time as the reader takes
 * them: it holds their contents, the zip's directory and the packed metadata. Each row is as it stood when its turn came; one that is gone by then is left out.
 */

import type { ConfigIndexRow, ConfigRow } from '../../state-machine/types.ts'
import type { Turns } from '../turns.ts'
import { appLine, metadataV1Name } from './metadata-v1.ts'
import { emptyMetadata, itemLines, metadataHead, metadataV2Name } from './metadata-v2.ts'
import { createZipWriter, type GatheredEntry, type ZipWriter } from './zip-writer.ts'

export type ZipFormat = 'v1' | 'v2'

export interface ExportOrder {
  readonly format: ZipFormat
  readonly rows: readonly ConfigIndexRow[]
  /** Undefined: it is gone, or not wanted after all. Throws a `StorageFailure` for bytes that are not those of the row. */
  load(row: ConfigIndexRow): Promise<ConfigRow | undefined>
  readonly wallMs: number
  readonly turns: Turns
}

/** Metadata is packed in pieces of about this size. */
const pieceCharacters = 32 * 1024
/** Loaded and packed together: a hop to the packing thread and back costs more than a small content, and a content more than its entry. */
const entriesTogether = 64
const bytesTogether = 256 * 1024

/** Lines become pieces of an entry; there is none before the first line. */
const createMetadata = (zip: ZipWriter, name: string) => {
  let entry: GatheredEntry | null = null
  let text = ''
  const give = async (): Promise<void> => {
    entry ??= zip.gathered(name)
    const piece = Buffer.from(text)
    text = ''
    await entry.add(piece)
  }
  return {
    add: async (lines: string): Promise<void> => {
      text += lines
      if (text.length >= pieceCharacters) await give()
    },
    end: async (): Promise<readonly Buffer[]> => {
      if (text !== '') await give()
      return entry === null ? [] : entry.end()
    },
  }
}

const linesFor = (format: ZipFormat, row: ConfigRow): string =>
  format === 'v1'
    ? appLine(row.group, row.dataId, row.appName)
    : itemLines({
        ...{ group: row.group, dataId: row.dataId, type: row.type, appName: row.appName, description: row.description },
        ...{ tags: row.tags.join(','), encryptedDataKey: row.encryptedDataKey },
      })

/** In the order of the rows; one large content stands alone. */
async function* groupsOf({ rows, load, turns }: ExportOrder): AsyncGenerator<readonly ConfigRow[]> {
  let group: ConfigRow[] = []
  let bytes = 0
  for (const row of rows) {
    if (turns.over()) await turns.next()
    const whole = await load(row)
    if (whole === undefined) continue
    group.push(whole)
    bytes += whole.contentBytes
    if (group.length < entriesTogether && bytes < bytesTogether) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

export async function* exportConfigs(order: ExportOrder): AsyncGenerator<Buffer> {
  const { format, wallMs } = order
  const zip = createZipWriter(wallMs)
  const metadata = createMetadata(zip, format === 'v1' ? metadataV1Name : metadataV2Name)
  let count = 0
  try {
    for await (const group of groupsOf(order)) {
      for (const row of group) await metadata.add(format === 'v2' && count++ === 0 ? metadataHead + linesFor(format, row) : linesFor(format, row))
      yield* await zip.entries(group.map(({ group: name, dataId, content }) => ({ name: `${name}/${dataId}`, content })))
    }
    if (format === 'v2' && count === 0) await metadata.add(emptyMetadata)
    yield* await metadata.end()
    yield* zip.end()
  } finally {
    zip.close()
  }
}
