/**
 * Members of the cluster as consoles, operators and older nodes ask for them (nacos-http 11.1, 14). Who is a member stands in the Raft log, and what
 * state each is in every node sees for itself: what others report of members is read, and changes neither.
 */

import type { ServerResponse } from 'node:http'
import { caused, excerpt, refuse, send } from '../errors.ts'
import { limitedText, type Parameters, utf8Text } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, restResultAnswer, sendResult } from '../result.ts'
import type { Handler, Routes } from '../router.ts'
import { createClusterNodesRoute, type MemberJson, memberJson, membersJson } from './cluster-nodes.ts'

const textMax = 256
const states = ['STARTING', 'UP', 'SUSPICIOUS', 'DOWN', 'ISOLATION'] as const
/** A report of nine members with everything that they say of themselves. */
const reportBytesMax = 256 * 1024

const ownMember = (parts: HttpParts): MemberJson => {
  const own = parts.members.find(({ id }) => id === parts.nodeId)
  if (own === undefined) throw new Error(`node ${parts.nodeId} is not among its members`)
  return memberJson(parts, own, parts.status())
}

/** v3 shows less of each. */
const nacosMember = ({ ip, port, state, extendInfo, address, abilities }: MemberJson) => ({ ip, port, state, extendInfo, address, abilities })

const listed = (parts: HttpParts, parameters: Parameters): readonly MemberJson[] => {
  const address = limitedText(parameters, 'address', textMax)
  const state = limitedText(parameters, 'state', textMax).toUpperCase()
  if (state !== '' && !states.some((known) => known === state)) refuse(caused(400, `Illegal state: ${excerpt(state)}`, 'illegal state'))
  return membersJson(parts, address).filter((member) => state === '' || member.state === state)
}

const jsonOf = (parameters: Parameters): unknown => {
  const json = parameters.json()
  if (json === null) return refuse(caused(400, 'a JSON body is needed'))
  try {
    return JSON.parse(utf8Text(json, 'the body'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuse(caused(400, 'the body is not JSON'))
  }
}

/** As `Member.check`: an address that somebody could be at. */
const isMember = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { ip, port } = value as Record<string, unknown>
  return typeof ip === 'string' && ip.trim() !== '' && Number.isInteger(port) && port !== -1
}

/** `refused`: null, or why not. */
type Say = (response: ServerResponse, refused: string | null) => void

/** Members stand in the start of each node: that is a list, as `cluster.conf` is one. There is no address server to ask instead. */
const lookup =
  (say: Say): Handler =>
  (_request, response, parameters) => {
    const type = limitedText(parameters, 'type', textMax)
    say(
      response,
      type === 'file' ? null : `the members of this cluster are a list, and cannot be looked up by "${excerpt(type)}": just file is supported`,
    )
  }

const failed = (code: number, message: string) => jsonAnswer({ code, message, data: null })
const inRestResult: Say = (response, refused) => send(response, refused === null ? restResultAnswer(null) : failed(500, refused))
const inResult: Say = (response, refused) => (refused === null ? sendResult(response, true) : refuse(caused(400, refused)))

const notAllowed =
  (path: string): Handler =>
  (_request, response) =>
    send(response, failed(405, `${path} API not allow to use temporarily.`))

/** The heartbeat of 1.x: whoever sends it learns how this node is. */
const report =
  (parts: HttpParts): Handler =>
  (_request, response, parameters) =>
    send(response, isMember(jsonOf(parameters)) ? restResultAnswer(JSON.stringify(ownMember(parts))) : failed(400, 'Node information is illegal'))

/** Each that is known and legal is refreshed by it, others are ignored; here nothing is fresher than what the node sees itself. */
const refresh: Handler = (_request, response, parameters) => {
  if (!Array.isArray(jsonOf(parameters))) refuse(caused(400, 'the body is not a JSON array'))
  sendResult(response, true)
}

const v1Routes = (parts: HttpParts): Routes => ({
  '/v1/core/cluster/nodes': createClusterNodesRoute(parts),
  '/v1/core/cluster/self': { access: 'admin', GET: (_request, response) => send(response, restResultAnswer(ownMember(parts))) },
  '/v1/core/cluster/simple/nodes': {
    access: 'admin',
    GET: (_request, response) => send(response, restResultAnswer(membersJson(parts, '').map(({ address }) => address))),
  },
  '/v1/core/cluster/health': { access: 'open', GET: (_request, response) => send(response, restResultAnswer(ownMember(parts).state)) },
  '/v1/core/cluster/report': { access: 'admin', POST: report(parts), jsonBytesMax: reportBytesMax },
  '/v1/core/cluster/switch/lookup': { access: 'admin', POST: lookup(inRestResult) },
  '/v1/core/cluster/server/leave': { access: 'admin', POST: notAllowed('/v1/core/cluster/server/leave'), jsonBytesMax: reportBytesMax },
})

const v2Routes = (parts: HttpParts): Routes => ({
  '/v2/core/cluster/node/self': { access: 'admin', GET: (_request, response) => sendResult(response, ownMember(parts)) },
  '/v2/core/cluster/node/self/health': { access: 'open', GET: (_request, response) => sendResult(response, ownMember(parts).state) },
  '/v2/core/cluster/node/list': {
    ...{ access: 'admin', PUT: refresh, jsonBytesMax: reportBytesMax },
    GET: (_request, response, parameters) => sendResult(response, listed(parts, parameters)),
  },
  '/v2/core/cluster/lookup': { access: 'admin', PUT: lookup(inResult) },
  '/v2/core/cluster/nodes': { access: 'admin', DELETE: notAllowed('/v2/core/cluster/nodes') },
})

const v3Routes = (parts: HttpParts): Routes => ({
  '/v3/admin/core/cluster/node/self': { access: 'admin', GET: (_request, response) => sendResult(response, nacosMember(ownMember(parts))) },
  '/v3/admin/core/cluster/node/self/health': { access: 'open', GET: (_request, response) => sendResult(response, ownMember(parts).state) },
  '/v3/admin/core/cluster/node/list': {
    ...{ access: 'admin', PUT: refresh, jsonBytesMax: reportBytesMax },
    GET: (_request, response, parameters) => sendResult(response, listed(parts, parameters).map(nacosMember)),
  },
  '/v3/admin/core/cluster/lookup': { access: 'admin', PUT: lookup(inResult) },
  '/v3/console/core/cluster/nodes': {
    access: 'admin',
    GET: (_request, response, parameters) => sendResult(response, membersJson(parts, limitedText(parameters, 'keyword', textMax)).map(nacosMember)),
  },
})

export const memberRoutes = (parts: HttpParts): Routes => ({ ...v1Routes(parts), ...v2Routes(parts), ...v3Routes(parts) })
