/** Counts, pushes, and who is responsible, for operators and for clients that ask whether this server is up (nacos-http 8.8, 9, 14). */

import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'
import type { NamingCounts } from '../../../naming/naming-port.ts'
import { excerpt } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { memberJson } from '../v1/cluster-nodes.ts'
import { httpAddress } from '../v1/raft-state.ts'
import { type Act, type Call, replyBare, replyData, replyOk } from './dialect.ts'
import { javaDouble, quoted } from './java-json.ts'
import { requiredText } from './names.ts'
import { flagOf } from './values.ts'

/** What an operator set, or what consensus says: a node that does not serve yet is none to talk to. */
export const statusOf = ({ parts, port }: Call): string => {
  const set = port.switches().overriddenServerStatus
  return typeof set === 'string' && set !== '' ? set : parts.status().serving ? 'UP' : 'DOWN'
}

const machineLoad = () => {
  const load = loadavg()[0] ?? 0
  return { cpu: Math.min(1, load / availableParallelism()), load, mem: 1 - freemem() / totalmem() }
}

/** Each node answers for every client: there is no share of its own. */
const clientCounts = (counts: NamingCounts) => {
  const clientCount = counts.connections + counts.beatClients + counts.persistentClients
  return {
    clientCount,
    connectionBasedClientCount: counts.connections,
    ephemeralIpPortClientCount: counts.beatClients,
    persistentIpPortClientCount: counts.persistentClients,
    responsibleClientCount: clientCount,
  }
}

const serviceCounts = (counts: NamingCounts) => ({
  serviceCount: counts.services,
  instanceCount: counts.instances,
  subscribeCount: counts.subscriptions,
})

export const metricsV1: Act = (call) => {
  const status = statusOf(call)
  if (flagOf(call, 'onlyStatus', true)) return replyBare(call, `{"status":${quoted(status)}}`)
  const counts = call.port.counts()
  const body = { status, ...serviceCounts(counts), responsibleInstanceCount: counts.instances, ...clientCounts(counts), ...machineLoad() }
  replyBare(call, JSON.stringify(body))
}

const noCounts = {
  ...{ serviceCount: null, instanceCount: null, subscribeCount: null, clientCount: null, connectionBasedClientCount: null },
  ...{ ephemeralIpPortClientCount: null, persistentIpPortClientCount: null, responsibleClientCount: null },
}

/** Every member is there, null if only the status was asked for; 3.x left the machine's load out. */
export const metrics: Act = (call) => {
  const onlyStatus = flagOf(call, 'onlyStatus', true)
  const counts = call.port.counts()
  const numbers = onlyStatus ? noCounts : { ...serviceCounts(counts), ...clientCounts(counts) }
  const load = call.version === 'v3' ? {} : onlyStatus ? { cpu: null, load: null, mem: null } : machineLoad()
  replyData(call, JSON.stringify({ status: statusOf(call), ...numbers, ...load }))
}

const noPushes: NamingCounts['pushes'] = { sent: 0, taken: 0, costMaxMs: 0, costSumMs: 0 }

/** `reset` begins the counts anew, for this page alone. */
export const createPushState = (): Act => {
  let from = noPushes
  return (call) => {
    const { pushes } = call.port.counts()
    const reset = flagOf(call, 'reset', false)
    const total = pushes.sent - from.sent
    const succeed = pushes.taken - from.taken
    const average = succeed === 0 ? 0 : Math.round((pushes.costSumMs - from.costSumMs) / succeed)
    const detail = flagOf(call, 'detail', false) ? `,"detail":{"avgPushCost":${average},"maxPushCost":${Math.round(pushes.costMaxMs)}}` : ''
    if (reset) from = pushes
    replyBare(call, `{"succeed":${succeed},"total":${total},"ratio":${javaDouble(total === 0 ? 0 : succeed / total)},"reset":${reset}${detail}}`)
  }
}

/** There is one log, and all of it is written: Nacos too takes a name that it does not have. */
export const setLogLevel: Act = (call) => {
  const [name, level] = [requiredText(call, 'logName', 'String', 'parameter'), requiredText(call, 'logLevel', 'String', 'parameter')]
  call.parts.noted(`level ${excerpt(level)} was asked for logger ${excerpt(name)}: this node has one log without levels`)
  replyOk(call)
}

/** Beats and expiry are the leader's; without one, whoever was asked. */
const responsible = (parts: HttpParts): string => {
  const { leaderId } = parts.status()
  const member = parts.members.find(({ id }) => id === leaderId) ?? parts.members.find(({ id }) => id === parts.nodeId)
  return member === undefined ? '' : httpAddress(member)
}

const replyResponsible = (call: Call): void => {
  const json = `{"responsibleServer":${quoted(responsible(call.parts))}}`
  if (call.version === 'v3') replyData(call, json)
  else replyBare(call, json)
}

export const responsibleForClient: Act = (call) => {
  requiredText(call, 'ip', 'String', 'parameter')
  requiredText(call, 'port', 'String', 'parameter')
  replyResponsible(call)
}

export const responsibleForService: Act = (call) => {
  requiredText(call, 'serviceName')
  replyResponsible(call)
}

const membersAs =
  (name: 'servers' | 'status', only: (call: Call) => boolean): Act =>
  (call) => {
    const { parts } = call
    const status = parts.status()
    const members = parts.members.map((member) => memberJson(parts, member, status)).filter(({ state }) => state === 'UP' || !only(call))
    replyBare(call, JSON.stringify({ [name]: members }))
  }

export const listServers: Act = membersAs('servers', (call) => flagOf(call, 'healthy', false))
export const distroStatus: Act = membersAs('status', () => false)
