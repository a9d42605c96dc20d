/**
 * `GET /v1/core/ops/digest`: what this node holds, row by row without contents, as it stood at one applied index; two nodes are compared by it. One
 * JSON value a line: first the node, its index, its state hash and how many rows follow; then a row a line, by ids, which are the same on all
 * nodes; then the end, so that a torn answer is no small state. Must never mix rows of two indexes.
 */

import type { ServerResponse } from 'node:http'
import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { createTurns, type Turns } from '../../turns.ts'
import { noCache, refusal, refuse } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import type { Route } from '../router.ts'
import { answerLater } from './answer-later.ts'

/** Each holds one reference a row, and its client's time. */
const digestsMax = 4
/** Of a state that changes while its rows are gathered the next try gets another index; 100,000 rows fit in one turn. */
const triesMax = 50
/** Half of what a turn may take: the more rows fit in one, the less often they are gathered anew. */
const pictureTurnMs = 10
const rowsPerLook = 256
const pieceRows = 256
/** A client that takes nothing for so long loses its connection. */
const untakenMsMax = 30_000

interface Picture {
  readonly appliedIndex: number
  readonly appliedTerm: number
  readonly stateHash: string
  readonly rows: readonly ConfigIndexRow[]
}

/** Rows are never changed, only replaced: references to all of them at one index are a picture of it. Null: the state changed meanwhile. */
const takePicture = async (parts: HttpParts, turns: Turns): Promise<Picture | null> => {
  const { appliedIndex, appliedTerm, stateHash } = parts.meta()
  const rows: ConfigIndexRow[] = []
  for (const row of parts.configs.all()) {
    rows.push(row)
    if (rows.length % rowsPerLook !== 0 || !turns.over()) continue
    await turns.next()
    if (parts.meta().appliedIndex !== appliedIndex) return null
  }
  return { appliedIndex, appliedTerm, stateHash, rows }
}

const line = (value: object): string => `${JSON.stringify(value)}\n`

const rowLine = (row: ConfigIndexRow): string =>
  line([
    row.id,
    row.namespace,
    row.group,
    row.dataId,
    row.md5,
    row.type,
    row.encryptedDataKey,
    row.createdMs,
    row.modifiedMs,
    row.index,
    row.contentBytes,
  ])

function* linesOf(node: number, { appliedIndex, appliedTerm, stateHash, rows }: Picture): Generator<string> {
  yield line({ node, appliedIndex, appliedTerm, stateHash, rows: rows.length })
  for (let at = 0; at < rows.length; at += pieceRows)
    yield rows
      .slice(at, at + pieceRows)
      .map(rowLine)
      .join('')
  yield line({ end: rows.length })
}

const sendLines = (parts: HttpParts, response: ServerResponse, pieces: Iterator<string>): void => {
  const next = (): void => {
    if (response.destroyed) return
    const piece = pieces.next()
    if (piece.done === true) response.end()
    else if (response.write(piece.value)) parts.clock.defer(next)
    else response.once('drain', next)
  }
  response.socket?.setTimeout(untakenMsMax)
  response.writeHead(200, ['Content-Type', 'application/x-ndjson;charset=UTF-8', ...noCache, 'X-Content-Type-Options', 'nosniff'])
  next()
}

/** In the order of ids, which is the machine's own unless a store gave its rows differently. */
const inOrder = (picture: Picture): boolean => picture.rows.every((row, at) => at === 0 || (picture.rows[at - 1]?.id ?? 0) < row.id)

const answer = async (parts: HttpParts, response: ServerResponse): Promise<void> => {
  const turns = createTurns(parts.clock, pictureTurnMs)
  for (let tries = 0; tries < triesMax; tries++) {
    const picture = await takePicture(parts, turns)
    if (response.destroyed) return
    if (picture === null) continue
    const sorted = inOrder(picture) ? picture : { ...picture, rows: [...picture.rows].sort((a, b) => a.id - b.id) }
    return sendLines(parts, response, linesOf(parts.nodeId, sorted))
  }
  answerLater(parts, response, () =>
    refuse(refusal('overloaded', 'the state changes faster than it can be read as a whole; try again when less is written')),
  )
}

export const createDigestRoute = (parts: HttpParts): Route => {
  let running = 0
  return {
    access: 'admin',
    GET: (_request, response) => {
      if (running >= digestsMax) refuse(refusal('overloaded', `this node is being compared ${digestsMax} times already; try again`))
      running++
      response.once('close', () => {
        running--
      })
      answer(parts, response).catch((error: unknown) =>
        answerLater(parts, response, () => {
          throw error
        }),
      )
    },
  }
}
