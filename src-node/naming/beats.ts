/**
 * Beats on their way: into this node's own book at once while it leads, else gathered for a moment and sent to the leader, a few thousand a frame. They are never
 * logged; one that is lost is made up for by the next. A beat of an instance that counts as unhealthy makes it healthy again, by a command.
 */

import type { NodeId } from '../raft/types.ts'
import type { BeatsFrame, RaftStatus } from '../raft-driver/ports.ts'
import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { putInstanceKey, putList, putService, readInstanceKey, readList, readService } from '../state-machine/areas/naming-fields.ts'
import { addressText, instanceRecordKey, serviceText } from '../state-machine/areas/naming-records.ts'
import type { InstanceKey, InstanceRow, SeenInstance, ServiceKey, ServiceState } from '../state-machine/areas/naming-words.ts'
import { beginFields, endFields, type FieldReader, type FieldWriter, fieldsIn, isWhole } from '../state-machine/fields.ts'
import type { BeatBook } from './beat-book.ts'
import { namingBounds, namingTimes } from './naming-limits.ts'
import { type Proposals, surely } from './proposals.ts'

/** One that beats, by name: a follower may know of another registration than the leader. */
interface BeatOf {
  readonly service: ServiceKey
  readonly instance: InstanceKey
}

export interface Beats {
  heard(service: ServiceKey, instance: InstanceKey): void
  /** From another node. */
  received(frame: BeatsFrame): void
  stop(): void
}

export interface BeatsParts {
  readonly book: BeatBook
  readonly proposals: Proposals
  readonly after: (ms: number, task: () => void) => { cancel(): void }
  area(): NamingArea
  status(): Pick<RaftStatus, 'role' | 'term' | 'leaderId'>
  send(to: NodeId, frame: BeatsFrame): void
}

const putBeat = (out: FieldWriter, { service, instance }: BeatOf): void => {
  putService(out, service)
  putInstanceKey(out, instance)
}
const readBeat = (input: FieldReader): BeatOf => ({ service: readService(input), instance: readInstanceKey(input) })

export const encodeBeats = (beats: readonly BeatOf[]): Uint8Array => {
  const out = beginFields()
  putList(out, beats, putBeat)
  return endFields(out)
}

/** Null: no node of ours wrote it. */
export const decodeBeats = (data: Uint8Array): readonly BeatOf[] | null => {
  const input = fieldsIn(data)
  const beats = readList(input, readBeat)
  return isWhole(input) ? beats : null
}

export const createBeats = ({ book, proposals, after, area, status, send }: BeatsParts): Beats => {
  let waiting = new Map<string, BeatOf>()
  /** Unhealthy ones that beat, by registration; those that are proposed already are not proposed again. */
  let revived = new Map<string, SeenInstance>()
  const reviving = new Set<string>()
  let timer: { cancel(): void } | null = null
  let stopped = false

  const soon = (): void => {
    if (!stopped) timer ??= after(namingTimes.beatGathering, flush)
  }
  const flush = (): void => {
    timer = null
    sendOn()
    heal()
  }
  const sendOn = (): void => {
    if (waiting.size === 0) return
    const { role, term, leaderId } = status()
    // Nobody leads: nobody counts the silence either.
    const gathered = leaderId === null ? [] : [...waiting.values()]
    waiting = new Map()
    // Leads only since they came.
    if (role === 'leader') for (const { service, instance } of gathered) take(service, instance)
    else if (leaderId !== null)
      for (let at = 0; at < gathered.length; at += namingBounds.beatsPerFrame)
        send(leaderId, { type: 'beats', term, data: encodeBeats(gathered.slice(at, at + namingBounds.beatsPerFrame)) })
  }
  const heal = (): void => {
    if (revived.size === 0) return
    const [names, instances] = [[...revived.keys()], [...revived.values()]]
    revived = new Map()
    for (const name of names) reviving.add(name)
    proposals.setHealth(true, instances, surely, () => {
      for (const name of names) reviving.delete(name)
    })
  }

  const take = (service: ServiceKey, instance: InstanceKey): void => {
    const state = area().service(service)
    const address = addressText(instance)
    const row = state?.instances.get(address)
    if (state === undefined || row === undefined) return
    book.heard(state, address, row)
    if (!row.healthy && row.owner.kind === 'beat') revive(state, address, row)
  }
  const revive = ({ key }: ServiceState, address: string, { ip, port, cluster, index }: InstanceRow): void => {
    const name = `${index} ${instanceRecordKey(serviceText(key), address)}`
    if (reviving.has(name) || revived.size >= namingBounds.beatsWaiting) return
    revived.set(name, { service: key, ip, port, cluster, index })
    soon()
  }

  const wait = (service: ServiceKey, instance: InstanceKey): void => {
    if (waiting.size >= namingBounds.beatsWaiting) return
    waiting.set(instanceRecordKey(serviceText(service), addressText(instance)), { service, instance })
    soon()
  }

  return {
    heard: (service, instance) => {
      // At the leader it must not wait: a node that stood still in between looks at who is silent before it gets to what waits.
      if (status().role === 'leader') take(service, instance)
      else wait(service, instance)
    },
    received: ({ data }) => {
      if (status().role !== 'leader') return
      for (const { service, instance } of decodeBeats(data) ?? []) take(service, instance)
    },
    stop: () => {
      stopped = true
      timer?.cancel()
    },
  }
}
