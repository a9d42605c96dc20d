/**
 * Follows one growing log file: hands out whole lines, in order, each once. Survives rotation (the rest of the old file is read through the
 * open handle before the new one begins), truncation, a file that is not there yet, and characters cut in two. Never reads without bound.
 */

import { type FileHandle, open } from 'node:fs/promises'

/** What is read of the past when a file is first looked at, and after falling too far behind. */
const firstReadBytes = 1024 * 1024
/** A file further ahead than this is not caught up with: the newest `firstReadBytes` are read and the gap is told. */
const furthestBehindBytes = 8 * 1024 * 1024
const chunkBytes = 256 * 1024
/** A line without end is cut into pieces of this size. */
const longestLineBytes = 64 * 1024
const newline = 0x0a

export interface TailResult {
  readonly lines: readonly string[]
  /** Bytes left out because the file grew faster than it was read. */
  readonly skippedBytes: number
}

export interface LogTail {
  /** What was written since the last call. An unreadable or absent file gives no lines. */
  read(): Promise<TailResult>
  /** Closes the file; a later `read` goes on where this one stopped. */
  release(): Promise<void>
}

/** Cuts bytes into lines; what has no end yet waits for more, up to the longest line. */
function createLineCutter() {
  let rest = Buffer.alloc(0)
  /** The bytes began in the middle of a line: its tail is not a line. */
  let midLine = false
  return {
    /** Forgets what waits. */
    restart(inMidLine: boolean) {
      rest = Buffer.alloc(0)
      midLine = inMidLine
    },
    take(chunk: Buffer, lines: string[]) {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (;;) {
        const end = data.indexOf(newline)
        if (end < 0 && data.length < longestLineBytes) break
        const cut = end >= 0 && end < longestLineBytes ? end : longestLineBytes
        const next = data[cut] === newline ? cut + 1 : cut
        if (midLine) midLine = data[cut] !== newline
        else lines.push(data.toString('utf8', 0, cut).replace(/\r$/, ''))
        data = data.subarray(next)
      }
      rest = Buffer.from(data)
    },
    /** No more bytes will come: what waits is a line. */
    finish(lines: string[]) {
      if (rest.length > 0 && !midLine) lines.push(rest.toString('utf8'))
    },
  }
}

export function createLogTail(path: string): LogTail {
  let file: FileHandle | null = null
  let inode: number | null = null
  let offset = 0
  const cutter = createLineCutter()

  const begin = async (handle: FileHandle, fresh: boolean) => {
    const stat = await handle.stat()
    file = handle
    const known = !fresh && inode === stat.ino && stat.size >= offset
    inode = stat.ino
    if (known) return
    offset = fresh ? 0 : Math.max(0, stat.size - firstReadBytes)
    cutter.restart(offset > 0)
  }
  const drain = async (handle: FileHandle, lines: string[]): Promise<number> => {
    const { size } = await handle.stat()
    let skippedBytes = 0
    if (size < offset) {
      offset = 0
      cutter.restart(false)
    }
    if (size - offset > furthestBehindBytes) {
      skippedBytes = size - firstReadBytes - offset
      offset += skippedBytes
      cutter.restart(true)
    }
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, size - offset)))
    while (offset < size) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - offset), offset)
      if (bytesRead === 0) break
      offset += bytesRead
      cutter.take(buffer.subarray(0, bytesRead), lines)
    }
    return skippedBytes
  }
  const close = async () => {
    const old = file
    file = null
    await old?.close()
  }

  return {
    async read() {
      const lines: string[] = []
      let skippedBytes = 0
      try {
        if (!file) await begin(await open(path, 'r'), false)
        if (file) skippedBytes = await drain(file, lines)
        const newer = await openIfOther(path, inode)
        if (newer) {
          // The writer rotated: what it wrote to the old file up to the rename is still behind our handle.
          if (file) skippedBytes += await drain(file, lines)
          cutter.finish(lines)
          await close()
          await begin(newer, true)
          skippedBytes += await drain(newer, lines)
        }
      } catch {
        await close().catch(() => {})
      }
      return { lines, skippedBytes }
    },
    release: () => close().catch(() => {}),
  }
}

/** The file now at `path`, opened, if it is not the one with `inode`; null if it is, or if there is none at the moment. */
async function openIfOther(path: string, inode: number | null): Promise<FileHandle | null> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch {
    return null
  }
  const stat = await handle.stat()
  if (stat.ino !== inode) return handle
  await handle.close()
  return null
}
