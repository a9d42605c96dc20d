/** `GET /v1/core/cluster/nodes`: the members as consoles of Nacos show them (nacos-http 11.1). */

import type { RaftStatus } from '../../../raft-driver/ports.ts'
import { send } from '../errors.ts'
import { limitedText } from '../parameters.ts'
import type { HttpParts, MemberAddress } from '../ports.ts'
import { restResultAnswer } from '../result.ts'
import type { Route } from '../router.ts'
import { httpAddress } from './raft-state.ts'

/** The groups that a console of Nacos looks for; with us they are one and the same Raft group. */
export const raftGroups: readonly string[] = [
  'naming_persistent_service_v2',
  'naming_instance_metadata',
  'naming_service_metadata',
  'naming_persistent_service',
]

export const raftAddress = (member: MemberAddress): string => `${member.host}:${member.raftPort}`

const raftMetaData = (parts: HttpParts, status: RaftStatus): object => {
  const leader = parts.members.find((member) => member.id === status.leaderId)
  const group = {
    leader: leader === undefined ? null : raftAddress(leader),
    raftGroupMember: parts.members.filter(({ id }) => status.voters.some((voter) => voter === id)).map(raftAddress),
    term: status.term,
  }
  return { metaDataMap: Object.fromEntries(raftGroups.map((name) => [name, group])) }
}

const stateOf = (parts: HttpParts, member: MemberAddress, status: RaftStatus): 'UP' | 'STARTING' | 'DOWN' => {
  if (member.id === parts.nodeId) return status.serving ? 'UP' : 'STARTING'
  return status.peers.some((peer) => peer.id === member.id && peer.connected) ? 'UP' : 'DOWN'
}

/** Abilities say what is there: no gRPC between servers, naming runs on Raft. */
const abilities = {
  remoteAbility: { supportRemoteConnection: false, grpcReportEnabled: false },
  configAbility: { supportRemoteMetrics: false },
  namingAbility: { supportJraft: true },
} as const

export const memberJson = (parts: HttpParts, member: MemberAddress, status: RaftStatus) => {
  const state = stateOf(parts, member, status)
  return {
    ip: member.host,
    port: member.httpPort,
    state,
    extendInfo: {
      lastRefreshTime: parts.clock.wallMs(),
      raftMetaData: raftMetaData(parts, status),
      raftPort: String(member.raftPort),
      readyToUpgrade: true,
      supportGrayModel: true,
      version: parts.version,
      adWeight: '0',
      site: 'unknow',
      weight: '1',
    },
    address: httpAddress(member),
    failAccessCnt: state === 'DOWN' ? 1 : 0,
    abilities,
    grpcReportEnabled: false,
  }
}

export type MemberJson = ReturnType<typeof memberJson>

/** By their address; `start`: only those whose address begins so. */
export const membersJson = (parts: HttpParts, start: string): readonly MemberJson[] => {
  const status = parts.status()
  return parts.members
    .filter((member) => httpAddress(member).startsWith(start))
    .toSorted((a, b) => httpAddress(a).localeCompare(httpAddress(b), 'en', { numeric: true }))
    .map((member) => memberJson(parts, member, status))
}

export const createClusterNodesRoute = (parts: HttpParts): Route => ({
  access: 'admin',
  GET: (_request, response, parameters) => send(response, restResultAnswer(membersJson(parts, limitedText(parameters, 'keyword', 256)))),
})
