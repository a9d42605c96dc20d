/**
 * The export of configurations as a zip (nacos-http 5.7), from this node's own applied state, sent as it is made. Owns which rows are meant and
 * how many exports may run; must never send bytes that are not those which were written.
 */

import type { ServerResponse } from 'node:http'
import { spareHeap } from '../../../observe/heap-thrift.ts'
import type { ConfigIndexRow, ConfigRow } from '../../../state-machine/types.ts'
import { isStorageFailure } from '../../../storage/storage-failure.ts'
import { createTurns } from '../../turns.ts'
import { exportConfigs, type ZipFormat } from '../../zip/export-configs.ts'
import { md5Of } from '../content-hash.ts'
import { caused, excerpt, refusal, refuse } from '../errors.ts'
import { limitedText, optionalNamespace, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { refuseOthers } from '../resources.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { otherMd5, readWhole } from './content-check.ts'
import { globMatcher } from './glob.ts'
import { createScanQueue } from './scan-queue.ts'
import type { ZipNames } from './zip-names.ts'

/** Each holds the metadata of what it sends, and its client's time. */
const exportsMax = 2
/** What leaves at once: entries of a few hundred bytes each would cost a write each. */
const pieceBytes = 64 * 1024
/** A client that takes nothing for so long loses its connection: others wait for the place. */
const untakenMsMax = 30_000
const nameCharactersMax = 256
const idsCharactersMax = 100_000

interface Filter {
  wants(row: ConfigIndexRow): boolean
  /** '' wants all; it stands in the store alone. */
  readonly appName: string
}

const idsOf = (parameters: Parameters): ReadonlySet<number> | null => {
  const words = limitedText(parameters, 'ids', idsCharactersMax)
    .split(',')
    .filter((word) => word.trim() !== '')
  for (const word of words) if (!/^\s*\d{1,15}\s*$/.test(word)) refuse(caused(400, `For input string: "${excerpt(word)}"`))
  return words.length === 0 ? null : new Set(words.map(Number))
}

/** Given ids are all that counts, as in Nacos; else `*` in a dataId stands for anything, and group and application are exact. */
const filterOf = (parameters: Parameters, names: ZipNames): Filter => {
  const namespace = optionalNamespace(parameters, names.exportNamespace)
  const ids = idsOf(parameters)
  if (ids !== null) return { wants: ({ id }) => ids.has(id), appName: '' }
  const dataId = limitedText(parameters, 'dataId', nameCharactersMax)
  const group = limitedText(parameters, names.group, nameCharactersMax)
  const fits = dataId.includes('*') ? globMatcher(dataId) : (text: string) => dataId === '' || text === dataId
  return {
    wants: (row) => row.namespace === namespace && (group === '' || row.group === group) && fits(row.dataId),
    appName: limitedText(parameters, 'appName', nameCharactersMax),
  }
}

const formatOf = (parameters: Parameters, names: ZipNames): ZipFormat =>
  names.asked && limitedText(parameters, 'exportV2', 8) !== 'true' ? 'v1' : 'v2'

const headersOf = (parts: HttpParts): readonly string[] => {
  const stamp = new Date(parts.clock.wallMs()).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return [
    ...['Content-Type', 'application/octet-stream', 'Content-Disposition', `attachment;filename=nacos_config_export_${stamp}.zip`],
    ...['X-Content-Type-Options', 'nosniff', 'Nacos-Trio-Node', String(parts.nodeId)],
  ]
}

const takenBy = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.removeListener('drain', done)
      response.removeListener('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })

/** The head goes with the first bytes: what fails before them can still be answered. */
const sendAll = async (response: ServerResponse, headers: readonly string[], pieces: AsyncIterable<Buffer>): Promise<void> => {
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, [...headers])
  }
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    bytes += piece.length
    if (bytes < pieceBytes) continue
    begin()
    const taken = response.write(Buffer.concat(waiting, bytes))
    waiting = []
    bytes = 0
    if (!taken && !response.destroyed) await takenBy(response)
    if (response.destroyed) return
  }
  begin()
  response.end(Buffer.concat(waiting, bytes))
}

/** @throws a `StorageFailure` for bytes that are not those of the row's md5 */
const loader =
  (parts: HttpParts, appName: string) =>
  async (row: ConfigIndexRow): Promise<ConfigRow | undefined> => {
    const whole = readWhole(parts, row)
    if (whole === undefined || (appName !== '' && whole.appName !== appName)) return undefined
    const { content } = whole
    const md5 = await new Promise<string>((resolve) => md5Of(Buffer.from(content.buffer, content.byteOffset, content.length), resolve))
    if (md5 !== whole.md5) throw otherMd5(whole)
    return whole
  }

export const createExportZip = (parts: HttpParts, names: ZipNames): Handler => {
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)
  let running = 0

  const send = (response: ServerResponse, rows: readonly ConfigIndexRow[], order: { readonly format: ZipFormat; readonly appName: string }): void => {
    if (response.destroyed) return
    response.socket?.setTimeout(untakenMsMax)
    const pieces = exportConfigs({
      ...{ format: order.format, rows, load: loader(parts, order.appName) },
      ...{ wallMs: parts.clock.wallMs(), turns: createTurns(parts.clock) },
    })
    sendAll(response, headersOf(parts), pieces).catch((error: unknown) => {
      if (!isStorageFailure(error)) parts.failed('making an export', error)
      answerLater(parts, response, () => {
        throw error
      })
    })
  }

  return (request, response, parameters) => {
    const { wants, appName } = filterOf(parameters, names)
    const format = formatOf(parameters, names)
    if (request.method === 'HEAD') {
      response.writeHead(200, [...headersOf(parts)])
      response.end()
      return
    }
    if (running >= exportsMax) refuse(refusal('overloaded', `this node makes ${exportsMax} exports already; try again`))
    const rows: ConfigIndexRow[] = []
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        if (wants(row)) rows.push(row)
      },
      done: () =>
        answerLater(parts, response, () => {
          refuseOthers(parameters, 'r', rows)
          send(response, rows, { format, appName })
        }),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
    running++
    const spared = spareHeap()
    response.once('close', () => {
      running--
      spared()
    })
  }
}
