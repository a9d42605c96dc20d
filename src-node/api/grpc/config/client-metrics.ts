/**
 * ClientConfigMetricRequest (nacos-grpc 5.6): what the clients at one address know of themselves, and of a configuration if one is named, asked of all of
 * them at once and put together. A client that does not answer is left out. It must never gather more than its limits say, whatever clients send.
 */

import type { ConnectionTable } from '../../http/ports.ts'
import type { Connections } from '../connections.ts'
import { type JsonObject, objectOf } from '../json-fields.ts'

/** Other nodes wait a second for what this one's clients say. */
const answerMs = 700
/** Programs with the same address; a Java client has a connection for every 3,000 listeners. */
const clientsMax = 8
/** Of all their answers together. */
const namesMax = 1_000
const roundsMax = 16

const membersFor = (groupKey: string | null): string => {
  const keys = groupKey === null ? [] : ['cacheData', 'snapshotData'].map((type) => ({ type, key: groupKey }))
  return `"metricsKeys":${JSON.stringify(keys)},"module":"config"`
}

/** A name that several clients tell has the value of the last one, as in Nacos. */
const take = (metrics: Map<string, unknown>, answer: JsonObject): void => {
  const given = objectOf(answer, 'metrics')
  for (const name of Object.keys(given)) {
    if (metrics.size >= namesMax) return
    metrics.set(name, given[name])
  }
}

export const createClientMetrics = (connections: Pick<Connections, 'all'>): ConnectionTable['configMetrics'] => {
  let rounds = 0
  return (clientIp, groupKey, done) => {
    if (rounds >= roundsMax) return false
    const asked = [...connections.all()].filter(({ words }) => words.clientIp === clientIp).slice(0, clientsMax)
    const metrics = new Map<string, unknown>()
    let open = asked.length + 1
    const one = (answer: JsonObject): void => {
      take(metrics, answer)
      open--
      if (open > 0) return
      rounds--
      done(metrics)
    }
    rounds++
    const members = membersFor(groupKey)
    for (const connection of asked) connection.push('ClientConfigMetricRequest', members, answerMs, (_outcome, answer) => one(answer))
    one({})
    return true
  }
}
