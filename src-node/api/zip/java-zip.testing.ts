/**
 * For tests: a zip as `java.util.zip.ZipOutputStream` writes it, which is what the official server sends: deflated, sizes behind the data, names
 * as UTF-8. Any field can be made to lie.
 */

import { crc32, deflateRawSync } from 'node:zlib'

export interface RawEntry {
  readonly name: string | Buffer
  readonly content: string | Buffer
  /** What header and directory say instead of the truth. */
  readonly bytes?: number
  readonly crc?: number
  readonly flags?: number
  readonly method?: number
  /** Of the directory: where the entry lies. */
  readonly offset?: number
}

const javaFlags = 0x0808

const bytesOf = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value) : value)

const oneEntry = (entry: RawEntry, offset: number) => {
  const name = bytesOf(entry.name)
  const content = bytesOf(entry.content)
  const { method = 8, flags = javaFlags } = entry
  const data = method === 8 ? deflateRawSync(content) : content
  const { crc = crc32(content), bytes = content.length } = entry
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt16LE(flags, 6)
  local.writeUInt16LE(method, 8)
  local.writeUInt16LE(name.length, 26)
  const behind = Buffer.alloc(16)
  behind.writeUInt32LE(0x08074b50, 0)
  behind.writeUInt32LE(crc, 4)
  behind.writeUInt32LE(data.length, 8)
  behind.writeUInt32LE(bytes, 12)
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(20, 4)
  record.writeUInt16LE(20, 6)
  record.writeUInt16LE(flags, 8)
  record.writeUInt16LE(method, 10)
  record.writeUInt32LE(crc, 16)
  record.writeUInt32LE(data.length, 20)
  record.writeUInt32LE(bytes, 24)
  record.writeUInt16LE(name.length, 28)
  record.writeUInt32LE(entry.offset ?? offset, 42)
  return { body: Buffer.concat([local, name, data, ...(flags & 8 ? [behind] : [])]), record: Buffer.concat([record, name]) }
}

/** @param declared how many entries its end says that there are */
export const javaZip = (entries: readonly RawEntry[], declared: number = entries.length): Buffer => {
  const bodies: Buffer[] = []
  const records: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { body, record } = oneEntry(entry, offset)
    bodies.push(body)
    records.push(record)
    offset += body.length
  }
  const directory = Buffer.concat(records)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(declared, 8)
  end.writeUInt16LE(declared, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, directory, end])
}
