/** The fields of one instance in a request (nacos-http 8.2): read, defaulted and judged as Nacos judges them, whatever the version and whatever comes of it. */

import type { InstanceKey, InstancePatch, InstanceSpec, Metadata } from '../../../naming/naming-port.ts'
import { clusterLegality } from '../../name-rules.ts'
import { type PlainCall, refuseCall } from './dialect.ts'
import { clusterOf, firstText, ipOf, portOf, textOf } from './names.ts'
import { flagFrom, flagOf, metadataFrom, metadataOf, weightFrom } from './values.ts'

const defaultIntervalMs = 5_000
const defaultTimeoutMs = 15_000
const defaultDeleteMs = 30_000

/** Of a `preserved.*` key; what is no number means the default. */
const preservedMs = (metadata: Metadata, key: string, otherwise: number): number => {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise
}

const judgeBeats = (metadata: Metadata): void => {
  const interval = preservedMs(metadata, 'preserved.heart.beat.interval', defaultIntervalMs)
  const timeout = preservedMs(metadata, 'preserved.heart.beat.timeout', defaultTimeoutMs)
  const deleted = preservedMs(metadata, 'preserved.ip.delete.timeout', defaultDeleteMs)
  if (timeout < interval || deleted < interval)
    refuseCall(400, 'instance error', "Instance 'heart beat interval' must less than 'heart beat timeout' and 'ip delete timeout'.")
}

const judgeCluster = (cluster: string): void => {
  const problem = clusterLegality(cluster)
  if (problem !== null) refuseCall(400, 'instance error', problem)
}

/** What may be registered, however it came. */
export const judgedSpec = (spec: InstanceSpec): InstanceSpec => {
  judgeBeats(spec.metadata)
  judgeCluster(spec.cluster)
  return spec
}

export const weightOf = ({ parameters }: PlainCall): number => {
  const text = textOf(parameters, 'weight')
  return text === '' ? 1 : weightFrom(text)
}

const enabledText = ({ parameters }: PlainCall): string => firstText(parameters, 'enabled', 'enable')

const enabledOf = (call: PlainCall): boolean => {
  const text = enabledText(call)
  return text === '' || flagFrom(call.version, 'enabled', text)
}

export const ephemeralOf = (call: PlainCall, otherwise: boolean): boolean => flagOf(call, 'ephemeral', otherwise)

/** What an instance is that does not say whether it is ephemeral: a switch. */
export const ephemeralByDefault = ({ port }: PlainCall): boolean => port.switches().defaultInstanceEphemeral !== false

export const addressOf = (call: PlainCall): { readonly ip: string; readonly port: number } => {
  const ip = ipOf(call)
  return { ip, port: portOf(call) }
}

export const keyOf = (call: PlainCall, from: 'form' | 'parameter'): InstanceKey => {
  const ip = ipOf(call, from)
  return { ip, port: portOf(call, from), cluster: clusterOf(call.parameters, 'clusterName', 'cluster') }
}

export const specOf = (call: PlainCall): InstanceSpec => {
  const { parameters } = call
  const key = keyOf(call, 'form')
  const healthy = flagOf(call, 'healthy', true)
  const weight = weightOf(call)
  return judgedSpec({ ...key, weight, enabled: enabledOf(call), healthy, metadata: metadataOf(parameters) })
}

/** What is not given, or blank, stays. */
export const patchOf = (call: PlainCall): InstancePatch => {
  const { parameters, version } = call
  const [weight, enabled, metadata] = [textOf(parameters, 'weight'), enabledText(call), textOf(parameters, 'metadata')]
  return {
    ...(weight === '' ? {} : { weight: weightFrom(weight) }),
    ...(enabled === '' ? {} : { enabled: flagFrom(version, 'enabled', enabled) }),
    ...(metadata === '' ? {} : { metadata: metadataFrom(metadata) }),
  }
}
