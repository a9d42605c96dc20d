/**
 * Who at this node wants to hear of which service, and the pushes to them (nacos-grpc 6.3, nacos-http 15): changes are merged, a push that nobody
 * acknowledges is tried again as long as the subscriber is there, over UDP once, and one client has one push of a service under way at a time. How a push
 * travels is its sender's business.
 */

import { serviceText } from '../state-machine/areas/naming-records.ts'
import type { ServiceKey } from '../state-machine/areas/naming-words.ts'
import { namingBounds, namingTimes } from './naming-limits.ts'
import type { Push, PushEnd, Subscriber, SubscriberView } from './naming-port.ts'
import { createPushPlaces, type PushPlaces } from './push-places.ts'
import type { ServiceInfos } from './service-infos.ts'

/** Who it is, as lists show it. */
export type SubscriberFace = Pick<SubscriberView, 'clientId' | 'ip' | 'port' | 'agent' | 'app'>

export interface Subscriptions {
  add(subscriber: Subscriber, face: SubscriberFace, wanted: Wanted): 'ok' | 'too-many'
  remove(subscriber: Subscriber, service: ServiceKey): void
  removeAll(subscriber: Subscriber): void
  of(service: ServiceKey): IterableIterator<SubscriberView>
  by(subscriber: Subscriber): IterableIterator<SubscriberView>
  changed(service: ServiceKey): void
  size(): number
  pushes(): PushCounts
  stop(): void
}

export interface Wanted {
  readonly service: ServiceKey
  readonly clusters: string
  readonly push: Push
}

export interface PushCounts {
  readonly sent: number
  readonly taken: number
  readonly costMaxMs: number
  readonly costSumMs: number
}

export interface SubscriptionsParts {
  readonly infos: ServiceInfos
  readonly clock: { monotonicMs(): number; defer(task: () => void): void; after(ms: number, task: () => void): { cancel(): void } }
  isPushing(): boolean
}

interface Subscription extends Wanted {
  readonly id: string
  readonly face: SubscriberFace
  readonly expiresMs: number
  readonly manner: Manner
  readonly client: Client
  /** Shared by those that follow one another for one client and service. */
  readonly line: Line
}
interface Client {
  readonly subscriptions: Map<string, Subscription>
  readonly places: PushPlaces
}
/** How long a push may take, and how often the same is tried. */
interface Manner {
  readonly answerMs: number
  readonly triesMax: number
}
interface Line {
  isUnderWay: boolean
  isDirty: boolean
  /** What the client has, by its edition: it is not sent again. */
  takenEdition: number
  triedEdition: number
  /** Of pushes of that edition, one after the other. */
  failures: number
  takenClusters: string
}

const overConnection: Manner = { answerMs: namingTimes.pushAnswer, triesMax: Number.POSITIVE_INFINITY }
const overUdp: Manner = { answerMs: namingTimes.udpPushAnswer, triesMax: namingBounds.udpPushTries }

const idOf = (subscriber: Subscriber): string =>
  subscriber.kind === 'connection' ? `c${subscriber.connectionId}` : `u${subscriber.ip}#${subscriber.port}`

const viewOf = ({ service, face, clusters }: Subscription): SubscriberView => ({ ...service, ...face, clusters })

const newLine = (): Line => ({ isUnderWay: false, isDirty: false, takenEdition: -1, takenClusters: '', triedEdition: -1, failures: 0 })

export const createSubscriptions = ({ infos, clock, isPushing }: SubscriptionsParts): Subscriptions => {
  const byService = new Map<string, Map<string, Subscription>>()
  const byClient = new Map<string, Client>()
  /** Services that have subscribers, who may not have heard of a change; they wait for the next turn, and as long as pushing is switched off. */
  let dirty = new Set<string>()
  let timer: { cancel(): void } | null = null
  let sweeper: { cancel(): void } | null = null
  let size = 0
  let stopped = false
  const counts = { sent: 0, taken: 0, costMaxMs: 0, costSumMs: 0 }

  const drop = (id: string, text: string): void => {
    const ofService = byService.get(text)
    const client = byClient.get(id)
    if (ofService?.delete(id) !== true || client === undefined) return
    client.subscriptions.delete(text)
    client.places.forget(text)
    size--
    if (ofService.size === 0) {
      byService.delete(text)
      dirty.delete(text)
    }
    if (client.subscriptions.size === 0) byClient.delete(id)
  }

  const isCurrent = (of: Subscription, text: string): boolean => byService.get(text)?.get(of.id) === of

  const newClient = (): Client => {
    const subscriptions = new Map<string, Subscription>()
    const push = (text: string): void => {
      const of = subscriptions.get(text)
      if (of !== undefined) begin(of, text)
    }
    return { subscriptions, places: createPushPlaces({ clock, push }) }
  }

  const push = (of: Subscription, text: string): void => {
    if (isCurrent(of, text)) of.client.places.want(text)
  }
  const begin = (of: Subscription, text: string): void => {
    const { line } = of
    if (stopped) return
    if (!isPushing()) {
      markDirty(text, namingTimes.pushSwitchLook)
      return
    }
    if (line.isUnderWay) {
      line.isDirty = true
      return
    }
    const edition = infos.edition(of.service)
    line.isDirty = false
    if (edition === line.takenEdition && of.clusters === line.takenClusters) return
    if (edition !== line.triedEdition) line.failures = 0
    else if (line.failures >= of.manner.triesMax) return
    line.triedEdition = edition
    const info = infos.info(of.service, of.clusters, false)
    line.isUnderWay = true
    of.client.places.begun()
    const begunMs = clock.monotonicMs()
    let isOver = false
    const answered = (end: PushEnd): void => {
      if (isOver) return
      isOver = true
      patience.cancel()
      if (end !== 'busy') counts.sent++
      if (end === true) {
        line.takenEdition = edition
        line.takenClusters = of.clusters
        took(clock.monotonicMs() - begunMs)
      }
      settle(of, text, end)
    }
    const patience = clock.after(of.manner.answerMs, () => answered(false))
    of.push(info, answered)
  }
  const took = (costMs: number): void => {
    counts.taken++
    counts.costSumMs += costMs
    counts.costMaxMs = Math.max(counts.costMaxMs, costMs)
  }
  /** By whoever stands there now: the subscription may be another one of the same client. */
  const settle = ({ id, line, client, manner }: Subscription, text: string, end: PushEnd): void => {
    line.isUnderWay = false
    if (end === 'busy') {
      client.places.refused(text)
      return
    }
    const again = (): void => {
      const now = byService.get(text)?.get(id)
      if (now?.line === line) push(now, text)
    }
    line.failures = end ? 0 : line.failures + 1
    if (!end && line.failures < manner.triesMax) clock.after(namingTimes.pushRetry, again)
    else if (line.isDirty) again()
    client.places.ended()
  }

  const markDirty = (text: string, ms: number): void => {
    dirty.add(text)
    timer ??= clock.after(ms, turn)
  }
  const turn = (): void => {
    timer = null
    if (!isPushing()) {
      if (dirty.size > 0) timer = clock.after(namingTimes.pushSwitchLook, turn)
      return
    }
    const services = [...dirty]
    dirty = new Set()
    pushAll(pending(services))
  }
  function* pending(services: readonly string[]): Generator<readonly [Subscription, string]> {
    for (const text of services) for (const of of byService.get(text)?.values() ?? []) yield [of, text]
  }
  const pushAll = (of: Generator<readonly [Subscription, string]>): void => {
    const untilMs = clock.monotonicMs() + namingTimes.pushTurn
    // What goes to one may be megabytes.
    for (let begun = 0; begun === 0 || (begun < namingBounds.pushesPerTurn && clock.monotonicMs() < untilMs); begun++) {
      const next = of.next()
      if (next.done === true) return
      push(...next.value)
    }
    clock.defer(() => pushAll(of))
  }
  const sweep = (): void => {
    sweeper = null
    const nowMs = clock.monotonicMs()
    let isAnyLeft = false
    for (const [text, clients] of byService)
      for (const [id, { expiresMs }] of clients) {
        if (nowMs >= expiresMs) drop(id, text)
        else if (Number.isFinite(expiresMs)) isAnyLeft = true
      }
    if (isAnyLeft) sweepLater()
  }
  const sweepLater = (): void => {
    if (!stopped) sweeper ??= clock.after(namingTimes.udpSubscriber / 3, sweep)
  }

  const add: Subscriptions['add'] = (subscriber, face, wanted) => {
    const [id, text] = [idOf(subscriber), serviceText(wanted.service)]
    const known = byService.get(text)?.get(id)
    const client = byClient.get(id) ?? newClient()
    const isFull = size >= namingBounds.subscriptions || client.subscriptions.size >= namingBounds.subscriptionsOfClient
    if (known === undefined && isFull) return 'too-many'
    const isUdp = subscriber.kind === 'udp'
    const expiresMs = isUdp ? clock.monotonicMs() + namingTimes.udpSubscriber : Number.POSITIVE_INFINITY
    const subscription: Subscription = {
      ...wanted,
      id,
      face,
      expiresMs,
      manner: isUdp ? overUdp : overConnection,
      client,
      line: known?.line ?? newLine(),
    }
    const ofService = byService.get(text) ?? new Map<string, Subscription>()
    byService.set(text, ofService.set(id, subscription))
    client.subscriptions.set(text, subscription)
    byClient.set(id, client)
    if (known === undefined) size++
    if (isUdp) sweepLater()
    // Who asks over UDP has just got the answer, and asks again every few seconds.
    if (!isUdp) clock.after(namingTimes.pushDelay, () => push(subscription, text))
    return 'ok'
  }

  function* views(of: ReadonlyMap<string, Subscription> | undefined): Generator<SubscriberView, undefined> {
    for (const subscription of of?.values() ?? []) yield viewOf(subscription)
  }

  return {
    add,
    remove: (subscriber, service) => drop(idOf(subscriber), serviceText(service)),
    removeAll: (subscriber) => {
      const id = idOf(subscriber)
      for (const text of [...(byClient.get(id)?.subscriptions.keys() ?? [])]) drop(id, text)
    },
    of: (service) => views(byService.get(serviceText(service))),
    by: (subscriber) => views(byClient.get(idOf(subscriber))?.subscriptions),
    changed: (service) => {
      if (size === 0 || stopped) return
      const text = serviceText(service)
      if (!byService.has(text)) return
      markDirty(text, namingTimes.pushDelay)
    },
    size: () => size,
    pushes: () => ({ ...counts }),
    stop: () => {
      stopped = true
      timer?.cancel()
      sweeper?.cancel()
    },
  }
}
