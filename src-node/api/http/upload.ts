/**
 * Takes one file out of a multipart body and puts it on the disk as it comes: nothing of its size is ever in memory. Owns the limits of such a
 * body; whoever asks owns the file, and removes it. Must never keep a name that the client gave.
 */

import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { BusboyHeaders, BusboyInstance } from '@fastify/busboy'
import { type Answer, caused, refusal } from './errors.ts'

export type Upload =
  /** `received` false: there was no such file in the body. */
  | { readonly kind: 'taken'; readonly received: boolean; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: 'refused'; readonly answer: Answer }
  /** The client went away: nobody to answer. */
  | { readonly kind: 'gone' }

export interface UploadOrder {
  /** The form's name of the file; other files are thrown away. */
  readonly fieldName: string
  /** Must not exist yet. */
  readonly path: string
  readonly bytesMax: number
  readonly tooLarge: Answer
}

/** What a form has besides its file. */
export const formSlackBytes = 64 * 1024
const partsMax = 20
const fieldBytesMax = 1024
const partHeadersMax = 20
const partHeaderBytesMax = 8 * 1024

export const isMultipart = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^\s*multipart\/form-data\s*;/i.test(contentType)

const noRoom = refusal('disk_full', 'the disk is full: the file could not be taken, and nothing was written')
const unreadable = (error: unknown): Answer =>
  caused(400, `the multipart body cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'it is broken'}`)

/** An error of the disk has a system call; one of the form has none. */
const isSystemError = (error: unknown): error is Error & { code: string } => error instanceof Error && 'syscall' in error && 'code' in error

const parserFor = async (request: IncomingMessage, bytesMax: number): Promise<BusboyInstance | Answer> => {
  const { Busboy } = await import('@fastify/busboy')
  const limits = { fileSize: bytesMax, parts: partsMax, fieldSize: fieldBytesMax, headerPairs: partHeadersMax, headerSize: partHeaderBytesMax }
  try {
    return new Busboy({ headers: request.headers as BusboyHeaders, limits })
  } catch (error) {
    return unreadable(error)
  }
}

/** @throws the system's error if the file cannot be written, unless the disk is full */
export const takeUpload = async (request: IncomingMessage, order: UploadOrder): Promise<Upload> => {
  const parser = await parserFor(request, order.bytesMax)
  if ('status' in parser) return { kind: 'refused', answer: parser }
  if (request.destroyed) return { kind: 'gone' }
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    let writing: Promise<void> | null = null
    /** Closes the file that is being written: a form that breaks off would leave it open for ever. */
    const letGo = new AbortController()
    let ended = false
    const end = (act: () => void): void => {
      if (ended) return
      ended = true
      request.unpipe(parser)
      letGo.abort()
      act()
    }
    const refuse = (answer: Answer): void => end(() => resolve({ kind: 'refused', answer }))
    const failed = (error: unknown): void => {
      if (!isSystemError(error)) refuse(unreadable(error))
      else if (error.code === 'ENOSPC') refuse(noRoom)
      else end(() => reject(error))
    }
    parser.on('file', (name, stream) => {
      if (name !== order.fieldName || writing !== null) return void stream.resume()
      stream.on('limit', () => refuse(order.tooLarge))
      writing = pipeline(stream, createWriteStream(order.path, { flags: 'wx', mode: 0o600 }), { signal: letGo.signal })
      writing.catch(failed)
    })
    parser.on('field', (name, value) => void fields.set(name, value))
    parser.on('partsLimit', () => refuse(caused(400, `the multipart body has over ${partsMax} parts`)))
    parser.on('error', failed)
    parser.on('finish', () => {
      const done = (): void => end(() => resolve({ kind: 'taken', received: writing !== null, fields }))
      if (writing === null) done()
      else writing.then(done, failed)
    })
    request.on('close', () => {
      if (!request.complete) end(() => resolve({ kind: 'gone' }))
    })
    request.pipe(parser)
  })
}
