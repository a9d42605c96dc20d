/**
 * Commands of naming on their way to the leader, and the removal of all that one connection owns, a few instances a command. It decides nothing: a command
 * may have to wait for the one before it, and what was found out about an instance is asked again just before it is named.
 */

import { logIndex } from '../raft/types.ts'
import type { WriteOutcome } from '../raft-driver/ports.ts'
import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { encodeNaming } from '../state-machine/areas/naming-codec.ts'
import type { NamingCommand, NamingRefusal, SeenInstance, ServiceState } from '../state-machine/areas/naming-words.ts'
import type { Reply } from '../state-machine/types.ts'
import { namingBounds } from './naming-limits.ts'
import type { NamingDone, NamingOutcome } from './naming-port.ts'

export interface Proposals {
  propose(command: NamingCommand, done: NamingDone): void
  /** Each void if it was registered again meanwhile. `done`: whether all of them that are still meant were named in commands that were carried out. */
  remove(instances: readonly SeenInstance[], isStill: IsStill, done: (isDone: boolean) => void): void
  setHealth(healthy: boolean, instances: readonly SeenInstance[], isStill: IsStill, done: (isDone: boolean) => void): void
  /** All that a connection published, if it is gone by then; nothing while that is under way already. */
  removeOwner(ownerText: string, publications: ReadonlyMap<ServiceState, ReadonlySet<string>>, isGone: () => boolean): void
}

/** Asked at the moment when it is to be named: whether it is still meant. */
export type IsStill = (seen: SeenInstance) => boolean

export const surely: IsStill = () => true

export interface ProposalsParts {
  area(): NamingArea
  write(payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void): void
  defer(task: () => void): void
}

/** Refused by this node itself: nothing was proposed. */
export const refusedHere = (why: NamingRefusal): NamingOutcome => ({ kind: 'applied', index: logIndex(0), reply: { kind: 'naming-refused', why } })

const outcomeOf = (outcome: WriteOutcome<Reply>): NamingOutcome => {
  if (outcome.kind !== 'applied') return outcome
  const { reply, index } = outcome
  // Bytes of ours that the machine cannot read were written by another version of it.
  return reply.kind === 'naming-done' || reply.kind === 'naming-refused' ? { kind: 'applied', reply, index } : { kind: 'unknown' }
}

export const seenOf = (state: ServiceState, address: string): SeenInstance | null => {
  const row = state.instances.get(address)
  return row === undefined ? null : { service: state.key, ip: row.ip, port: row.port, cluster: row.cluster, index: row.index }
}

export const createProposals = ({ write, defer }: ProposalsParts): Proposals => {
  const removing = new Set<string>()
  /** Owners that are to go with the next removal: when a node dies with thousands of connections, a few commands name all of them. */
  let gathered: { readonly owners: string[]; readonly instances: Map<SeenInstance, () => boolean> } = { owners: [], instances: new Map() }
  let isRemoving = false

  const propose: Proposals['propose'] = (command, done) => write(encodeNaming(command), (outcome) => done(outcomeOf(outcome)))

  /** One command after another, so that a node that leads alone is not flooded with what it cannot commit. */
  const inParts = (
    instances: readonly SeenInstance[],
    isStill: IsStill,
    commandOf: (part: readonly SeenInstance[]) => NamingCommand,
    done: (isDone: boolean) => void,
    from = 0,
  ): void => {
    const part: SeenInstance[] = []
    const until = Math.min(instances.length, from + namingBounds.perTurn)
    let at = from
    for (; at < until && part.length < namingBounds.named; at++) {
      const each = instances[at] as SeenInstance
      if (isStill(each)) part.push(each)
    }
    const goOn = (): void => inParts(instances, isStill, commandOf, done, at)
    if (part.length > 0) propose(commandOf(part), ({ kind }) => (kind === 'applied' ? goOn() : done(false)))
    else if (at < instances.length) defer(goOn)
    else done(true)
  }
  const remove: Proposals['remove'] = (instances, isStill, done) =>
    inParts(instances, isStill, (part) => ({ kind: 'remove-instances', instances: part }), done)

  /** Who could not be removed now is found again by whoever looks for owners that are gone. */
  const removeGathered = (): void => {
    if (isRemoving || gathered.owners.length === 0) return
    isRemoving = true
    const { owners, instances } = gathered
    gathered = { owners: [], instances: new Map() }
    const isStill: IsStill = (seen) => instances.get(seen)?.() === true
    remove([...instances.keys()], isStill, () => {
      for (const owner of owners) removing.delete(owner)
      isRemoving = false
      removeGathered()
    })
  }

  return {
    propose,
    remove,
    setHealth: (healthy, instances, isStill, done) => inParts(instances, isStill, (part) => ({ kind: 'set-health', healthy, instances: part }), done),
    removeOwner: (ownerText, publications, isGone) => {
      if (removing.has(ownerText)) return
      removing.add(ownerText)
      gathered.owners.push(ownerText)
      for (const [state, addresses] of publications)
        for (const address of addresses) {
          const seen = seenOf(state, address)
          if (seen !== null) gathered.instances.set(seen, isGone)
        }
      removeGathered()
    },
  }
}
