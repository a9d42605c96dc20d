/**
 * What a node's naming may propose by itself (design 5 "Ephemeral instances"; catalogue 30), judged at the moment when it proposes: nothing of an owner that
 * lives is taken away, no silence is counted that this leader has not heard out, no health is told that no check has found. It knows what happened to the
 * nodes and to the clients, and nothing of naming's own books.
 */

import { namingTimes } from '../../../src-node/naming/naming-limits.ts'
import type { NodeId } from '../../../src-node/raft/types.ts'
import type { RaftStatus } from '../../../src-node/raft-driver/ports.ts'
import { addressText } from '../../../src-node/state-machine/areas/naming-records.ts'
import type { ConnectionOwner, InstanceKey, Metadata, NamingCommand, SeenInstance } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Facts } from './facts.ts'
import { type Registration, serviceWord } from './naming-model.ts'

/** The node's own pace: a time of naming takes `1 / speed` of it, ms. */
export interface Pace {
  readonly life: string
  readonly speed: number
}

export interface ExpiryJudge {
  /** A run of a node's naming begins. */
  onNamingStart(node: number, pace: Pace): void
  /** After each turn of a node. */
  onNamingTurn(node: number, status: RaftStatus): void
  /** It stood still for so long. */
  onWoke(node: number, sleptMs: number): void
  /** As that node knows it. */
  onConnection(node: number, connectionId: string, isOpen: boolean): void
  onBeats(node: number, instances: readonly InstanceKey[]): void
  /** @param port as `ip:port` */
  onProbed(node: number, port: string, isOk: boolean): void
  onNamingProposed(node: number, command: NamingCommand): void
}

interface Contact {
  isUp: boolean
  sinceMs: number
  /** Until when it last was in contact for longer than a look at it may miss. */
  lastMs: number
}

/** One run of one node. */
interface Run extends Pace {
  readonly startMs: number
  leads: { readonly term: number; readonly sinceMs: number } | null
  wokeMs: number
  readonly open: Set<string>
  readonly contacts: Map<NodeId, Contact>
  /** When a beat of each was heard here last, which addresses beat at all, and what the last check found. */
  readonly heardMs: Map<string, number>
  readonly heardAt: Set<string>
  readonly probed: Map<string, boolean>
}

/** Timers fire when they are due, to a fraction of a ms. */
const roundingMs = 0.01
const timeoutOf = (metadata: Metadata, key: string, otherwise: number): number => Number(metadata[key] ?? otherwise)
const never = Number.NEGATIVE_INFINITY
/** What no command registered, a restore did. */
const broughtBack: Registration = { owner: { kind: 'persistent' }, metadata: {} }

export function createExpiryJudge({ world, fail }: Facts, registration: (seen: SeenInstance) => Registration | undefined): ExpiryJudge {
  const runs = new Map<number, Run>()
  const runOf = (node: number): Run => runs.get(node)!
  /** In times of that node's naming. */
  const passedMs = ({ speed }: Run, sinceMs: number): number => (world.now() - sinceMs) * speed + roundingMs
  const textOf = ({ service, ip, port, index }: SeenInstance) => `${serviceWord(service)} ${ip}:${port} of ${index}`

  const mustHavePassed = (run: Run, ms: number, sinceMs: number, words: () => string) => {
    if (passedMs(run, sinceMs) < ms) fail(`30: ${words()}: ${passedMs(run, sinceMs).toFixed(0)} of ${ms} ms have passed`)
  }
  const mustLead = (node: number, run: Run, what: string): { readonly sinceMs: number } =>
    run.leads ?? fail(`30: node ${node} ${what}, and does not lead`)

  const checkSilence = (node: number, seen: SeenInstance, ms: number) => {
    const run = runOf(node)
    const { sinceMs } = mustLead(node, run, `calls ${textOf(seen)} silent`)
    mustHavePassed(
      run,
      ms,
      Math.max(sinceMs, run.wokeMs),
      () => `node ${node} has led or been awake too short a while to call ${textOf(seen)} silent`,
    )
    // Whoever leads counts a beat when it comes, however late its timers are: no moment of it is forgiven.
    mustHavePassed(run, ms, run.heardMs.get(addressText(seen)) ?? never, () => `node ${node} calls ${textOf(seen)} silent, whose beat it has heard`)
  }

  const checkOwner = (node: number, seen: SeenInstance, owner: ConnectionOwner) => {
    const run = runOf(node)
    const text = `node ${node} takes ${textOf(seen)} from connection ${owner.connectionId} of node ${owner.node}`
    const grace = namingTimes.ownerGrace
    if (owner.node === node && owner.life === run.life) {
      if (run.open.has(owner.connectionId)) fail(`30: ${text}, which is open`)
      world.mark('naming/connection-gone')
      return
    }
    if (owner.node === node) {
      mustHavePassed(run, grace, run.startMs, () => `${text}, of its earlier run, within its grace`)
      world.mark('naming/earlier-run-gone')
      return
    }
    const { sinceMs } = mustLead(node, run, `takes ${textOf(seen)} from node ${owner.node}`)
    const contact = run.contacts.get(owner.node as NodeId)
    const contactMs = contact === undefined ? run.startMs : contact.lastMs
    mustHavePassed(run, grace, Math.max(sinceMs, run.wokeMs), () => `${text}, too soon after it began to lead or woke`)
    mustHavePassed(run, grace, contactMs, () => `${text}, with which it was in contact`)
    world.mark('naming/node-gone')
  }

  const checkRemoval = (node: number, seen: SeenInstance) => {
    const { owner, metadata } = registration(seen) ?? fail(`node ${node} takes ${textOf(seen)} away, which nobody registered`)
    if (owner.kind === 'persistent') fail(`30: node ${node} takes the persistent ${textOf(seen)} away`)
    if (owner.kind === 'connection') checkOwner(node, seen, owner)
    if (owner.kind === 'beat') {
      checkSilence(node, seen, timeoutOf(metadata, 'preserved.ip.delete.timeout', namingTimes.ipDeleteTimeout))
      world.mark('naming/expired')
    }
  }

  const checkHealth = (node: number, seen: SeenInstance, healthy: boolean) => {
    const { owner, metadata } = registration(seen) ?? broughtBack
    const run = runOf(node)
    if (owner.kind === 'connection') fail(`30: node ${node} judges the health of ${textOf(seen)}, which a connection keeps`)
    if (owner.kind === 'persistent') {
      if (run.probed.get(`${seen.ip}:${seen.port}`) !== healthy)
        fail(`30: node ${node} calls ${textOf(seen)} ${healthy ? 'healthy' : 'ill'}, its check did not`)
      world.mark(`naming/checked-${healthy ? 'healthy' : 'ill'}`)
      return
    }
    if (!healthy) checkSilence(node, seen, timeoutOf(metadata, 'preserved.heart.beat.timeout', namingTimes.heartBeatTimeout))
    // One address is one client: its beat may name a cluster that it has left, or is about to enter.
    else if (!run.heardAt.has(`${seen.ip}:${seen.port}`)) fail(`30: node ${node} calls ${textOf(seen)} healthy, and has never heard it beat`)
    world.mark(`naming/${healthy ? 'heard-again' : 'silent'}`)
  }

  /** A look at the peers comes once a round: it may miss a contact that is shorter than two. */
  const follow = (run: Run, { id, connected }: { readonly id: NodeId; readonly connected: boolean }) => {
    const nowMs = world.now()
    const known = run.contacts.get(id)
    if (known === undefined) run.contacts.set(id, { isUp: connected, sinceMs: nowMs, lastMs: run.startMs })
    else if (known.isUp !== connected) {
      known.isUp = connected
      known.sinceMs = nowMs
    } else if (connected && passedMs(run, known.sinceMs) > 2 * namingTimes.roundMin) known.lastMs = nowMs
  }

  return {
    onNamingStart: (node, pace) => {
      const startMs = world.now()
      runs.set(node, {
        ...{ ...pace, startMs, leads: null, wokeMs: never },
        ...{ open: new Set(), contacts: new Map(), heardMs: new Map(), heardAt: new Set(), probed: new Map() },
      })
    },
    onNamingTurn: (node, { role, term, serving, peers }) => {
      const run = runOf(node)
      if (role !== 'leader' || !serving) run.leads = null
      else if (run.leads?.term !== term) run.leads = { term, sinceMs: world.now() }
      for (const peer of peers) follow(run, peer)
      // Whoever is no member is nobody that a leader is in contact with.
      for (const [id, contact] of run.contacts) if (contact.isUp && !peers.some((peer) => peer.id === id)) contact.isUp = false
    },
    onWoke: (node, sleptMs) => {
      const run = runs.get(node)
      if (run === undefined || sleptMs * run.speed <= namingTimes.sleepGap + namingTimes.roundMin) return
      run.wokeMs = world.now()
      world.mark('naming/slept')
    },
    onConnection: (node, connectionId, isOpen) => {
      if (isOpen) runOf(node).open.add(connectionId)
      else runOf(node).open.delete(connectionId)
    },
    onBeats: (node, instances) => {
      const { heardMs, heardAt } = runOf(node)
      for (const instance of instances) {
        heardMs.set(addressText(instance), world.now())
        heardAt.add(`${instance.ip}:${instance.port}`)
      }
    },
    onProbed: (node, port, isOk) => void runOf(node).probed.set(port, isOk),
    onNamingProposed: (node, command) => {
      if (command.kind === 'remove-instances') for (const seen of command.instances) checkRemoval(node, seen)
      if (command.kind === 'set-health') for (const seen of command.instances) checkHealth(node, seen, command.healthy)
      if (command.kind === 'sweep-services') {
        mustLead(node, runOf(node), 'sweeps services')
        world.mark('naming/swept')
      }
    },
  }
}
