/**
 * Searches of configurations by names, types, application, tags and content (nacos-http 5.5, 14), for every generation of the API. The index in memory is
 * walked in slices; what it lacks the store looks for in a thread before that; only the rows of the page are read. Our own `omitContent=true` gives
 * rows without contents: what a list needs.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { type ConfigNames, v1ConfigNames, v3ConfigNames } from '../config-names.ts'
import { caused, excerpt, refusal, refuse } from '../errors.ts'
import { limitedText, type Parameters, positiveInt, searchNames } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { basicPieces, foundPieces, listedPieces } from './config-json.ts'
import { readWhole } from './content-check.ts'
import { globMatcher } from './glob.ts'
import { inResult, pageOf, sendPieces } from './json-pieces.ts'
import { whenFound } from './lookups.ts'
import { createScanQueue } from './scan-queue.ts'

type Accepts = (text: string) => boolean

const acceptor = (wanted: string, blurred: boolean): Accepts => {
  if (wanted === '' || (blurred && /^\*+$/.test(wanted))) return () => true
  return blurred ? globMatcher(wanted) : (text) => text === wanted
}

/** By halves: a set of so many would cost a turn to build. */
const isAmong = (ascending: Float64Array, id: number): boolean => {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((ascending[middle] ?? 0) < id) from = middle + 1
    else to = middle
  }
  return ascending[from] === id
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

/** `found`: with contents, as v1 has it. `listed`: ours. `basic`: v3. */
type Shape = 'found' | 'listed' | 'basic'

interface Wanted {
  readonly pageNumber: number
  readonly pageSize: number
  readonly shape: Shape
  readonly leftOut: 'nothing' | 'key' | 'key-and-type'
}

export interface ConfigSearchOrder extends Wanted {
  readonly keys: ConfigKey
  readonly blurred: boolean
  readonly types: ReadonlySet<string> | null
  readonly appName: string | null
  readonly tags: readonly string[]
  readonly content: string | null
}

const wordsMax = 512
const contentCharactersMax = 4096

const given = (text: string): string | null => (text.trim() === '' ? null : text)

/** What is looked for without `*` may stand anywhere: nobody means a whole content. */
const contentOf = (text: string): string | null => (given(text) === null || text.includes('*') ? given(text) : `*${text}*`)

const leftOutBy = (tags: readonly string[], blurred: boolean): Wanted['leftOut'] => {
  if (tags.length === 0) return 'nothing'
  return blurred ? 'key' : 'key-and-type'
}

const searchOf = (parameters: Parameters, fallback: string): 'accurate' | 'blur' => {
  const word = parameters.has('search') ? limitedText(parameters, 'search', 32) : fallback
  return word === 'accurate' || word === 'blur' ? word : refuse(caused(400, `invalid search : ${excerpt(word)}`))
}

const commaList = (parameters: Parameters, name: string): readonly string[] =>
  limitedText(parameters, name, wordsMax)
    .split(',')
    .filter((word) => word !== '')

interface SearchRules {
  readonly names: ConfigNames
  /** Where the search word may be absent; v1 takes it for the sign that a search is meant. */
  readonly word: '' | 'blur'
  readonly byContent: boolean
}

const orderOf = (parameters: Parameters, { names, word, byContent }: SearchRules): ConfigSearchOrder => {
  const blurred = searchOf(parameters, word) === 'blur'
  const { enveloped } = names
  const tags = commaList(parameters, names.tags)
  const types = blurred ? commaList(parameters, names.types) : []
  const listed = limitedText(parameters, 'omitContent', 8) === 'true'
  return {
    ...{ keys: searchNames(parameters, blurred, names), blurred, tags, types: types.length === 0 ? null : new Set(types) },
    appName: given(limitedText(parameters, 'appName', wordsMax)),
    content: byContent ? contentOf(limitedText(parameters, names.content, contentCharactersMax)) : null,
    pageNumber: positiveInt(parameters, 'pageNo', ...(enveloped ? [1] : [])),
    pageSize: positiveInt(parameters, 'pageSize', ...(enveloped ? [100] : [])),
    ...{ shape: enveloped ? 'basic' : listed ? 'listed' : 'found', leftOut: leftOutBy(tags, blurred) },
  }
}

const noRoom = 'this node has as many large answers under way as it may; search with omitContent=true or a smaller pageSize, or try again'
const tooMany = refusal('overloaded', 'this node has as many searches under way as it may; try again')

export interface ConfigSearches {
  /** `GET /v1/cs/configs?search=`. */
  readonly v1: Handler
  /** `GET /v2/cs/config/searchDetail`: names and page of v1, and the content. */
  readonly v2: Handler
  readonly v3: Handler
}

export const createSearchConfigs = (parts: HttpParts, room: AnswerRoom): ConfigSearches => {
  const rowPieces = (row: ConfigIndexRow, { shape, leftOut }: Wanted): Iterable<string> => {
    if (shape === 'found') return foundPieces(row, readWhole(parts, row), leftOut)
    const texts = parts.lookups.readTexts(row.id)
    return shape === 'listed' ? listedPieces(row, texts) : basicPieces(row, texts)
  }
  const sendPage = (response: ServerResponse, rows: readonly ConfigIndexRow[], wanted: Wanted): void => {
    const { pageNumber, pageSize, shape } = wanted
    const from = (pageNumber - 1) * pageSize
    const shown = rows.slice(from, from + pageSize)
    if (shape === 'found') room.reserve(response, heldBytes(shown), noRoom)
    const page = pageOf({ total: rows.length, pageNumber, pageSize }, shown, (row) => rowPieces(row, wanted))
    sendPieces(parts, response, shape === 'basic' ? inResult(page) : page)
  }
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)

  /** `ids`: what the store has found; null: it was not asked. */
  const scan = (response: ServerResponse, order: ConfigSearchOrder, ids: Float64Array | null): void => {
    const { keys, blurred, types } = order
    const dataId = acceptor(keys.dataId, blurred)
    const group = acceptor(keys.group, blurred)
    const rows: ConfigIndexRow[] = []
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        if (row.namespace !== keys.namespace || !dataId(row.dataId) || !group(row.group)) return
        if ((types === null || types.has(row.type)) && (ids === null || isAmong(ids, row.id))) rows.push(row)
      },
      done: () => answerLater(parts, response, () => sendPage(response, inIdOrder(rows), order)),
    })
    if (!taken) refuse(tooMany)
  }

  const find = (response: ServerResponse, order: ConfigSearchOrder): void => {
    const { keys, appName, tags, content } = order
    if (appName === null && tags.length === 0 && content === null) {
      scan(response, order, null)
      return
    }
    parts.lookups.findConfigs(
      { namespace: keys.namespace, appName, tags, content },
      whenFound(parts, response, (ids) => scan(response, order, ids)),
    )
  }
  const by =
    (rules: SearchRules): Handler =>
    (_request, response, parameters) =>
      find(response, orderOf(parameters, rules))
  return {
    v1: by({ names: v1ConfigNames, word: '', byContent: false }),
    v2: by({ names: v1ConfigNames, word: 'blur', byContent: true }),
    v3: by({ names: v3ConfigNames, word: 'blur', byContent: true }),
  }
}
