/**
 * Moves the configuration zip between a file and a node, as any client would (nacos-http 5.7, 5.8): streamed both ways, with progress. A file that
 * is there already is never written over, and one that did not come whole is taken away.
 */

import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { identityHeaders } from '../cluster/own-identity.ts'
import type { NodePlace } from '../cluster/types.ts'

type Place = Pick<NodePlace, 'host' | 'httpPort'>

export interface ExportResult {
  readonly bytes: number
}

export interface ImportResult {
  readonly succCount: number
  readonly skipCount: number
  readonly failData: readonly { readonly dataId: string; readonly group: string; readonly reason?: string }[]
  readonly unrecognizedCount: number
}

export interface ImportState {
  readonly total: number
  readonly written: number
  readonly skipped: number
  readonly failed: number
}

export type Transfer<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly detail: string }

export interface ZipOrder {
  readonly place: Place
  readonly file: string
  readonly namespace: string
}

const route = '/nacos/v1/cs/configs'
const progressRoute = '/nacos/v1/core/ops/import'
/** An export that gives nothing for so long is over; an import answers at its end only, and progress is asked beside it. */
const silentMsMax = 60_000
const importMsMax = 30 * 60_000
const progressEveryMs = 500
/** Two lists of a hundred thousand names each. */
const answerBytesMax = 64 * 1024 * 1024

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const textOf = async (response: IncomingMessage, bytesMax: number): Promise<string> => {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > bytesMax) throw new Error('the answer is larger than is read')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

interface Asked extends Pick<RequestOptions, 'method' | 'path' | 'headers'> {
  readonly silentMs: number
}

/** `write` fills the body; the answer may come before it is done. */
const ask = (place: Place, { silentMs, headers, ...options }: Asked, write: (body: Writable) => void): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const shown = { ...headers, ...identityHeaders(place) }
    const outgoing = request({ host: place.host, port: place.httpPort, agent: false, ...options, headers: shown })
    outgoing.setTimeout(silentMs, () => outgoing.destroy(new Error(`nothing heard from the node for ${silentMs} ms`)))
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    write(outgoing)
  })

const refusedWith = async (response: IncomingMessage): Promise<string> =>
  `${response.statusCode}: ${(await textOf(response, answerBytesMax)).slice(0, 500)}`

const counter = (told: (bytes: number) => void): { readonly stream: Transform; bytes(): number } => {
  let bytes = 0
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length
      told(bytes)
      done(null, piece)
    },
  })
  return { stream, bytes: () => bytes }
}

/** @param told bytes so far, often */
export const exportToFile = async ({ place, file, namespace }: ZipOrder, told: (bytes: number) => void): Promise<Transfer<ExportResult>> => {
  const query = new URLSearchParams({ exportV2: 'true', tenant: namespace, group: '', dataId: '', appName: '', ids: '' })
  let begun = false
  try {
    const response = await ask(place, { method: 'GET', path: `${route}?${query}`, silentMs: silentMsMax }, (body) => void body.end())
    if (response.statusCode !== 200) return { ok: false, detail: await refusedWith(response) }
    const count = counter(told)
    const target = createWriteStream(file, { flags: 'wx' })
    target.once('open', () => {
      begun = true
    })
    await pipeline(response, count.stream, target)
    return { ok: true, result: { bytes: count.bytes() } }
  } catch (error) {
    // Only what this export made: the error may be that the file was there.
    if (begun) await rm(file, { force: true })
    return { ok: false, detail: wordsOf(error) }
  }
}

/** The boundary is drawn anew each time: a file cannot hold it but by chance. */
const formAround = (boundary: string): { readonly before: Buffer; readonly after: Buffer } => ({
  before: Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="configs.zip"\r\nContent-Type: application/zip\r\n\r\n`,
  ),
  after: Buffer.from(`\r\n--${boundary}--\r\n`),
})

const askProgress = async (place: Place): Promise<ImportState | null> => {
  const response = await ask(place, { method: 'GET', path: progressRoute, silentMs: progressEveryMs * 4 }, (body) => void body.end())
  const { data } = JSON.parse(await textOf(response, answerBytesMax)) as { data?: { running?: ImportState | null } }
  return data?.running ?? null
}

/** Asks until it is stopped; a question without an answer is no failure of the import. */
const followProgress = (place: Place, told: (state: ImportState) => void): (() => void) => {
  const look = (): void => {
    askProgress(place)
      .then((state) => state !== null && told(state))
      .catch(() => undefined)
  }
  const timer = setInterval(look, progressEveryMs)
  return () => clearInterval(timer)
}

const resultOf = (text: string): Transfer<ImportResult> => {
  const answer = JSON.parse(text) as { code?: number; message?: string; data?: Partial<ImportResult> }
  const { succCount = 0, skipCount = 0, failData = [], unrecognizedCount = 0 } = answer.data ?? {}
  if (answer.code === 200) return { ok: true, result: { succCount, skipCount, failData, unrecognizedCount } }
  const counts = succCount > 0 ? ` (${succCount} were written, ${skipCount} not tried, ${failData.length} failed)` : ''
  return { ok: false, detail: `${answer.message ?? `code ${answer.code}`}${counts}` }
}

export const importFromFile = async (
  { place, file, namespace }: ZipOrder,
  policy: string,
  told: (state: ImportState) => void,
): Promise<Transfer<ImportResult>> => {
  const query = new URLSearchParams({ import: 'true', namespace, policy })
  const boundary = `nacos-trio-${randomUUID()}`
  const { before, after } = formAround(boundary)
  try {
    const { size } = await stat(file)
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(before.length + size + after.length) }
    const stop = followProgress(place, told)
    try {
      const response = await ask(place, { method: 'POST', path: `${route}?${query}`, headers, silentMs: importMsMax }, (body) => {
        body.write(before)
        const source = createReadStream(file)
        source.on('error', (error) => body.destroy(error))
        source.on('end', () => body.end(after))
        source.pipe(body, { end: false })
      })
      return response.statusCode === 200 ? resultOf(await textOf(response, answerBytesMax)) : { ok: false, detail: await refusedWith(response) }
    } finally {
      stop()
    }
  } catch (error) {
    return { ok: false, detail: wordsOf(error) }
  }
}
