/**
 * `GET /v1/cs/configs?search=` and `?show=all` (nacos-http 5.4, 5.5). A search runs over the index in memory, and only the
 * rows of the page are read from the store. Our own `omitContent=true` gives rows without contents: what a list needs.
 */

import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { caused, excerpt, jsonType, refuse, send } from '../errors.ts'
import { configKey, limitedText, type Parameters, positiveInt, searchNames } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { detailPieces, pagePieces, sendPieces } from './config-json.ts'
import { readWhole } from './content-check.ts'

/**
 * `*` is any run of characters, all else is itself. Looks back to the last star only, so its time is bounded by the product
 * of the lengths, whatever the pattern (a regular expression with many stars is not).
 */
const matchesGlob = (text: string, pattern: string): boolean => {
  let at = 0
  let place = 0
  let star = -1
  let retry = 0
  while (at < text.length) {
    if (pattern[place] === '*') {
      star = place++
      retry = at
    } else if (place < pattern.length && pattern[place] === text[at]) {
      place++
      at++
    } else if (star >= 0) {
      place = star + 1
      at = ++retry
    } else return false
  }
  while (pattern[place] === '*') place++
  return place === pattern.length
}

type Accepts = (text: string) => boolean

const acceptor = (wanted: string, blurred: boolean): Accepts => {
  if (wanted === '' || (blurred && /^\*+$/.test(wanted))) return () => true
  if (!blurred || !wanted.includes('*')) return (text) => text === wanted
  return (text) => matchesGlob(text, wanted)
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

const noRoom = 'this node has as many large answers under way as it may; search with omitContent=true or a smaller pageSize, or try again'

export const createSearchConfigs = (parts: HttpParts, room: AnswerRoom): Handler => {
  const select = (names: ConfigKey, blurred: boolean, types: ReadonlySet<string> | null): ConfigIndexRow[] => {
    const dataId = acceptor(names.dataId, blurred)
    const group = acceptor(names.group, blurred)
    const rows: ConfigIndexRow[] = []
    for (const row of parts.configs.all()) {
      if (row.namespace !== names.namespace || !dataId(row.dataId) || !group(row.group)) continue
      if (types === null || types.has(row.type)) rows.push(row)
    }
    return inIdOrder(rows)
  }
  return (_request, response, parameters) => {
    const search = limitedText(parameters, 'search', 32)
    if (search !== 'accurate' && search !== 'blur') refuse(caused(400, `invalid search : ${excerpt(search)}`))
    const blurred = search === 'blur'
    const names = searchNames(parameters, blurred)
    refuseUnindexed(parameters)
    const pageNumber = positiveInt(parameters, 'pageNo')
    const pageSize = positiveInt(parameters, 'pageSize')
    const rows = select(names, blurred, blurred ? typesOf(parameters) : null)
    const from = (pageNumber - 1) * pageSize
    const withContent = limitedText(parameters, 'omitContent', 8) !== 'true'
    const content = (row: ConfigIndexRow) => (withContent ? readWhole(parts, row) : undefined)
    const shown = rows.slice(from, from + pageSize)
    if (withContent) room.reserve(response, heldBytes(shown), noRoom)
    const page = { total: rows.length, pageNumber, pageSize, rows: shown, content }
    sendPieces(parts, response, pagePieces(page))
  }
}

/** A missing configuration is an empty body with status 200, as in Nacos. */
export const createShowConfig =
  (parts: HttpParts, room: AnswerRoom): Handler =>
  (_request, response, parameters) => {
    const key = configKey(parameters)
    room.reserve(response, parts.configs.find(key)?.contentBytes ?? 0)
    const row = readWhole(parts, key)
    parts.counters.reads++
    if (row === undefined) send(response, { status: 200, headers: ['Content-Type', jsonType], body: '' })
    else sendPieces(parts, response, detailPieces(row))
  }
