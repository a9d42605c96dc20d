/** A configuration zip of any size, as an export makes it: for imports that are measured. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { itemLines, metadataHead, metadataV2Name } from '../../src-node/api/zip/metadata-v2.ts'
import { createZipWriter } from '../../src-node/api/zip/zip-writer.ts'

/** Spread over so many groups, as a big team has them. */
const groups = 50
const contentBytes = 512
const entriesTogether = 64

const nameAt = (at: number) => ({ group: `GROUP-${at % groups}`, dataId: `service-${at}.yaml` })
/** Differs from all others, and packs as real ones do. */
const contentAt = (at: number): Buffer => {
  const head = `service: ${at}\nport: ${8_000 + (at % 1_000)}\n`
  return Buffer.from(head + 'key: value # 说明\n'.repeat(Math.ceil((contentBytes - head.length) / 22)))
}

const entryAt = (at: number) => {
  const { group, dataId } = nameAt(at)
  return { name: `${group}/${dataId}`, content: contentAt(at) }
}

function* metadataPieces(count: number): Generator<Buffer> {
  yield Buffer.from(metadataHead)
  for (let at = 0; at < count; at++) {
    const texts = { type: 'yaml', appName: `application-${at % groups}`, description: '', tags: null, encryptedDataKey: '' }
    yield Buffer.from(itemLines({ ...nameAt(at), ...texts }))
  }
}

export const writeManyZip = async (file: string, count: number): Promise<void> => {
  const out = createWriteStream(file)
  const zip = createZipWriter(Date.UTC(2026, 0, 1))
  const put = async (piece: Buffer): Promise<void> => {
    if (!out.write(piece)) await once(out, 'drain')
  }
  for (let from = 0; from < count; from += entriesTogether) {
    const together = Array.from({ length: Math.min(entriesTogether, count - from) }, (_, at) => from + at)
    for (const piece of await zip.entries(together.map(entryAt))) await put(piece)
  }
  const metadata = zip.gathered(metadataV2Name)
  for (const piece of metadataPieces(count)) await metadata.add(piece)
  for (const piece of await metadata.end()) await put(piece)
  for (const piece of zip.end()) await put(piece)
  out.end()
  await finished(out)
}
