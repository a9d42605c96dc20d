/**
 * What clients know of themselves, asked by their address (nacos-http 6, 14.2): of those of this node, or of every node's. A node that
 * does not answer in time is left out, as in Nacos. Owns how many names stand in one answer.
 */

import { askPeers, type PeerQuestion } from '../ask-peers.ts'
import type { ConfigNames } from '../config-names.ts'
import { missingParameter, refusal, refuse } from '../errors.ts'
import { groupKey } from '../group-key.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import { peerPaths } from '../peer-paths.ts'
import type { HttpParts } from '../ports.ts'
import { type jsonAnswer, sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'

export interface ClientMetrics {
  readonly current: Handler
  readonly cluster: Handler
}

type Metrics = ReadonlyMap<string, unknown>

const ipCharactersMax = 128
const nameCharactersMax = 256
const namesMax = 1_000

interface Asked {
  readonly ip: string
  readonly dataId: string
  readonly group: string
  /** As it was written: clients know their configurations under the namespace that they were given. */
  readonly tenant: string
}

const askedIn = (parameters: Parameters, names: ConfigNames): Asked => {
  if (!parameters.has('ip')) refuse(missingParameter('ip', 'String'))
  const text = (name: string): string => limitedText(parameters, name, nameCharactersMax).trim()
  return {
    ip: limitedText(parameters, 'ip', ipCharactersMax).trim(),
    dataId: text('dataId'),
    group: text(names.group),
    tenant: text(names.namespace),
  }
}

/** Null: no configuration is named. */
const keyOf = ({ dataId, group, tenant }: Asked): string | null =>
  dataId === '' || group === '' ? null : groupKey({ namespace: tenant, group, dataId })

/** What a node's answer says; what is none says nothing. */
const metricsIn = (body: Buffer): Iterable<[string, unknown]> => {
  try {
    const answer: unknown = JSON.parse(body.toString())
    return typeof answer === 'object' && answer !== null ? Object.entries(answer) : []
  } catch {
    return []
  }
}

const merged = (own: Metrics, bodies: readonly Buffer[]): Metrics => {
  const all = new Map(own)
  for (const body of bodies)
    for (const [name, value] of metricsIn(body)) {
      if (all.size >= namesMax) return all
      all.set(name, value)
    }
  return all
}

const ownMetrics = (parts: HttpParts, question: PeerQuestion, asked: Asked, done: (metrics: Metrics) => void): void => {
  const taken = parts.connections.configMetrics(asked.ip, keyOf(asked), (metrics) => answerLater(parts, question.response, () => done(metrics)))
  if (!taken) refuse(refusal('overloaded', 'this node asks its clients as much as it may; try again'))
}

/** Own clients and other nodes are asked at once; the answer goes when both have told. */
const allMetrics = (parts: HttpParts, question: PeerQuestion, asked: Asked, done: (metrics: Metrics) => void): void => {
  let own: Metrics | null = null
  let bodies: readonly Buffer[] | null = null
  const told = (): void => {
    if (own !== null && bodies !== null) done(merged(own, bodies))
  }
  askPeers(parts, question, (answers) => {
    bodies = answers
    told()
  })
  ownMetrics(parts, question, asked, (metrics) => {
    own = metrics
    told()
  })
}

/** @param answer the envelope of the generation */
export const createClientMetrics = (parts: HttpParts, names: ConfigNames, answer: typeof jsonAnswer): ClientMetrics => {
  const handler =
    (gather: typeof allMetrics): Handler =>
    (_request, response, parameters) => {
      const asked = askedIn(parameters, names)
      const question = { response, path: peerPaths.clientMetrics, fields: { ...asked } }
      gather(parts, question, asked, (metrics) => sendIfThere(response, answer(Object.fromEntries(metrics))))
    }
  return { current: handler(ownMetrics), cluster: handler(allMetrics) }
}
