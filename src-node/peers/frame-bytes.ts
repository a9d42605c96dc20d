/** Numbers and byte runs of a frame, written and read. The reader never throws: once it failed, it gives zeros. */

export interface ByteWriter {
  byte(value: number): void
  count(value: number): void
  /** Any integer from 0 below 2^53. */
  number(value: number): void
  /** Length-prefixed. */
  bytes(value: Uint8Array): void
  /** Leaves room for the frame's length. */
  beginFrame(): FrameStart
  /** Fills in the length of all that was written since. */
  endFrame(start: FrameStart): void
  chunks(): readonly Uint8Array[]
}

interface FrameStart {
  readonly page: DataView
  readonly at: number
  readonly total: number
}

/** Byte runs from here on are sent from where they lie. */
const copyBytesMax = 16 * 1024
const firstPageBytes = 1024
const pageBytesMax = 64 * 1024
const lengthBytes = 4

export const byteWriter = (): ByteWriter => {
  const done: Uint8Array[] = []
  let page = new DataView(new ArrayBuffer(firstPageBytes))
  /** Where the next byte goes, and where the part of the page begins that is not in `done` yet. */
  let at = 0
  let begun = 0
  /** Bytes written before this page. */
  let before = 0

  const total = (): number => before + at - begun
  const flush = (): void => {
    if (at === begun) return
    done.push(new Uint8Array(page.buffer, begun, at - begun))
    before += at - begun
    begun = at
  }
  const need = (bytes: number): void => {
    if (at + bytes <= page.byteLength) return
    flush()
    page = new DataView(new ArrayBuffer(Math.max(bytes, Math.min(pageBytesMax, page.byteLength * 4))))
    at = begun = 0
  }
  const count = (value: number): void => {
    need(lengthBytes)
    page.setUint32(at, value, true)
    at += lengthBytes
  }

  return {
    byte: (value) => {
      need(1)
      page.setUint8(at++, value)
    },
    count,
    number: (value) => {
      need(8)
      page.setFloat64(at, value, true)
      at += 8
    },
    bytes: (value) => {
      count(value.length)
      if (value.length > copyBytesMax) {
        flush()
        done.push(value)
        before += value.length
        return
      }
      need(value.length)
      new Uint8Array(page.buffer).set(value, at)
      at += value.length
    },
    beginFrame: () => {
      need(lengthBytes)
      at += lengthBytes
      return { page, at: at - lengthBytes, total: total() }
    },
    endFrame: (start) => start.page.setUint32(start.at, total() - start.total, true),
    chunks: () => {
      flush()
      return done
    },
  }
}

export interface ByteReader {
  number(): number
  count(max: number): number
  flag(): boolean
  oneOf<T>(values: readonly T[]): T
  /** Length-prefixed; a view. */
  bytes(): Uint8Array
  failed(): boolean
  /** What was read makes no sense to the caller. */
  fail(): void
  /** Everything was read and nothing failed. */
  finished(): boolean
}

/** @param source is not copied. */
export const byteReader = (source: Uint8Array): ByteReader => {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let at = 0
  let failed = false

  /** Position of the next `bytes` bytes, or -1. */
  const skip = (bytes: number): number => {
    if (failed || bytes > source.length - at) {
      failed = true
      return -1
    }
    at += bytes
    return at - bytes
  }
  const byte = (): number => {
    const from = skip(1)
    return from < 0 ? 0 : view.getUint8(from)
  }
  const count = (max: number): number => {
    const from = skip(lengthBytes)
    const value = from < 0 ? 0 : view.getUint32(from, true)
    if (value <= max) return value
    failed = true
    return 0
  }

  return {
    number: () => {
      const from = skip(8)
      const value = from < 0 ? 0 : view.getFloat64(from, true)
      if (Number.isSafeInteger(value) && value >= 0) return value
      failed = true
      return 0
    },
    count,
    flag: () => {
      const value = byte()
      if (value > 1) failed = true
      return value === 1
    },
    oneOf: <T>(values: readonly T[]): T => {
      const value = byte()
      if (value >= values.length) failed = true
      return values[value < values.length ? value : 0] as T
    },
    bytes: () => {
      const length = count(source.length)
      const from = skip(length)
      return from < 0 ? new Uint8Array(0) : source.subarray(from, from + length)
    },
    failed: () => failed,
    fail: () => {
      failed = true
    },
    finished: () => !failed && at === source.length,
  }
}
