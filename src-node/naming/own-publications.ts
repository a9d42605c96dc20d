/**
 * The connections of this run of this node and what each published (design 5 "Ephemeral instances"). Keeps it as long as the connection is open, proposes
 * again what was taken away under one that lives, and takes away what stands under one that is gone, or under an earlier run after its grace. What another
 * owner has registered since is never touched. Memory of wishes only: what is true stands in the machine.
 */

import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { addressText, serviceText } from '../state-machine/areas/naming-records.ts'
import type { ConnectionOwner, InstanceSpec, ServiceKey } from '../state-machine/areas/naming-words.ts'
import { namingBounds, namingTimes } from './naming-limits.ts'
import type { NamingConnection, NamingDone } from './naming-port.ts'
import { type Proposals, refusedHere } from './proposals.ts'

interface Publication {
  readonly service: ServiceKey
  instances: readonly InstanceSpec[]
  /** Proposals whose outcome is not known yet. */
  underway: number
}

export interface OpenConnection {
  readonly connection: NamingConnection
  readonly published: Map<string, Publication>
  lastUpdatedMs: number
}

export interface OwnPublications {
  open(connection: NamingConnection): void
  close(connectionId: string): void
  get(connectionId: string): OpenConnection | undefined
  all(): IterableIterator<OpenConnection>
  size(): number
  ownerOf(connectionId: string): ConnectionOwner
  publish(connectionId: string, service: ServiceKey, instances: readonly InstanceSpec[], done: NamingDone): void
  /** Something of that service is another: if a connection here publishes it, all is looked at soon. */
  changed(service: ServiceKey): void
  start(): void
  stop(): void
}

export interface OwnPublicationsParts {
  readonly nodeId: number
  /** Of this run, 12 hex digits. */
  readonly life: string
  readonly proposals: Proposals
  readonly clock: {
    wallMs(): number
    monotonicMs(): number
    defer(task: () => void): void
    after(ms: number, task: () => void): { cancel(): void }
  }
  area(): NamingArea
  /** A leader is known and this node has applied what it said first: before that the machine says nothing of what was taken away. */
  isServing(): boolean
}

export const createOwnPublications = (parts: OwnPublicationsParts): OwnPublications => {
  const { nodeId, life, proposals, clock, area } = parts
  const connections = new Map<string, OpenConnection>()
  /** How many connections publish each service. */
  const publishers = new Map<string, number>()
  const ownPrefix = `${nodeId}:${life}:`
  const nodePrefix = `${nodeId}:`
  let startedMs = Number.POSITIVE_INFINITY
  let timer: { cancel(): void } | null = null
  let dueMs = Number.POSITIVE_INFINITY
  let isLooking = false
  let repairing = 0
  /** Something changed during a look, or it could not do all. */
  let isDueAgain = false
  let stopped = false

  const ownerOf = (connectionId: string): ConnectionOwner => ({ kind: 'connection', node: nodeId, life, connectionId })

  const lookIn = (ms: number): void => {
    const atMs = clock.monotonicMs() + ms
    if (stopped || atMs >= dueMs) return
    timer?.cancel()
    dueMs = atMs
    timer = clock.after(ms, look)
  }

  const count = (service: string, by: 1 | -1): void => {
    const next = (publishers.get(service) ?? 0) + by
    if (next === 0) publishers.delete(service)
    else publishers.set(service, next)
  }

  const removeGone = (connectionId: string): void => {
    const publications = area().publications(ownerOf(connectionId))
    if (publications !== undefined) proposals.removeOwner(ownPrefix + connectionId, publications, () => !connections.has(connectionId))
  }

  const proposePublication = (connectionId: string, publication: Publication, instances: readonly InstanceSpec[], done: NamingDone): void => {
    publication.underway++
    proposals.propose({ kind: 'publish-instances', service: publication.service, owner: ownerOf(connectionId), instances }, (outcome) => {
      publication.underway--
      // Closed meanwhile: what came of it stands under nobody.
      if (!connections.has(connectionId)) removeGone(connectionId)
      done(outcome)
    })
  }

  const publish: OwnPublications['publish'] = (connectionId, service, instances, done) => {
    const open = connections.get(connectionId)
    if (open === undefined) {
      done(refusedHere('connection-unknown'))
      return
    }
    const text = serviceText(service)
    const known = open.published.get(text)
    const publication: Publication = known ?? { service, instances, underway: 0 }
    const before = publication.instances
    publication.instances = instances
    open.lastUpdatedMs = clock.wallMs()
    if (known === undefined) {
      open.published.set(text, publication)
      count(text, 1)
    }
    proposePublication(connectionId, publication, instances, (outcome) => {
      if (publication.instances === instances) settle(open, text, publication, { before: known === undefined ? [] : before, outcome })
      done(outcome)
    })
  }

  /** A refusal leaves things as they were; what may have happened stays wished for. */
  const settle = (
    open: OpenConnection,
    text: string,
    publication: Publication,
    { before, outcome }: { readonly before: readonly InstanceSpec[]; readonly outcome: Parameters<NamingDone>[0] },
  ): void => {
    const isRefused = outcome.kind === 'refused' || (outcome.kind === 'applied' && outcome.reply.kind === 'naming-refused')
    if (isRefused) publication.instances = before
    if (publication.instances.length > 0 || publication.underway > 0 || open.published.get(text) !== publication) return
    open.published.delete(text)
    count(text, -1)
  }

  const repair = (connectionId: string, publication: Publication): void => {
    const { service, instances, underway } = publication
    if (underway > 0 || instances.length === 0) return
    const state = area().service(service)
    const rows = instances.map((spec) => state?.instances.get(addressText(spec)))
    if (rows.every((row) => row !== undefined)) return
    if (repairing >= namingBounds.repairs) {
      isDueAgain = true
      return
    }
    const isOwn = (at: number): boolean => {
      const owner = rows[at]?.owner
      return owner === undefined || (owner.kind === 'connection' && owner.connectionId === connectionId && owner.node === nodeId)
    }
    repairing++
    proposePublication(
      connectionId,
      publication,
      instances.filter((_, at) => isOwn(at)),
      () => {
        repairing--
      },
    )
  }

  /** What there is to look at, one a step. */
  function* steps(): Generator<void> {
    for (const [connectionId, { published }] of connections)
      for (const publication of published.values()) {
        repair(connectionId, publication)
        yield
      }
    const isGraceOver = clock.monotonicMs() - startedMs >= namingTimes.ownerGrace
    for (const [text, publications] of area().owners()) {
      const isOwn = text.startsWith(ownPrefix)
      const isOfEarlierRun = !isOwn && text.startsWith(nodePrefix)
      const isGone = (): boolean => (isOwn ? !connections.has(text.slice(ownPrefix.length)) : isOfEarlierRun && isGraceOver)
      if (isGone()) proposals.removeOwner(text, publications, isGone)
      yield
    }
  }

  const look = (): void => {
    timer = null
    dueMs = Number.POSITIVE_INFINITY
    if (stopped) return
    if (isLooking) isDueAgain = true
    else if (parts.isServing()) {
      isLooking = true
      walk(steps())
    } else lookIn(namingTimes.ownLookAfterChange)
  }
  const walk = (of: Generator<void>): void => {
    if (stopped) return
    for (let taken = 0; taken < namingBounds.perTurn; taken++) {
      if (of.next().done !== true) continue
      isLooking = false
      lookIn(isDueAgain ? namingTimes.ownLookAfterChange : namingTimes.ownLook)
      isDueAgain = false
      return
    }
    clock.defer(() => walk(of))
  }

  return {
    open: (connection) => {
      connections.set(connection.connectionId, { connection, published: new Map(), lastUpdatedMs: clock.wallMs() })
    },
    close: (connectionId) => {
      const open = connections.get(connectionId)
      if (open === undefined) return
      connections.delete(connectionId)
      for (const text of open.published.keys()) count(text, -1)
      removeGone(connectionId)
    },
    get: (connectionId) => connections.get(connectionId),
    all: () => connections.values(),
    size: () => connections.size,
    ownerOf,
    publish,
    changed: (service) => {
      if (publishers.size > 0 && publishers.has(serviceText(service))) lookIn(namingTimes.ownLookAfterChange)
    },
    start: () => {
      startedMs = clock.monotonicMs()
      lookIn(namingTimes.ownLookAfterChange)
    },
    stop: () => {
      stopped = true
      timer?.cancel()
    },
  }
}
