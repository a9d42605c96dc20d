/**
 * The switches inside the nodes, set through the supervisor over the parent channel: lines between nodes, disks, wall clocks. It remembers what is
 * wanted of each node, so that one that starts again starts with it. It never opens a port and never asks a node: what it says is what was wanted.
 */

import { type DiskFault, faultLimits, type LinkFault, type NodeFaults, noFaults } from '../../src-node/observe/channel.ts'
import type { LogSink } from '../cluster/supervisor-runner.ts'
import type { ActionResult } from '../cluster/types.ts'

export type Disk = 'raftLog' | 'stateStore'

/** Of the frames that go from one node to another. */
export interface LineFault {
  readonly delayMs: number
  readonly jitterMs: number
  /** 0..1 */
  readonly loss: number
}

export interface NodeFaultSwitches {
  /** Frames from `from` to `to` are dropped; the sockets stay open. The way back is another line. */
  readonly cut: (from: number, to: number) => ActionResult
  readonly mend: (from: number, to: number) => ActionResult
  /** What is not named stays as it is; zeros mend it. */
  readonly slowLine: (from: number, to: number, change: Partial<LineFault>) => ActionResult
  /** What is not named stays as it is. */
  readonly setDisk: (id: number, disk: Disk, change: Partial<DiskFault>) => ActionResult
  /** `ms` is added to the node's wall clock: whole, since times are stored whole; up to ten years both ways. */
  readonly setClock: (id: number, ms: number) => ActionResult
  /** No node has a fault any more. */
  readonly heal: () => ActionResult
  /** Nodes have come or gone: nothing is wanted any more of a node that is not there, nor of a line to it. */
  readonly membersChanged: () => void
  /** What is wanted of a node, for its start and for whoever looks. */
  readonly of: (id: number) => NodeFaults
}

export interface NodeFaultParts {
  readonly ids: () => readonly number[]
  /** False when the node has no process that listens: it gets its faults with its next start. */
  readonly send: (id: number, faults: NodeFaults) => boolean
  readonly log: LogSink
}

const refuse = (code: 'not_found' | 'invalid', id: number | null, detail: string): ActionResult => ({
  ok: false,
  refusal: { code, nodeId: id, httpStatus: null, detail },
})

const within = (value: number, min: number, max: number): boolean => value >= min && value <= max

type End = Pick<LinkFault, 'peer' | 'direction'>

const soundLine: Omit<LinkFault, 'peer' | 'direction'> = { cut: false, delayMs: 0, jitterMs: 0, loss: 0 }

export const createNodeFaults = ({ ids, send, log }: NodeFaultParts): NodeFaultSwitches => {
  const wanted = new Map<number, NodeFaults>()
  const of = (id: number): NodeFaults => wanted.get(id) ?? noFaults

  const set = (id: number, faults: NodeFaults): void => {
    wanted.set(id, faults)
    send(id, faults)
  }
  const linkOf = (id: number, end: End): LinkFault =>
    of(id).links.find(({ peer, direction }) => peer === end.peer && direction === end.direction) ?? { ...soundLine, ...end }
  const changeLink = (id: number, end: End, change: Partial<LinkFault>): void => {
    const before = linkOf(id, end)
    set(id, { ...of(id), links: [...of(id).links.filter((link) => link !== before), { ...before, ...change }] })
  }
  const stranger = (...named: readonly number[]): ActionResult | null => {
    const unknown = named.find((id) => !ids().includes(id))
    return unknown === undefined ? null : refuse('not_found', null, `there is no node ${unknown}`)
  }
  const checkLine = (from: number, to: number): ActionResult | null =>
    stranger(from, to) ?? (from === to ? refuse('invalid', from, 'a line has two different ends') : null)
  const done = (text: string): ActionResult => {
    log('warn', `Fault by the user: ${text}`)
    return { ok: true }
  }

  /** At both ends: a paused node hears of it only later, and the other one drops for it. */
  const setCut = (from: number, to: number, cut: boolean): ActionResult => {
    const problem = checkLine(from, to)
    if (problem !== null) return problem
    changeLink(from, { peer: to, direction: 'out' }, { cut })
    changeLink(to, { peer: from, direction: 'in' }, { cut })
    return done(`frames from node ${from} to node ${to} ${cut ? 'are dropped' : 'pass again'}`)
  }
  const slowLine: NodeFaultSwitches['slowLine'] = (from, to, change) => {
    const problem = checkLine(from, to)
    if (problem !== null) return problem
    const { delayMs, jitterMs, loss } = { ...linkOf(from, { peer: to, direction: 'out' }), ...change }
    const most = faultLimits.delayMs
    if (!within(delayMs, 0, most) || !within(jitterMs, 0, most)) return refuse('invalid', from, `a delay is 0 to ${most} ms`)
    if (!within(loss, 0, 1)) return refuse('invalid', from, 'a loss is a probability from 0 to 1')
    changeLink(from, { peer: to, direction: 'out' }, { delayMs, jitterMs, loss })
    return done(`frames from node ${from} to node ${to}: ${delayMs} ms late, jitter ${jitterMs} ms, ${(loss * 100).toFixed(1)} % lost`)
  }
  const setDisk: NodeFaultSwitches['setDisk'] = (id, disk, change) => {
    const problem = stranger(id)
    if (problem !== null) return problem
    const fault = { ...of(id)[disk], ...change }
    if (!within(fault.slowMs, 0, faultLimits.slowMs)) return refuse('invalid', id, `a disk is 0 to ${faultLimits.slowMs} ms slow`)
    set(id, { ...of(id), [disk]: fault })
    return done(
      `the disk of node ${id} for its ${disk === 'raftLog' ? 'Raft log' : 'state store'}: ${fault.slowMs} ms slow${fault.full ? ', full' : ''}`,
    )
  }
  const setClock: NodeFaultSwitches['setClock'] = (id, ms) => {
    const problem = stranger(id)
    if (problem !== null) return problem
    const most = faultLimits.clockOffsetMs
    if (!Number.isInteger(ms) || !within(ms, -most, most)) return refuse('invalid', id, `a clock is off by whole milliseconds, ${most} at most`)
    set(id, { ...of(id), clockOffsetMs: ms })
    return done(`the wall clock of node ${id} is ${ms} ms off`)
  }
  const heal = (): ActionResult => {
    for (const id of [...wanted.keys()]) set(id, noFaults)
    wanted.clear()
    return done('all lines, disks and clocks are sound again')
  }

  const membersChanged = (): void => {
    const present = ids()
    for (const [id, faults] of [...wanted]) {
      const links = faults.links.filter(({ peer }) => present.includes(peer))
      if (!present.includes(id)) wanted.delete(id)
      else if (links.length < faults.links.length) set(id, { ...faults, links })
    }
  }

  return {
    cut: (from, to) => setCut(from, to, true),
    mend: (from, to) => setCut(from, to, false),
    ...{ slowLine, setDisk, setClock, heal, membersChanged, of },
  }
}
