/**
 * `GET /v1/cs/configs?search=` and `?show=all` (nacos-http 5.4, 5.5). A search runs over the index in memory, in slices, and
 * only the rows of the page are read from the store. Our own `omitContent=true` gives rows without contents: what a list needs.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { caused, excerpt, jsonType, refusal, refuse, send } from '../errors.ts'
import { configKey, limitedText, type Parameters, positiveInt, searchNames } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { detailPieces, pagePieces, sendPieces } from './config-json.ts'
import { type ConsistentRead, whenConsistent } from './consistency.ts'
import { readWhole } from './content-check.ts'
import { globMatcher } from './glob.ts'
import { createScanQueue } from './scan-queue.ts'

type Accepts = (text: string) => boolean

const acceptor = (wanted: string, blurred: boolean): Accepts => {
  if (wanted === '' || (blurred && /^\*+$/.test(wanted))) return () => true
  return blurred ? globMatcher(wanted) : (text) => text === wanted
}

const typesOf = (parameters: Parameters): ReadonlySet<string> | null => {
  const given = limitedText(parameters, 'types', 128)
  return given === '' ? null : new Set(given.split(','))
}

const refuseUnindexed = (parameters: Parameters): void => {
  for (const name of ['appName', 'config_tags'])
    if (limitedText(parameters, name, 512) !== '') refuse(caused(501, `a search by ${name} is not served by this version`))
}

/** In the order of row ids, which is the machine's own order unless a store gave its rows differently. */
const inIdOrder = (rows: ConfigIndexRow[]): ConfigIndexRow[] => {
  for (let at = 1; at < rows.length; at++) if ((rows[at - 1]?.id ?? 0) > (rows[at]?.id ?? 0)) return rows.sort((a, b) => a.id - b.id)
  return rows
}

/** A page is read and sent row by row: what it holds at a time is its largest content, or a piece of many small ones. */
const pageTurnBytes = 1024 * 1024
const heldBytes = (rows: readonly ConfigIndexRow[]): number => {
  let largest = 0
  let sum = 0
  for (const { contentBytes } of rows) {
    largest = Math.max(largest, contentBytes)
    sum += contentBytes
  }
  return Math.max(largest, Math.min(sum, pageTurnBytes))
}

interface Wanted {
  readonly pageNumber: number
  readonly pageSize: number
  readonly withContent: boolean
}

const noRoom = 'this node has as many large answers under way as it may; search with omitContent=true or a smaller pageSize, or try again'

export const createSearchConfigs = (parts: HttpParts, room: AnswerRoom): Handler => {
  const sendPage = (response: ServerResponse, rows: readonly ConfigIndexRow[], wanted: Wanted): void => {
    const { pageNumber, pageSize, withContent } = wanted
    const from = (pageNumber - 1) * pageSize
    const shown = rows.slice(from, from + pageSize)
    if (withContent) room.reserve(response, heldBytes(shown), noRoom)
    const content = (row: ConfigIndexRow) => (withContent ? readWhole(parts, row) : undefined)
    sendPieces(parts, response, pagePieces({ total: rows.length, pageNumber, pageSize, rows: shown, content }))
  }
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)
  return (_request, response, parameters) => {
    const search = limitedText(parameters, 'search', 32)
    if (search !== 'accurate' && search !== 'blur') refuse(caused(400, `invalid search : ${excerpt(search)}`))
    const blurred = search === 'blur'
    const names = searchNames(parameters, blurred)
    refuseUnindexed(parameters)
    const pageNumber = positiveInt(parameters, 'pageNo')
    const pageSize = positiveInt(parameters, 'pageSize')
    const types = blurred ? typesOf(parameters) : null
    const withContent = limitedText(parameters, 'omitContent', 8) !== 'true'
    const dataId = acceptor(names.dataId, blurred)
    const group = acceptor(names.group, blurred)
    const rows: ConfigIndexRow[] = []
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        if (row.namespace !== names.namespace || !dataId(row.dataId) || !group(row.group)) return
        if (types === null || types.has(row.type)) rows.push(row)
      },
      done: () => answerLater(parts, response, () => sendPage(response, inIdOrder(rows), { pageNumber, pageSize, withContent })),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
  }
}

/** A missing configuration is an empty body with status 200, as in Nacos. */
export const createShowConfig = (parts: HttpParts, room: AnswerRoom): ConsistentRead => {
  const show = (response: ServerResponse, key: ConfigKey): void => {
    room.reserve(response, parts.configs.find(key)?.contentBytes ?? 0)
    const row = readWhole(parts, key)
    parts.counters.reads++
    if (row === undefined) send(response, { status: 200, headers: ['Content-Type', jsonType], body: '' })
    else sendPieces(parts, response, detailPieces(row))
  }
  return (response, parameters, consistency) => {
    const key = configKey(parameters)
    whenConsistent(parts, response, consistency, () => show(response, key))
  }
}
