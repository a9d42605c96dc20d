/** One answer in one write: head and body of a small answer as the bytes that node:http would send. Owns the response of a plain request. */

import type { PlainResponse } from './plain-port.ts'

/** Not by `import`, for the reason that server.ts gives. */
const { STATUS_CODES: reasons } = process.getBuiltinModule('node:http')

export interface AnswerWriter {
  readonly socket: { readonly destroyed: boolean; setTimeout(ms: number): unknown; destroy(): unknown }
  /** The lines that every answer has: date and what becomes of the connection. */
  closingLines(): string
  /** Called once, with all of the answer: one character for each byte, and, of a large one, the body by itself. */
  write(answer: string, body: Uint8Array | null): void
  /** Has `left` called when the answer has left, or its client is gone. */
  onLeft(left: () => void): void
}

/** A body of this size leaves as one string together with its head, in one write: a seventh less processor time than two. */
export const oneWriteBytesMax = 16 * 1024

/** What could end a header's line early must never come out of a value. */
const isLine = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

const headOf = (status: number, headers: readonly string[]): string => {
  let head = `HTTP/1.1 ${status} ${reasons[status] ?? 'Unknown'}\r\n`
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] as string
    if (!isLine(value)) throw new Error(`the header ${headers[at]} of an answer has a character that no header may have`)
    head += `${headers[at]}: ${value}\r\n`
  }
  return head
}

const viewOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength)

/** A class: there is one for each request, and to make an object with three getters of its own cost a node 0.7 % of its time. */
export class PlainAnswer implements PlainResponse {
  private readonly writer: AnswerWriter
  private head: string | null = null
  private isSent = false

  constructor(writer: AnswerWriter) {
    this.writer = writer
  }

  get destroyed(): boolean {
    return this.writer.socket.destroyed
  }

  get headersSent(): boolean {
    return this.head !== null
  }

  get socket(): AnswerWriter['socket'] | null {
    return this.writer.socket.destroyed ? null : this.writer.socket
  }

  writeHead(status: number, headers: readonly string[]): void {
    if (this.head !== null) throw new Error('a plain request is answered once')
    this.head = headOf(status, headers)
  }

  end(body: string | Uint8Array, encoding?: 'latin1'): void {
    if (this.head === null || this.isSent) throw new Error('a plain answer has one head and one body')
    this.isSent = true
    const { writer } = this
    if (writer.socket.destroyed) return
    const before = `${this.head}${writer.closingLines()}\r\n`
    if (typeof body === 'string' && encoding === 'latin1') {
      writer.write(before + body, null)
      return
    }
    const bytes = typeof body === 'string' ? Buffer.from(body) : viewOf(body)
    if (bytes.length <= oneWriteBytesMax) writer.write(before + bytes.toString('latin1'), null)
    else writer.write(before, bytes)
  }

  destroy(): void {
    this.writer.socket.destroy()
  }

  once(_close: 'close', left: () => void): void {
    this.writer.onLeft(left)
  }
}
