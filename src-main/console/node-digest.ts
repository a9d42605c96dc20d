/**
 * Reads what a node says it holds (`GET /nacos/v1/core/ops/digest`), row by row as it comes: one picture at one applied index, however long it
 * is. It judges nothing but whether the picture is whole.
 */

import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { identityHeaders } from '../cluster/own-identity.ts'

export interface DigestHead {
  readonly appliedIndex: number
  readonly stateHash: string
  readonly rows: number
}

export interface DigestRow {
  readonly id: number
  readonly namespace: string
  readonly group: string
  readonly dataId: string
  /** By its name in an answer: all else that two nodes must hold alike. */
  readonly facts: Readonly<Record<'md5' | 'type' | 'encryptedDataKey' | 'createdMs' | 'modifiedMs' | 'index' | 'contentBytes', string | number>>
}

export interface NodeDigest {
  readonly head: DigestHead
  /** Once, in the order of ids. Throws if the picture is torn. */
  readonly rows: AsyncGenerator<DigestRow>
  close(): void
}

/** A node's own words if it refused. */
export type DigestOpened =
  | { readonly ok: true; readonly digest: NodeDigest }
  | { readonly ok: false; readonly httpStatus: number | null; readonly detail: string }

const route = '/nacos/v1/core/ops/digest'
/** Nothing heard for so long: it is stopped, or cut off. */
const silentMsMax = 10_000
const lineCharactersMax = 64 * 1024
const refusalCharactersMax = 1_000

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > lineCharactersMax) throw new Error('an answer of another shape: a line without end')
    yield* lines
  }
}

const rowOf = (cells: unknown): DigestRow => {
  if (!Array.isArray(cells) || cells.length !== 11) throw new Error('an answer of another shape: no row')
  const [id, namespace, group, dataId, md5, type, encryptedDataKey, createdMs, modifiedMs, index, contentBytes] = cells
  return { id, namespace, group, dataId, facts: { md5, type, encryptedDataKey, createdMs, modifiedMs, index, contentBytes } }
}

const torn = (): Error => new Error('the node closed the connection in the middle of its answer')

async function* rowsOf(lines: AsyncGenerator<string>, expected: number): AsyncGenerator<DigestRow> {
  let count = 0
  for await (const line of lines) {
    const value: unknown = JSON.parse(line)
    if (!Array.isArray(value)) {
      if (count !== expected) throw torn()
      return
    }
    count++
    yield rowOf(value)
  }
  throw torn()
}

const headOf = async (lines: AsyncGenerator<string>): Promise<DigestHead> => {
  const first = await lines.next()
  const head = first.done === true ? null : (JSON.parse(first.value) as Partial<DigestHead>)
  if (typeof head?.appliedIndex !== 'number' || typeof head.rows !== 'number') throw torn()
  return { appliedIndex: head.appliedIndex, rows: head.rows, stateHash: String(head.stateHash) }
}

const wordsOf = async (response: IncomingMessage): Promise<string> => {
  let words = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) words = (words + chunk).slice(0, refusalCharactersMax)
  return words.replace(/^caused: |;$/g, '')
}

const ask = (outgoing: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.setTimeout(silentMsMax, () => outgoing.destroy(new Error(`nothing heard for ${silentMsMax} ms`)))
    outgoing.end()
  })

/** Whoever gets a digest closes it, read to its end or not. */
export const openDigest = async ({ host, httpPort }: { readonly host: string; readonly httpPort: number }): Promise<DigestOpened> => {
  const outgoing = request({ host, port: httpPort, path: route, agent: false, headers: identityHeaders({ host, httpPort }) })
  try {
    const response = await ask(outgoing)
    if (response.statusCode !== 200) return { ok: false, httpStatus: response.statusCode ?? null, detail: await wordsOf(response) }
    const lines = linesOf(response)
    const head = await headOf(lines)
    return { ok: true, digest: { head, rows: rowsOf(lines, head.rows), close: () => outgoing.destroy() } }
  } catch (error) {
    outgoing.destroy()
    return { ok: false, httpStatus: null, detail: error instanceof Error ? error.message : String(error) }
  }
}
