/**
 * Writes a zip front to back, without ever seeking: whole entries with their sizes in front, as every reader takes them; one entry may be
 * gathered beside the others. Of what is written it keeps the directory alone, some 100 bytes an entry, packed into blocks, so that a
 * directory of 100,000 entries leaves in small pieces. More than 65,534 entries or 4 GiB become Zip64. (The libraries at hand write the whole
 * directory in one turn of the loop, look through all entries at each, or have no Zip64.) Format: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16.
 */

import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { crc32, createDeflateRaw } from 'node:zlib'
import { createEntryPacker } from './entry-packer.ts'

export interface NamedContent {
  readonly name: string
  readonly content: Uint8Array
}

/** An entry whose content comes in pieces while others are written; it keeps them packed. Fewer than 4 GiB. */
export interface GatheredEntry {
  /** Settled when the next piece may come. */
  add(piece: Uint8Array): Promise<void>
  /** Its bytes; nothing else may be asked for until they are there. */
  end(): Promise<Buffer[]>
}

export interface ZipWriter {
  /** The bytes of some entries, one after the other. Contents are not looked at after the promise is settled; nothing else may be asked for before. */
  entries(entries: readonly NamedContent[]): Promise<Buffer[]>
  gathered(name: string): GatheredEntry
  /** The directory, after the last entry. */
  end(): Generator<Buffer>
  /** Lets go what packs; `end` does it too. */
  close(): void
}

const stored = 0
const deflated = 8
/** Below it packing saves next to nothing. */
const storedBelowBytes = 128
/** Names are UTF-8 (APPNOTE appendix D). */
const utf8Flag = 0x0800
const plainVersion = 20
const zip64Version = 45
const max32 = 0xffff_ffff
const max16 = 0xffff
const blockBytes = 64 * 1024

interface Packed {
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly packedBytes: number
  readonly bytes: number
}

interface DosTime {
  readonly time: number
  readonly date: number
}

/** Two seconds are the finest it can say; UTC, since a zip names no zone. */
const dosTimeOf = (wallMs: number): DosTime => {
  const at = new Date(wallMs)
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  }
}

const localHeader = (name: Buffer, { method, flags, crc, packedBytes, bytes }: Packed, { time, date }: DosTime): Buffer => {
  const header = Buffer.allocUnsafe(30 + name.length)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(plainVersion, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt16LE(time, 10)
  header.writeUInt16LE(date, 12)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(packedBytes, 18)
  header.writeUInt32LE(bytes, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(0, 28)
  name.copy(header, 30)
  return header
}

/** An offset beyond 4 GiB stands in a field of its own, behind the name. */
const directoryRecord = (name: Buffer, packed: Packed, { time, date }: DosTime, offset: number): Buffer => {
  const far = offset >= max32
  const record = Buffer.alloc(46 + name.length + (far ? 12 : 0))
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(far ? zip64Version : plainVersion, 4)
  record.writeUInt16LE(far ? zip64Version : plainVersion, 6)
  record.writeUInt16LE(packed.flags, 8)
  record.writeUInt16LE(packed.method, 10)
  record.writeUInt16LE(time, 12)
  record.writeUInt16LE(date, 14)
  record.writeUInt32LE(packed.crc, 16)
  record.writeUInt32LE(packed.packedBytes, 20)
  record.writeUInt32LE(packed.bytes, 24)
  record.writeUInt16LE(name.length, 28)
  record.writeUInt16LE(far ? 12 : 0, 30)
  record.writeUInt32LE(far ? max32 : offset, 42)
  name.copy(record, 46)
  if (far) {
    record.writeUInt16LE(1, 46 + name.length)
    record.writeUInt16LE(8, 48 + name.length)
    record.writeBigUInt64LE(BigInt(offset), 50 + name.length)
  }
  return record
}

interface Directory {
  readonly entries: number
  readonly bytes: number
  readonly offset: number
}

const directoryEnd = ({ entries, bytes, offset }: Directory): Buffer => {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(entries, max16), 8)
  end.writeUInt16LE(Math.min(entries, max16), 10)
  end.writeUInt32LE(Math.min(bytes, max32), 12)
  end.writeUInt32LE(Math.min(offset, max32), 16)
  return end
}

const zip64End = ({ entries, bytes, offset }: Directory): Buffer => {
  const end = Buffer.alloc(56 + 20)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(zip64Version, 12)
  end.writeUInt16LE(zip64Version, 14)
  end.writeBigUInt64LE(BigInt(entries), 24)
  end.writeBigUInt64LE(BigInt(entries), 32)
  end.writeBigUInt64LE(BigInt(bytes), 40)
  end.writeBigUInt64LE(BigInt(offset), 48)
  end.writeUInt32LE(0x07064b50, 56)
  end.writeBigUInt64LE(BigInt(offset + bytes), 64)
  end.writeUInt32LE(1, 72)
  return end
}

const needsZip64 = ({ entries, bytes, offset }: Directory): boolean => entries >= max16 || bytes >= max32 || offset >= max32

/** Records one after the other in blocks: a hundred thousand small buffers would cost more than their bytes. */
const createBlocks = () => {
  const full: Buffer[] = []
  let open = Buffer.allocUnsafe(blockBytes)
  let used = 0
  let bytes = 0
  return {
    add: (record: Buffer): void => {
      if (used + record.length > open.length) {
        full.push(open.subarray(0, used))
        open = Buffer.allocUnsafe(Math.max(blockBytes, record.length))
        used = 0
      }
      record.copy(open, used)
      used += record.length
      bytes += record.length
    },
    bytes: () => bytes,
    all: (): readonly Buffer[] => [...full, open.subarray(0, used)],
  }
}

/** @param wallMs what each entry has for its time */
export const createZipWriter = (wallMs: number): ZipWriter => {
  const dosTime = dosTimeOf(wallMs)
  const blocks = createBlocks()
  const packer = createEntryPacker()
  let offset = 0
  let entries = 0

  const whole = (name: Buffer, data: readonly Buffer[], facts: Packed): Buffer[] => {
    const header = localHeader(name, facts, dosTime)
    blocks.add(directoryRecord(name, facts, dosTime, offset))
    entries++
    offset += header.length + facts.packedBytes
    return [header, ...data]
  }
  const entry = ({ name, content }: NamedContent, packed: Buffer | null): Buffer[] => {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
    const data = packed !== null && packed.length < bytes.length ? packed : bytes
    const method = data === bytes ? stored : deflated
    return whole(Buffer.from(name), [data], { method, flags: utf8Flag, crc: crc32(bytes), packedBytes: data.length, bytes: bytes.length })
  }

  return {
    entries: async (list) => {
      const packed = await Promise.all(list.map(({ content }) => (content.length < storedBelowBytes ? null : packer.pack(content))))
      return list.flatMap((named, at) => entry(named, packed[at] ?? null))
    },
    gathered: (name) => {
      const deflater = createDeflateRaw()
      const data: Buffer[] = []
      let [crc, bytes, packedBytes] = [0, 0, 0]
      deflater.on('data', (piece: Buffer) => {
        data.push(piece)
        packedBytes += piece.length
      })
      return {
        add: async (piece) => {
          crc = crc32(piece, crc)
          bytes += piece.length
          if (!deflater.write(piece)) await once(deflater, 'drain')
        },
        end: async () => {
          deflater.end()
          await finished(deflater)
          return whole(Buffer.from(name), data, { method: deflated, flags: utf8Flag, crc, packedBytes, bytes })
        },
      }
    },
    *end() {
      packer.close()
      const directory: Directory = { entries, bytes: blocks.bytes(), offset }
      yield* blocks.all()
      if (needsZip64(directory)) yield zip64End(directory)
      yield directoryEnd(directory)
    },
    close: packer.close,
  }
}
