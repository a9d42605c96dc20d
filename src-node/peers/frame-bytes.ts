/**
 * Numbers and byte runs of a frame, written and read. The reader never throws: once it failed, it gives zeros.
 *
 * Classes, and pages that many frames share: at one entry a batch a node writes and reads some ten frames for one publish, and a closure for each
 * method, an array buffer and a view for each frame were a quarter of what its collector had to clear away.
 */

interface Page {
  /** A buffer: a socket would make one of any other bytes. */
  readonly bytes: Buffer
  readonly view: DataView
}

interface FrameStart {
  readonly view: DataView
  readonly at: number
  readonly total: number
}

/** Byte runs from here on are sent from where they lie. */
const copyBytesMax = 16 * 1024
/** Chunks that are not larger than this may lie on a page with others. */
export const pageBytes = 64 * 1024
const lengthBytes = 4

const newPage = (bytes: number): Page => {
  const buffer = new ArrayBuffer(bytes)
  return { bytes: Buffer.from(buffer), view: new DataView(buffer) }
}

/** The page on which the next writer begins, and where: bytes that were handed out are never written again. */
let sharedPage = newPage(pageBytes)
let sharedFrom = 0

/** One at a time: what it writes lies on the shared page, so the next may be begun when `chunks` was called. */
export class ByteWriter {
  private readonly done: Uint8Array[] = []
  private page = sharedPage
  /** Where the next byte goes, and where the part of the page begins that is not in `done` yet. */
  private at = sharedFrom
  private begun = sharedFrom
  /** Bytes in `done`. */
  private before = 0

  byte(value: number): void {
    this.need(1)
    this.page.bytes[this.at++] = value
  }

  count(value: number): void {
    this.need(lengthBytes)
    this.page.view.setUint32(this.at, value, true)
    this.at += lengthBytes
  }

  /** Any integer from 0 below 2^53. */
  number(value: number): void {
    this.need(8)
    this.page.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** Length-prefixed. */
  bytes(value: Uint8Array): void {
    this.count(value.length)
    if (value.length > copyBytesMax) {
      this.flush()
      this.done.push(value)
      this.before += value.length
      return
    }
    this.need(value.length)
    this.page.bytes.set(value, this.at)
    this.at += value.length
  }

  /** Leaves room for the frame's length. */
  beginFrame(): FrameStart {
    this.need(lengthBytes)
    this.at += lengthBytes
    return { view: this.page.view, at: this.at - lengthBytes, total: this.total() }
  }

  /** Fills in the length of all that was written since. */
  endFrame(start: FrameStart): void {
    start.view.setUint32(start.at, this.total() - start.total, true)
  }

  chunks(): readonly Uint8Array[] {
    this.flush()
    sharedPage = this.page
    sharedFrom = this.at
    return this.done
  }

  private total(): number {
    return this.before + this.at - this.begun
  }

  private flush(): void {
    if (this.at === this.begun) return
    this.done.push(this.page.bytes.subarray(this.begun, this.at))
    this.before += this.at - this.begun
    this.begun = this.at
  }

  private need(bytes: number): void {
    if (this.at + bytes <= pageBytes) return
    this.flush()
    this.page = newPage(pageBytes)
    this.at = this.begun = 0
  }
}

const double = new DataView(new ArrayBuffer(8))

export class ByteReader {
  private readonly source: Uint8Array
  private at = 0
  private hasFailed = false

  /** @param source is not copied. */
  constructor(source: Uint8Array) {
    this.source = source
  }

  number(): number {
    const from = this.skip(8)
    if (from < 0) return 0
    // A view for each frame would cost more than its few numbers.
    for (let n = 0; n < 8; n++) double.setUint8(n, this.source[from + n] as number)
    const value = double.getFloat64(0, true)
    if (Number.isSafeInteger(value) && value >= 0) return value
    this.hasFailed = true
    return 0
  }

  count(max: number): number {
    const from = this.skip(lengthBytes)
    const value = from < 0 ? 0 : uint32At(this.source, from)
    if (value <= max) return value
    this.hasFailed = true
    return 0
  }

  flag(): boolean {
    const value = this.byte()
    if (value > 1) this.hasFailed = true
    return value === 1
  }

  oneOf<T>(values: readonly T[]): T {
    const value = this.byte()
    if (value >= values.length) this.hasFailed = true
    return values[value < values.length ? value : 0] as T
  }

  /** Length-prefixed; a view. */
  bytes(): Uint8Array {
    const length = this.count(this.source.length)
    const from = this.skip(length)
    return from < 0 ? new Uint8Array(0) : this.source.subarray(from, from + length)
  }

  failed(): boolean {
    return this.hasFailed
  }

  /** What was read makes no sense to the caller. */
  fail(): void {
    this.hasFailed = true
  }

  /** Everything was read and nothing failed. */
  finished(): boolean {
    return !this.hasFailed && this.at === this.source.length
  }

  private byte(): number {
    const from = this.skip(1)
    return from < 0 ? 0 : (this.source[from] as number)
  }

  /** Position of the next `bytes` bytes, or -1. */
  private skip(bytes: number): number {
    if (this.hasFailed || bytes > this.source.length - this.at) {
      this.hasFailed = true
      return -1
    }
    this.at += bytes
    return this.at - bytes
  }
}

/** Little-endian, like all numbers of a frame. */
export const uint32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
