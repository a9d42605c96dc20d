/**
 * The history of configurations (nacos-http 6, 7, 14): its list, a row, the row before, what a row changed, and the configurations of a namespace that a
 * history can be asked for. Rows are looked for in a thread; one that is known by its number is read at once. Must never show a row under names
 * that are not its own: who may read a configuration may not read another one's past.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import type { HistoryRowHead, StoredHistoryRow } from '../../../storage/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { type ConfigNames, v1ConfigNames, v2ConfigNames, v3ConfigNames } from '../config-names.ts'
import { caused, excerpt, missingParameter, refusal, refuse, send } from '../errors.ts'
import { configKey, limitedText, optionalNamespace, positiveInt, rowNumber } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { jsonHeaders, sendResult } from '../result.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { basicPieces } from './config-json.ts'
import { readGray, readWhole } from './content-check.ts'
import { basicHistoryPieces, changePieces, detailHistoryPieces, grayNameOf, headPieces, rowPieces, type Side } from './history-json.ts'
import { inResult, listOf, members, pageOf, sendPieces } from './json-pieces.ts'
import { whenFound } from './lookups.ts'
import { createScanQueue } from './scan-queue.ts'

const pageSizeMax = 500
const usualPageSize = 100

/** How one generation shows what all have. */
interface Generation {
  readonly names: ConfigNames
  head(row: HistoryRowHead): Iterable<string>
  row(row: StoredHistoryRow): Iterable<string>
  /** Of a list of configurations; `appName` costs a look into the store. */
  config(parts: HttpParts, row: ConfigIndexRow): Iterable<string>
  /** There is no such row; `what` says which was asked for. */
  missing(response: ServerResponse, what: string): void
}

/** ConfigInfoWrapper, as its query fills it. */
function* wrapperPieces(parts: HttpParts, row: ConfigIndexRow): Generator<string> {
  const texts = parts.lookups.readTexts(row.id)
  const appName = texts === undefined || texts.appName === '' ? null : texts.appName
  const names = { id: String(row.id), dataId: row.dataId, group: row.group, content: null, md5: null, encryptedDataKey: null }
  yield `{${members({ ...names, tenant: row.namespace, appName, type: row.type, lastModified: row.modifiedMs })}}`
}

const v1: Generation = {
  ...{ names: v1ConfigNames, head: headPieces, row: rowPieces, config: wrapperPieces },
  missing: (response) => send(response, { status: 200, headers: jsonHeaders, body: '' }),
}
const v2: Generation = { ...v1, names: v2ConfigNames, missing: (response) => sendResult(response, null) }
const v3: Generation = {
  ...{ names: v3ConfigNames, head: basicHistoryPieces, row: detailHistoryPieces },
  config: (parts, row) => basicPieces(row, parts.lookups.readTexts(row.id)),
  missing: (_response, what) => refuse(caused(404, `${what} not exist`)),
}

const belongsTo = (row: HistoryRowHead, key: ConfigKey): boolean =>
  row.dataId === key.dataId && row.group === key.group && row.namespace === key.namespace

const otherNames = caused(403, 'Please check dataId, group or namespaceId.')

export interface HistoryHandlers {
  readonly list: Handler
  readonly row: Handler
  readonly previous: Handler
  readonly configs: Handler
}
export interface History {
  readonly v1: HistoryHandlers
  /** `GET /v1/cs/history`: a list or a row, by the word `search`. */
  readonly v1Either: Handler
  readonly v2: HistoryHandlers & { readonly detail: Handler }
  readonly v3: HistoryHandlers
}

export const createHistory = (parts: HttpParts, room: AnswerRoom): History => {
  const { lookups } = parts
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)
  const answer = (response: ServerResponse, { names }: Generation, pieces: Iterable<string>): void => {
    const whole = names.enveloped ? inResult(pieces) : pieces
    sendPieces(parts, response, whole[Symbol.iterator]())
  }
  const sendRow = (response: ServerResponse, row: StoredHistoryRow, key: ConfigKey, generation: Generation): void => {
    if (!belongsTo(row, key)) refuse(otherNames)
    room.reserve(response, row.content.length)
    answer(response, generation, generation.row(row))
  }

  const list =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, generation.names)
      const pageNumber = positiveInt(parameters, 'pageNo', 1)
      const pageSize = Math.min(pageSizeMax, positiveInt(parameters, 'pageSize', usualPageSize))
      lookups.listHistory(
        { ...key, skip: (pageNumber - 1) * pageSize, take: pageSize },
        whenFound(parts, response, ({ total, rows }) => answer(response, generation, pageOf({ total, pageNumber, pageSize }, rows, generation.head))),
      )
    }

  const row =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, generation.names)
      const nid = rowNumber(parameters, 'nid')
      const found = lookups.readHistory(nid)
      if (found === undefined) generation.missing(response, `certain config history for nid = ${nid}`)
      else sendRow(response, found, key, generation)
    }

  const previous =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, generation.names)
      const id = rowNumber(parameters, 'id')
      const missing = (): void => generation.missing(response, `previous config history for id = ${id}`)
      // Rows of inserts have no number of a configuration: 0 stands for that.
      if (id < 1) return missing()
      const answerFound = whenFound<number | null>(parts, response, (nid) => {
        const found = nid === null ? undefined : lookups.readHistory(nid)
        if (found === undefined) missing()
        else sendRow(response, found, key, generation)
      })
      lookups.findHistory({ kind: 'previous', configId: id }, answerFound)
    }

  const configs =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const name = generation.names.namespace
      if (!parameters.has(name)) refuse(missingParameter(name, 'String'))
      const namespace = optionalNamespace(parameters, name)
      const rows: ConfigIndexRow[] = []
      const taken = scans.add({
        rows: parts.configs.all(),
        wanted: () => !response.destroyed,
        visit: (config) => {
          if (config.namespace === namespace) rows.push(config)
        },
        done: () =>
          answerLater(parts, response, () => {
            const pieces = listOf(rows, (config) => generation.config(parts, config))
            answer(response, generation, pieces)
          }),
      })
      if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
    }

  /** What is there now, of the same kind as the row. */
  const current = (row: StoredHistoryRow): Side => {
    const grayName = grayNameOf(row)
    if (grayName === '') {
      const whole = readWhole(parts, row)
      return whole === undefined ? null : { ...whole, extInfo: null }
    }
    const gray = parts.grays.of(row).find((version) => version.grayName === grayName)
    return gray === undefined ? null : { ...gray, content: readGray(parts, gray), extInfo: null }
  }
  /** What an update made of it: what the next row found there, or what is there now. */
  const sendUpdate = (response: ServerResponse, changed: StoredHistoryRow, nextNid: number | null): void => {
    const next = nextNid === null ? undefined : lookups.readHistory(nextNid)
    const updated = next === undefined ? current(changed) : next
    room.reserve(response, changed.content.length + (updated === null || updated === 'nothing' ? 0 : updated.content.length))
    answer(response, v2, changePieces(changed, changed, updated))
  }
  const detail: Handler = (_request, response, parameters) => {
    const key = configKey(parameters, v2.names)
    const found = lookups.readHistory(rowNumber(parameters, 'nid'))
    if (found === undefined) return v2.missing(response, '')
    if (!belongsTo(found, key)) refuse(otherNames)
    if (found.operation === 'U') {
      const which = { kind: 'next', nid: found.nid, ...key, publishType: found.publishType, grayName: grayNameOf(found) } as const
      lookups.findHistory(
        which,
        whenFound(parts, response, (nid) => sendUpdate(response, found, nid)),
      )
      return
    }
    room.reserve(response, found.content.length)
    const pieces = found.operation === 'I' ? changePieces(found, 'nothing', found) : changePieces(found, found, null)
    answer(response, v2, pieces)
  }

  const handlersOf = (generation: Generation): HistoryHandlers => ({
    ...{ list: list(generation), row: row(generation), previous: previous(generation), configs: configs(generation) },
  })
  const ofV1 = handlersOf(v1)
  return {
    ...{ v1: ofV1, v2: { ...handlersOf(v2), detail }, v3: handlersOf(v3) },
    v1Either: (request, response, parameters) => {
      if (!parameters.has('search')) return ofV1.row(request, response, parameters)
      const search = limitedText(parameters, 'search', 32)
      if (search !== 'accurate') refuse(caused(400, `invalid search : ${excerpt(search)}`))
      return ofV1.list(request, response, parameters)
    },
  }
}
