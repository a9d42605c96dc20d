/** What requests about services name, and the rules for it (nacos-http 3.2, 8.2; nacos-grpc 6): verdicts in Nacos's words, never a guess. */

import type { InstanceSpec, ServiceKey } from '../../../naming/naming-port.ts'
import { defaultCluster, defaultGroup, defaultNamespace } from '../../http/naming/names.ts'
import {
  clusterLegality,
  clusterRule,
  groupRule,
  ipRule,
  type NameRule,
  nameProblem,
  namespaceRule,
  portProblem,
  serviceRule,
} from '../../name-rules.ts'
import { paramCheck } from '../answers.ts'
import { isObject, type JsonObject, numberOf, textOf } from '../json-fields.ts'

const metadataCharactersMax = 1_024
const weightMax = 10_000
/** Longer than any that Nacos makes. */
const idRule: NameRule = { shown: 'instanceId', charactersMax: 1_024, pattern: /^/ }

/** The namespace among services is never blank. */
export const namespaceOf = (body: JsonObject): string => textOf(body, 'namespace').trim() || defaultNamespace
export const groupOf = (body: JsonObject): string => textOf(body, 'groupName').trim() || defaultGroup

/** A sentence: why these are no names. */
export const serviceOf = (body: JsonObject): ServiceKey | string => {
  const service = { namespace: namespaceOf(body), group: groupOf(body), name: textOf(body, 'serviceName').trim() }
  const problem = nameProblem(service.namespace, namespaceRule) ?? nameProblem(service.name, serviceRule) ?? nameProblem(service.group, groupRule)
  if (problem !== null) return paramCheck(problem)
  return service.name === '' ? "Param 'serviceName' is illegal, serviceName is blank" : service
}

/** As given, `''` for all; null: one of the comma list is no name. */
export const clustersProblem = (clusters: string): string | null => {
  for (const one of clusters.split(',')) {
    const problem = nameProblem(one, clusterRule)
    if (problem !== null) return paramCheck(problem)
  }
  return null
}

/** A flag of an instance is true unless it is said to be false. */
const flagUnlessFalse = (body: JsonObject, name: string): boolean => textOf(body, name) !== 'false'

/** Texts alone; null: more than may be. */
const metadataOf = (body: JsonObject): Readonly<Record<string, string>> | null => {
  const given = body.metadata
  if (!isObject(given)) return {}
  const entries: [string, string][] = []
  let characters = 0
  for (const key of Object.keys(given)) {
    if (given[key] === null) continue
    const value = textOf(given, key)
    characters += key.length + value.length
    if (characters > metadataCharactersMax) return null
    entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

const heartBeatProblem = (metadata: Readonly<Record<string, string>>): string | null => {
  const msOf = (key: string, otherwise: number): number => (/^\d{1,9}$/.test(metadata[key] ?? '') ? Number(metadata[key]) : otherwise)
  const interval = msOf('preserved.heart.beat.interval', 5_000)
  const tooEarly = msOf('preserved.heart.beat.timeout', 15_000) < interval || msOf('preserved.ip.delete.timeout', 30_000) < interval
  return tooEarly ? "Instance 'heart beat interval' must less than 'heart beat timeout' and 'ip delete timeout'." : null
}

/** A sentence: why this is no instance. */
export const instanceOf = (given: unknown): InstanceSpec | string => {
  if (!isObject(given)) return 'instance is missing'
  const [ip, port, cluster] = [textOf(given, 'ip').trim(), numberOf(given, 'port'), textOf(given, 'clusterName').trim() || defaultCluster]
  const instanceId = textOf(given, 'instanceId')
  const problem = nameProblem(ip, ipRule) ?? portProblem(port) ?? nameProblem(cluster, clusterRule) ?? nameProblem(instanceId, idRule)
  if (problem !== null) return paramCheck(problem)
  if (ip === '') return "Param 'ip' is illegal, ip is blank"
  const metadata = metadataOf(given)
  if (metadata === null) return paramCheck(`Param 'Metadata' is illegal, the param length should not exceed ${metadataCharactersMax}.`)
  const weight = textOf(given, 'weight') === '' ? 1 : numberOf(given, 'weight')
  if (!(weight >= 0 && weight <= weightMax)) return 'instance format invalid: The weights range from 0.0 to 10000.0'
  const named = instanceId === '' ? {} : { instanceId }
  return {
    ...{ ip, port, cluster, weight, metadata },
    ...named,
    enabled: flagUnlessFalse(given, 'enabled'),
    healthy: flagUnlessFalse(given, 'healthy'),
  }
}

/** As above, and one that may be registered: what takes one away may name any that was let in before. */
export const registrableOf = (given: unknown): InstanceSpec | string => {
  const instance = instanceOf(given)
  if (typeof instance === 'string') return instance
  return heartBeatProblem(instance.metadata) ?? clusterLegality(instance.cluster) ?? instance
}
