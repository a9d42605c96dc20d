/**
 * `GET` and `POST /v1/core/ops/snapshots`, ours, in the manner of Nacos's own operations: named snapshots of the cluster, as the node that is
 * asked has applied them; and `takeSnapshot NAME`, `restoreSnapshot NAME`, `restoreSnapshotAndAccounts NAME`, `undoRestore`, `deleteSnapshot NAME` as
 * `command` and `value` of a JSON body. A RestResult tells what came of it, with status 200; what no leader took in time is refused as any write is.
 */

import type { ServerResponse } from 'node:http'
import { namedSnapshotsMax } from '../../../state-machine/snapshot-list.ts'
import type { NamedSnapshot, Reply, SnapshotCommand, SnapshotRefusal } from '../../../state-machine/types.ts'
import { socketIpOf } from '../client-ip.ts'
import { excerpt, jsonType, noCache, refusal, send } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import type { Route } from '../router.ts'
import { type Order, orderOf } from './raft-ops.ts'

/** Of any script, but nothing that a terminal or an address would read as something else. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u
const nameRule = 'a name is 1 to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit'
/** One transaction of the shared database takes all that one entry changed. */
const sharedChangesMax = 2_000

/** What is to be proposed, or why not. */
type Plan = { readonly command: SnapshotCommand } | { readonly problem: string }

const refusalWords: Readonly<Record<SnapshotRefusal, string>> = {
  'name-taken': 'a snapshot of this name is there already; delete it first, or choose another name',
  'too-many': `there are ${namedSnapshotsMax} snapshots, which is the limit; delete one first`,
  unknown: 'this snapshot is gone by now; nothing was changed',
  'not-usable': 'configurations were taken over from a database since this snapshot, and nobody can go back to it; nothing was changed',
}

const changesSince = (parts: HttpParts, { historyFrom }: NamedSnapshot): number => parts.meta().nextHistoryId - historyFrom

/** By the numbers of areas. */
const besidesOf = ({ snapshots }: HttpParts, index: number): object | null => {
  const head = snapshots.kept(index)
  if (head === undefined) return null
  const [services, instances, grays, namespaces, accounts, capacities] = [1, 2, 3, 4, 5, 7].map((area) => head.counts[area] ?? 0)
  return { services, instances, grays, namespaces, accounts, capacities }
}

const shown = (parts: HttpParts, snapshot: NamedSnapshot): object => {
  const { historyFrom: _, ...rest } = snapshot
  return { ...rest, changesSince: changesSince(parts, snapshot), besides: besidesOf(parts, snapshot.index) }
}

interface RestoreOrder {
  readonly accounts: boolean
  readonly from: string
}

const restorePlan = (parts: HttpParts, snapshot: NamedSnapshot, { accounts, from }: RestoreOrder): Plan => {
  const changes = changesSince(parts, snapshot)
  if (parts.sharedStore !== null && changes > sharedChangesMax)
    return {
      problem: `there were ${changes} changes since this snapshot; with a shared database at most ${sharedChangesMax} can be taken back at once; nothing was changed`,
    }
  const { index, contentHash } = snapshot
  return { command: { kind: 'restore-snapshot', index, contentHash, accounts, sourceIp: from, sourceUser: '' } }
}

const planOf = (parts: HttpParts, { command, value }: Order, from: string): Plan => {
  const named = parts.snapshots.list().find(({ kind, name }) => kind === 'named' && name === value)
  const orUnknown = (plan: (snapshot: NamedSnapshot) => Plan): Plan =>
    named === undefined
      ? { problem: `this node knows no snapshot ${excerpt(value) || '""'}; GET at the same place lists what there is` }
      : plan(named)
  switch (command) {
    case 'takeSnapshot':
      return namePattern.test(value) ? { command: { kind: 'take-snapshot', name: value } } : { problem: nameRule }
    case 'deleteSnapshot':
      return orUnknown(({ index }) => ({ command: { kind: 'drop-snapshot', index } }))
    case 'restoreSnapshot':
    case 'restoreSnapshotAndAccounts':
      return orUnknown((snapshot) => restorePlan(parts, snapshot, { accounts: command !== 'restoreSnapshot', from }))
    case 'undoRestore': {
      const before = parts.snapshots.list().find(({ kind }) => kind === 'before-restore')
      // It keeps accounts only if the restore touched them.
      return before === undefined ? { problem: 'no restore is there to be undone' } : restorePlan(parts, before, { accounts: true, from })
    }
    default:
      return { problem: `Not support command : ${excerpt(command)}` }
  }
}

const result = (response: ServerResponse, problem: string | null, data: unknown = null): void => {
  if (response.destroyed) return
  const body = JSON.stringify({ code: problem === null ? 200 : 500, message: problem, data })
  send(response, { status: 200, headers: ['Content-Type', jsonType, ...noCache], body })
}

/** A sentence, or what there is to say of a success. */
const outcomeOf = (parts: HttpParts, reply: Reply): string | object => {
  switch (reply.kind) {
    case 'snapshot-taken':
      return shown(parts, reply.snapshot)
    case 'snapshot-dropped':
      return { index: reply.index }
    case 'snapshot-restored': {
      const { kind: _, ...counts } = reply
      return counts
    }
    case 'snapshot-refused':
      return refusalWords[reply.why]
    default:
      return 'the nodes could not read this order; nothing was changed'
  }
}

export const createSnapshotOpsRoute = (parts: HttpParts): Route => ({
  access: 'admin',
  GET: (_request, response) => {
    const all = parts.snapshots.list()
    const snapshots = all.filter(({ kind }) => kind === 'named').map((snapshot) => shown(parts, snapshot))
    const before = all.find(({ kind }) => kind === 'before-restore')
    const undo = before === undefined ? null : shown(parts, before)
    const body = JSON.stringify({ snapshots, undo, limit: namedSnapshotsMax, appliedIndex: parts.meta().appliedIndex })
    send(response, { status: 200, headers: ['Content-Type', jsonType, ...noCache], body })
  },
  POST: (request, response, parameters) => {
    const order = orderOf(parameters)
    // Now: a client that has gone has no address any more.
    const from = socketIpOf(request)
    const note = (words: string): void => parts.noted(`${excerpt(order.command)} ${excerpt(order.value)}, asked from ${from}: ${words}`)
    const plan = planOf(parts, order, from)
    if ('problem' in plan) {
      note(plan.problem)
      result(response, plan.problem)
      return
    }
    parts.snapshots.propose(plan.command, (outcome) => {
      if (outcome.kind !== 'applied') {
        const code = outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'
        note(code)
        if (!response.destroyed) send(response, refusal(code))
        return
      }
      const told = outcomeOf(parts, outcome.reply)
      note(typeof told === 'string' ? told : JSON.stringify(told))
      if (typeof told === 'string') result(response, told)
      else result(response, null, told)
    })
  },
})
