/**
 * A node's configurations as the bytes of one zip, in Nacos's two formats (nacos-http 5.7), row by row as the reader takes them: it holds one
 * content, the zip's directory and the metadata. Each row is as it stood when its turn came; one that is gone by then is left out.
 */

import type { ConfigIndexRow, ConfigRow } from '../../state-machine/types.ts'
import type { Turns } from '../turns.ts'
import { appLine, metadataV1Name } from './metadata-v1.ts'
import { emptyMetadata, itemLines, metadataHead, metadataV2Name } from './metadata-v2.ts'
import { createZipWriter } from './zip-writer.ts'

export type ZipFormat = 'v1' | 'v2'

export interface ExportOrder {
  readonly format: ZipFormat
  readonly rows: readonly ConfigIndexRow[]
  /** Undefined: it is gone, or not wanted after all. Throws a `StorageFailure` for bytes that are not those of the row. */
  load(row: ConfigIndexRow): Promise<ConfigRow | undefined>
  readonly wallMs: number
  readonly turns: Turns
}

/** Metadata is gathered into pieces of about this size, which pack well and leave one by one. */
const pieceCharacters = 32 * 1024

const createGatherer = () => {
  const pieces: Buffer[] = []
  let text = ''
  return {
    add: (more: string): void => {
      text += more
      if (text.length < pieceCharacters) return
      pieces.push(Buffer.from(text))
      text = ''
    },
    all: (): readonly Buffer[] => (text === '' ? pieces : [...pieces, Buffer.from(text)]),
  }
}

const linesFor = (format: ZipFormat, row: ConfigRow): string =>
  format === 'v1'
    ? appLine(row.group, row.dataId, row.appName)
    : itemLines({
        ...{ group: row.group, dataId: row.dataId, type: row.type, appName: row.appName, description: row.description },
        ...{ tags: row.tags.join(','), encryptedDataKey: row.encryptedDataKey },
      })

export async function* exportConfigs({ format, rows, load, wallMs, turns }: ExportOrder): AsyncGenerator<Buffer> {
  const zip = createZipWriter(wallMs)
  const metadata = createGatherer()
  let count = 0
  for (const row of rows) {
    if (turns.over()) await turns.next()
    const whole = await load(row)
    if (whole === undefined) continue
    const lines = linesFor(format, whole)
    metadata.add(format === 'v2' && count === 0 ? metadataHead + lines : lines)
    count++
    const bytes = zip.entry(`${whole.group}/${whole.dataId}`, whole.content)
    yield* bytes instanceof Promise ? await bytes : bytes
  }
  if (format === 'v2' && count === 0) metadata.add(emptyMetadata)
  const pieces = metadata.all()
  if (pieces.length > 0) yield* zip.streamed(format === 'v1' ? metadataV1Name : metadataV2Name, pieces)
  yield* zip.end()
}
