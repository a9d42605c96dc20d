/**
 * `POST /v1/core/ops/raft`: operations on the one Raft group, in the words of Nacos (nacos-http 11.2): a JSON body with `command`, `value`
 * and perhaps `groupId`; a RestResult whose code is 200 or 500 comes back with status 200. Any node hands leadership on and makes a snapshot;
 * members are added and removed by the leader alone, who knows at once why not: another node says whom to ask. `addPeer` and `checkData` are
 * words of our own.
 */

import type { ServerResponse } from 'node:http'
import { membersMax } from '../../../raft/membership.ts'
import { nodeId } from '../../../raft/types.ts'
import type { MembershipOutcome } from '../../../raft-driver/membership-changes.ts'
import type { TransferOutcome } from '../../../raft-driver/ports.ts'
import { caused, excerpt, jsonType, noCache, refuse, send } from '../errors.ts'
import { type Parameters, utf8Text } from '../parameters.ts'
import type { HttpParts, MemberAddress } from '../ports.ts'
import type { Route } from '../router.ts'
import { raftAddress, raftGroups } from './cluster-nodes.ts'
import { httpAddress } from './raft-state.ts'

export interface Order {
  readonly command: string
  readonly value: string
  readonly groupId: string | null
}

/** `data`: what there is to say of a success. */
type Reply = (problem: string | null, data?: string) => void

const textAt = (body: Record<string, unknown>, name: string): string => {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  return typeof value === 'string' ? value.trim() : ''
}

export const orderOf = (parameters: Parameters): Order => {
  const json = parameters.json()
  if (json === null) return refuse(caused(400, 'a JSON body with command and value is needed'))
  let body: unknown
  try {
    body = JSON.parse(utf8Text(json, 'the body'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuse(caused(400, 'the body is not JSON'))
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refuse(caused(400, 'the body is not a JSON object'))
  const fields = body as Record<string, unknown>
  return { command: textAt(fields, 'command'), value: textAt(fields, 'value'), groupId: textAt(fields, 'groupId') || null }
}

const transferWords: Readonly<Record<Extract<TransferOutcome, { kind: 'refused' }>['code'], string>> = {
  no_quorum: 'no leader is known, so there is nobody who could hand over; see GET /nacos/v1/ns/raft/state',
  unknown_target: 'the target is no voter of this cluster',
  busy: 'leadership is being handed over already; try again in a moment',
  not_taken_over:
    'the target did not take over within the time limit; the old leader leads on, or a third node won; it may still take over when it wakes',
}

/** Names as Nacos writes them: `ip:raftPort`. */
const memberAt = (parts: HttpParts, address: string): MemberAddress | undefined => parts.members.find((member) => raftAddress(member) === address)

const valueMissing = 'value is missing: ip:raftPort'
const stranger = (address: string): string => `no member of this cluster has the Raft address ${excerpt(address)}`

const transferLeader = (parts: HttpParts, { value }: Order, reply: Reply): void => {
  const target = memberAt(parts, value)
  if (value === '') reply(valueMissing)
  else if (target === undefined) reply(stranger(value))
  else parts.transfer(nodeId(target.id), (outcome) => reply(outcome.kind === 'done' ? null : transferWords[outcome.code]))
}

type Deed = 'remove' | 'add'
type Unchanged = Exclude<MembershipOutcome, { kind: 'done' }>

const notLeaderWords = (parts: HttpParts, deed: Deed): string => {
  const leader = parts.members.find(({ id }) => id === parts.status().leaderId)
  if (leader === undefined) return `no leader is known, so nobody can ${deed} a member; see GET /nacos/v1/ns/raft/state`
  return `only the leader ${deed}s a member: ask ${httpAddress(leader)}`
}

const unchangedWords = (parts: HttpParts, deed: Deed, outcome: Unchanged): string => {
  if (outcome.kind === 'unknown')
    return `the ${deed === 'add' ? 'addition' : 'removal'} was not settled in time: it may or may not happen; see the voters in GET /nacos/v1/ns/raft/state`
  switch (outcome.code) {
    case 'not_leader':
      return notLeaderWords(parts, deed)
    case 'unknown_node':
      return 'it is no member of this cluster'
    case 'last_voter':
      return 'the last voter cannot be removed'
    case 'too_many_members':
      return `a cluster has at most ${membersMax} members`
    case 'would_lose_quorum':
      return 'too few of the remaining voters are alive to agree on anything'
    case 'disk_full':
    case 'overloaded':
    case 'lost':
    case 'change_in_progress':
      return 'the members cannot be changed at this moment; nothing was done, try again'
    default:
      return outcome.code
  }
}

/** It runs on without a voice; whoever supervises it stops it. */
const remove = (parts: HttpParts, { id }: MemberAddress, reply: Reply): void =>
  parts.changeMembership({ kind: 'remove', id: nodeId(id) }, (outcome) =>
    reply(outcome.kind === 'done' ? null : unchangedWords(parts, 'remove', outcome)),
  )

const removePeer = (parts: HttpParts, { value }: Order, reply: Reply): void => {
  const target = memberAt(parts, value)
  if (value === '') reply(valueMissing)
  else if (target === undefined) reply(stranger(value))
  else remove(parts, target, reply)
}

/** A comma list, one after the other, each once the one before is committed; a wrong name in it removes nobody. */
const removePeers = (parts: HttpParts, { value }: Order, reply: Reply): void => {
  const addresses = value.split(',').flatMap((address) => address.trim() || [])
  const wrong = addresses.find((address) => memberAt(parts, address) === undefined)
  const targets = addresses.flatMap((address) => memberAt(parts, address) ?? [])
  const removeFrom = (at: number): void => {
    const target = targets[at]
    if (target === undefined) reply(null)
    else
      remove(parts, target, (problem) => {
        const before = at === 0 ? '' : `; removed before: ${addresses.slice(0, at).join(', ')}`
        if (problem === null) removeFrom(at + 1)
        else reply(`${raftAddress(target)}: ${problem}${before}`)
      })
  }
  if (addresses.length === 0) reply(`${valueMissing}, and more after commas`)
  else if (wrong !== undefined) reply(stranger(wrong))
  else removeFrom(0)
}

/** A newcomer takes the whole log, or a snapshot; it is looked at so often. */
const learnMsMax = 60_000
const learnLookMs = 200

const learnsWords = 'it learns, and has not caught up yet: ask again to let it vote, once it has'

/** It votes once it is one append away from the end of the log; until then it is asked again. */
const promote = (parts: HttpParts, { id }: MemberAddress, reply: Reply): void => {
  const sinceMs = parts.clock.monotonicMs()
  const attempt = (): void =>
    parts.changeMembership({ kind: 'promote', id: nodeId(id) }, (outcome) => {
      if (outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.code === 'already_voter')) reply(null)
      else if (outcome.kind === 'unknown' || (outcome.code !== 'not_caught_up' && outcome.code !== 'change_in_progress'))
        reply(unchangedWords(parts, 'add', outcome))
      else if (parts.clock.monotonicMs() - sinceMs > learnMsMax) reply(learnsWords)
      else parts.clock.after(learnLookMs, attempt)
    })
  attempt()
}

/** Ours: a member that the nodes know by its address (`--peers`) and that has no voice yet; asking twice does no harm. */
const addPeer = (parts: HttpParts, { value }: Order, reply: Reply): void => {
  const target = memberAt(parts, value)
  if (value === '') reply(valueMissing)
  else if (target === undefined) reply(`${stranger(value)}; every node has to know it first`)
  else
    parts.changeMembership({ kind: 'add-learner', id: nodeId(target.id) }, (outcome) => {
      const isIn = outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.code === 'already_member')
      if (isIn) promote(parts, target, reply)
      else reply(unchangedWords(parts, 'add', outcome))
    })
}

/** What is applied becomes durable, and the log is cut as far as that allows (JRaft's snapshot). `value` means nothing. */
const doSnapshot = (parts: HttpParts, _order: Order, reply: Reply): void =>
  parts.snapshotNow(({ ok }) =>
    reply(ok ? null : 'the state could not be made durable now: the disk is full, or a copy of it is being made; try again'),
  )

/** Ours: both files of the node that is asked, page by page and entry by entry. `value` means nothing. */
const checkData = (parts: HttpParts, _order: Order, reply: Reply): void =>
  parts.checkData(({ ok, words }) => (ok ? reply(null, words) : reply(words)))

const commands: Readonly<Record<string, (parts: HttpParts, order: Order, reply: Reply) => void>> = {
  transferLeader,
  addPeer,
  removePeer,
  removePeers,
  doSnapshot,
  checkData,
}

const answer = (response: ServerResponse, problem: string | null, data: string | null = null): void => {
  if (response.destroyed) return
  const body = JSON.stringify({ code: problem === null ? 200 : 500, message: problem, data })
  send(response, { status: 200, headers: ['Content-Type', jsonType, ...noCache], body })
}

/** What, from which address, with which answer: these orders change the cluster, so its log tells them. */
const noteOf = ({ command, value }: Order, from: string, problem: string | null): string =>
  `${command}${value === '' ? '' : ` ${excerpt(value)}`}, asked from ${from}: ${problem ?? 'done'}`

export const createRaftOpsRoute = (parts: HttpParts): Route => ({
  access: 'admin',
  POST: (request, response, parameters) => {
    const order = orderOf(parameters)
    const carryOut = Object.hasOwn(commands, order.command) ? commands[order.command] : undefined
    if (carryOut === undefined) {
      answer(response, `Not support command : ${excerpt(order.command)}`)
      return
    }
    // Now: a client that has gone has no address any more.
    const from = `${request.socket.remoteAddress}:${request.socket.remotePort}`
    const reply: Reply = (problem, data) => {
      parts.noted(noteOf(order, from, problem))
      answer(response, problem, data)
    }
    if (order.groupId !== null && !raftGroups.includes(order.groupId)) reply(`not this raft group : ${excerpt(order.groupId)}`)
    else carryOut(parts, order, reply)
  },
})
