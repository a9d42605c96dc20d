/**
 * Reads a zip that lies on the disk, by its directory (yauzl): what it holds first, contents one by one afterwards. Gives an entry's bytes only if
 * they are as many and have the checksum that the directory says. It holds a window of the file and one entry at a time; it must never
 * trust a size, and never make a path of a name.
 */

import { close, open, read, stat } from 'node:fs'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { crc32, inflateRawSync } from 'node:zlib'
import type { Entry, RandomAccessReader, ZipFile } from 'yauzl'
import { unpackTogether } from './unpack-many.ts'

/** Where an entry lies and what it claims to be. */
export interface EntryPlace {
  readonly offset: number
  readonly packedBytes: number
  readonly bytes: number
  readonly method: number
  readonly crc: number
  readonly encrypted: boolean
}

export interface ListedEntry extends EntryPlace {
  readonly name: Buffer
}

export interface OpenZip {
  readonly zipBytes: number
  readonly entryCount: number
  /** Once, in the order of the directory. Throws a `ZipProblem`. */
  entries(): AsyncIterable<ListedEntry>
  /** Throws a `ZipProblem`. Not while `entries` is being walked. */
  content(place: EntryPlace): Promise<Buffer>
  /** Several, together no larger than one wants to hold, and each by itself what `content` gives or throws. */
  contents(places: readonly EntryPlace[]): Promise<readonly (Buffer | ZipProblem)[]>
  /** The same content in pieces, for what is larger than one wants to hold; that it is damaged or of another length is thrown after the last one. */
  pieces(place: EntryPlace): AsyncIterable<Buffer>
  close(): void
}

/** The zip, or one entry of it, cannot be read; the message is for people. */
export interface ZipProblem extends Error {
  readonly name: 'ZipProblem'
}
export const isZipProblem = (error: unknown): error is ZipProblem => error instanceof Error && error.name === 'ZipProblem'
export const zipProblem = (words: string): ZipProblem => Object.assign(new Error(words), { name: 'ZipProblem' as const })
/** Others end their words with a full stop; ours go on after them. */
const asProblem = (error: unknown): Error =>
  isZipProblem(error) ? error : zipProblem((error instanceof Error ? error.message : String(error)).replace(/\.$/, ''))

const stored = 0
const deflated = 8
const headerBytes = 30
const windowBytes = 256 * 1024
const pieceBytes = 64 * 1024
/** Of zlib: it takes no less. */
const leastChunkBytes = 64
/** Unpacked within this turn up to here, a millisecond; above it as a stream, in a thread. */
const atOnceBytes = 256 * 1024

const openFile = promisify(open)
const readFile = promisify(read) as unknown as (fd: number, into: Buffer, from: number, length: number, at: number) => Promise<{ bytesRead: number }>
const statFile = promisify(stat)

type ReadDone = (error: Error | null, bytesRead?: number) => void

/** Most reads lie behind one another: they are served from the window that the last one left. */
const createWindow = (fd: number) => {
  const window = Buffer.allocUnsafe(windowBytes)
  let begin = 0
  let held = 0
  const has = (at: number, length: number): boolean => at >= begin && at + length <= begin + held
  const take = (into: Buffer, offset: number, length: number, at: number): void => void window.copy(into, offset, at - begin, at - begin + length)
  const fill = async (at: number): Promise<void> => {
    held = 0
    const { bytesRead } = await readFile(fd, window, 0, windowBytes, at)
    begin = at
    held = bytesRead
  }
  const readInto = async (into: Buffer, offset: number, length: number, at: number): Promise<number> => {
    if (length > windowBytes) return (await readFile(fd, into, offset, length, at)).bytesRead
    if (!has(at, length)) await fill(at)
    const found = Math.max(0, Math.min(length, begin + held - at))
    take(into, offset, found, at)
    return found
  }
  return {
    read: (into: Buffer, offset: number, length: number, at: number, done: ReadDone): void => {
      if (has(at, length)) {
        take(into, offset, length, at)
        done(null, length)
      } else readInto(into, offset, length, at).then((count) => done(null, count), done)
    },
    bytes: async (at: number, length: number): Promise<Buffer> => {
      const into = Buffer.allocUnsafe(length)
      if ((await readInto(into, 0, length, at)) < length) throw zipProblem('it ends before its contents do')
      return into
    },
  }
}
type Window = ReturnType<typeof createWindow>

/** Not a stream of the file's own: that one closes the file for all when it is destroyed, which yauzl does after each entry. */
async function* piecesOf(fd: number, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end - at))
    const { bytesRead } = await readFile(fd, piece, 0, piece.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}

/** What yauzl reads through: the library wants a class. */
const readerOver = (Base: typeof RandomAccessReader, window: Window, fd: number): RandomAccessReader => {
  class WindowReader extends Base {
    override read = window.read
    override _readStreamForRange(start: number, end: number): Readable {
      return Readable.from(piecesOf(fd, start, end), { objectMode: false })
    }
    override close(done: (error: Error | null) => void): void {
      close(fd, done)
    }
  }
  return new WindowReader()
}

const listed = (entry: Entry): ListedEntry => ({
  // Its own few bytes: as it comes, it holds on to the whole record.
  name: Buffer.from(entry.fileNameRaw),
  offset: entry.relativeOffsetOfLocalHeader,
  packedBytes: entry.compressedSize,
  bytes: entry.uncompressedSize,
  method: entry.compressionMethod,
  crc: entry.crc32,
  encrypted: entry.isEncrypted(),
})

/** Its header in front of the data may be longer or shorter than the one in the directory. */
const dataStart = async (window: Window, { offset, packedBytes }: EntryPlace, zipBytes: number): Promise<number> => {
  const header = await window.bytes(offset, headerBytes)
  if (header.readUInt32LE(0) !== 0x04034b50) throw zipProblem('where its directory says that it begins there is no entry')
  const start = offset + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (start + packedBytes > zipBytes) throw zipProblem('it ends before its contents do')
  return start
}

const unpackNow = (packed: Buffer, { method, bytes }: EntryPlace): Buffer => {
  if (method === stored) return packed
  try {
    // Room for just what is announced: by itself it takes 16 KiB for each small content, twice as long, and as much garbage.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes), chunkSize: Math.max(leastChunkBytes, bytes + 1) })
  } catch (error) {
    throw asProblem(error)
  }
}

async function* unpackInThread(zip: ZipFile, place: EntryPlace, start: number): AsyncGenerator<Buffer> {
  const { packedBytes, bytes, method } = place
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStreamLowLevel(start, packedBytes, 0, packedBytes, method === deflated, bytes, (error, opened) => {
        if (error === null) resolve(opened)
        else reject(error)
      })
    })
    for await (const piece of stream as AsyncIterable<Buffer>) yield piece
  } catch (error) {
    throw asProblem(error)
  }
}

const requireReadable = ({ encrypted, method }: EntryPlace): void => {
  if (encrypted) throw zipProblem('it is encrypted in the zip')
  if (method !== stored && method !== deflated) throw zipProblem(`it is packed by method ${method}, only deflate is read`)
}

const requireWhole = (place: EntryPlace, bytes: number, crc: number): void => {
  if (bytes !== place.bytes) throw zipProblem(`it has ${bytes} bytes, its directory says ${place.bytes}`)
  if (crc !== place.crc) throw zipProblem('it is damaged in the zip (its checksum differs)')
}

/**
 * @throws ZipProblem for what is no zip
 * @throws the system's error if the file cannot be read
 */
export const openZip = async (path: string): Promise<OpenZip> => {
  const { RandomAccessReader: Base, fromRandomAccessReaderPromise } = await import('yauzl')
  const { size: zipBytes } = await statFile(path)
  const fd = await openFile(path, 'r')
  const window = createWindow(fd)
  const reader = readerOver(Base, window, fd)
  let zip: ZipFile
  try {
    zip = await fromRandomAccessReaderPromise(reader, zipBytes, { autoClose: false, lazyEntries: true, decodeStrings: false })
  } catch (error) {
    close(fd, () => undefined)
    throw asProblem(error)
  }
  zip.on('error', () => undefined)

  async function* entries(): AsyncGenerator<ListedEntry> {
    try {
      for await (const entry of zip.eachEntry()) yield listed(entry)
    } catch (error) {
      throw asProblem(error)
    }
  }
  async function* pieces(place: EntryPlace): AsyncGenerator<Buffer> {
    requireReadable(place)
    let [bytes, crc] = [0, 0]
    for await (const piece of unpackInThread(zip, place, await dataStart(window, place, zipBytes))) {
      bytes += piece.length
      crc = crc32(piece, crc)
      yield piece
    }
    requireWhole(place, bytes, crc)
  }
  const content = async (place: EntryPlace): Promise<Buffer> => {
    if (place.bytes > atOnceBytes || place.packedBytes > atOnceBytes) {
      const all: Buffer[] = []
      for await (const piece of pieces(place)) all.push(piece)
      return Buffer.concat(all)
    }
    requireReadable(place)
    const start = await dataStart(window, place, zipBytes)
    const bytes = unpackNow(await window.bytes(start, place.packedBytes), place)
    requireWhole(place, bytes.length, crc32(bytes))
    return bytes
  }
  /** Null: it must be looked at by itself. */
  const packedAt = async (place: EntryPlace): Promise<Buffer | null> => {
    if (place.encrypted || place.method !== deflated || place.packedBytes > atOnceBytes || place.bytes > atOnceBytes) return null
    try {
      return await window.bytes(await dataStart(window, place, zipBytes), place.packedBytes)
    } catch (error) {
      if (isZipProblem(error)) return null
      throw error
    }
  }
  const oneOf = async (place: EntryPlace): Promise<Buffer | ZipProblem> => {
    try {
      return await content(place)
    } catch (error) {
      if (isZipProblem(error)) return error
      throw error
    }
  }
  const contents = async (places: readonly EntryPlace[]): Promise<readonly (Buffer | ZipProblem)[]> => {
    const results: (Buffer | ZipProblem | null)[] = places.map(() => null)
    const together: { readonly at: number; readonly packed: Buffer; readonly bytes: number; readonly crc: number }[] = []
    for (const [at, place] of places.entries()) {
      const packed = await packedAt(place)
      if (packed !== null) together.push({ at, packed, bytes: place.bytes, crc: place.crc })
    }
    const unpacked = together.length === 0 ? null : unpackTogether(together)
    for (const [n, { at }] of together.entries()) results[at] = unpacked?.[n] ?? null
    const all: (Buffer | ZipProblem)[] = []
    for (const [at, place] of places.entries()) all.push(results[at] ?? (await oneOf(place)))
    return all
  }
  return { zipBytes, entryCount: zip.entryCount, entries, content, contents, pieces, close: () => zip.close() }
}
