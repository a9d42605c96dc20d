/**
 * Capacities of groups and namespaces (nacos-http 6, 14): how many configurations there are, which this node counts in slices, and the limits that an
 * operator has set, or Nacos's own. As with Nacos unless it is told otherwise, nothing is refused because of them.
 */

import type { ServerResponse } from 'node:http'
import type { CapacityLimits, CapacityRow, CapacityScope, PutCapacity } from '../../../state-machine/areas/capacity-words.ts'
import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { whenRecordFits } from '../column-excess.ts'
import { type Answer, caused, excerpt, missingParameter, refusal, refuse } from '../errors.ts'
import { limitedText, normalNamespace, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, restResultAnswer, resultAnswer, sendIfThere } from '../result.ts'
import type { Handler, Route } from '../router.ts'
import { createScanQueue } from './scan-queue.ts'
import { answerToWrite } from './write-config.ts'

/** Of a row as it would stand in a table: no number is too long for one. */
const newLimits = {
  kind: 'capacity',
  ...{ id: 0, createdMs: 0, modifiedMs: 0, quota: 0, maxSize: 0, maxAggrCount: 0, maxAggrSize: 0 },
} as const

interface Generation {
  readonly group: string
  readonly namespace: string
  /** Neither of them was given. */
  readonly nothingNamed: () => Answer
  readonly nothingToSet: () => Answer
  success(data: unknown): Answer
}

const inBody = (message: string): Answer => jsonAnswer({ code: 400, message, data: null })
const limitNames = ['quota', 'maxSize', 'maxAggrCount', 'maxAggrSize'] as const satisfies readonly (keyof CapacityLimits)[]
const nothingToSetWords = `The parameters ${limitNames.join(', ')} cannot be empty at the same time`

const v1: Generation = {
  ...{ group: 'group', namespace: 'tenant', success: (data) => restResultAnswer(data) },
  nothingNamed: () => inBody('The parameter group and tenant cannot be empty at the same time'),
  nothingToSet: () => inBody(nothingToSetWords),
}
const missing = (detail: string): Answer => ({
  ...missingParameter('groupName', 'String'),
  problem: { name: 'parameter missing', status: 400, detail },
})
const v3: Generation = {
  ...{ group: 'groupName', namespace: 'namespaceId', success: resultAnswer },
  nothingNamed: () => missing('At least one of the parameters (groupName or namespaceId) must be provided'),
  nothingToSet: () => missing(nothingToSetWords),
}

/** What stands where nothing, or 0, is set (nacos-storage 2). */
const defaults: CapacityLimits = { quota: 200, maxSize: 102_400, maxAggrCount: 10_000, maxAggrSize: 1_024 }
const nameCharactersMax = 128

interface Named {
  readonly scope: CapacityScope
  /** As it was given. */
  readonly given: string
  readonly name: string
}

/** A group counts before a namespace. */
const namedIn = (parameters: Parameters, { group, namespace }: Generation): Named | null => {
  const ofGroup = limitedText(parameters, group, nameCharactersMax).trim()
  if (ofGroup !== '') return { scope: 'group', given: ofGroup, name: ofGroup }
  const given = limitedText(parameters, namespace, nameCharactersMax).trim()
  return given === '' ? null : { scope: 'tenant', given, name: normalNamespace(given) }
}

const limitsIn = (parameters: Parameters): PutCapacity['limits'] => {
  const given = limitNames.flatMap((name) => {
    const text = limitedText(parameters, name, 32).trim()
    if (text === '') return []
    if (!/^\d{1,9}$/.test(text)) refuse(caused(400, `For input string: "${excerpt(text)}"`))
    return [[name, Number(text)]]
  })
  return Object.fromEntries(given) as PutCapacity['limits']
}

const dateOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString().replace('Z', '+00:00'))

const shown = ({ scope, given }: Named, row: CapacityRow | undefined, usage: number): object => ({
  ...{ id: row?.id ?? 0, gmtCreate: dateOf(row?.createdMs), gmtModified: dateOf(row?.modifiedMs) },
  ...{ quota: row?.quota || defaults.quota, usage, maxSize: row?.maxSize || defaults.maxSize },
  ...{ maxAggrCount: row?.maxAggrCount || defaults.maxAggrCount, maxAggrSize: row?.maxAggrSize || defaults.maxAggrSize },
  [scope]: given,
})

export const createCapacityRoutes = (parts: HttpParts): { readonly v1: Route; readonly v3: Route } => {
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)

  const show = (response: ServerResponse, named: Named, { success }: Generation): void => {
    let usage = 0
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        if ((named.scope === 'group' ? row.group : row.namespace) === named.name) usage++
      },
      done: () => sendIfThere(response, success(shown(named, parts.capacities.find(named.scope, named.name), usage))),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
  }
  const get =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const named = namedIn(parameters, generation)
      if (named === null) sendIfThere(response, generation.nothingNamed())
      else show(response, named, generation)
    }
  const post =
    (generation: Generation): Handler =>
    (_request, response, parameters) => {
      const named = namedIn(parameters, generation)
      const limits = limitsIn(parameters)
      if (named === null) sendIfThere(response, generation.nothingNamed())
      else if (Object.keys(limits).length === 0) sendIfThere(response, generation.nothingToSet())
      else
        whenRecordFits(parts, { ...newLimits, scope: named.scope, name: named.name }, response, () =>
          parts.capacities.propose({ kind: 'put-capacity', scope: named.scope, name: named.name, limits }, (outcome) => {
            const answer = answerToWrite(outcome)
            sendIfThere(response, typeof answer === 'number' ? generation.success(true) : answer)
          }),
        )
    }
  const routeOf = (generation: Generation): Route => ({ access: 'admin', GET: get(generation), POST: post(generation) })
  return { v1: routeOf(v1), v3: routeOf(v3) }
}
