/** A client over a connection, as gRPC clients are: what it published goes with the connection, and it publishes again over the next one. */

import type { Naming } from '../../../src-node/naming/naming.ts'
import type { NamingOutcome, ServiceInfo } from '../../../src-node/naming/naming-port.ts'
import { ownerText } from '../../../src-node/state-machine/areas/naming-tables.ts'
import type { InstanceSpec, ServiceKey } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Cluster } from '../cluster.ts'
import { lifeOf } from '../node.ts'
import { serviceOf, type Tenant, type Wanted } from './tenant.ts'
import { createVisits, type Place } from './visits.ts'

interface Line {
  readonly place: Place
  readonly connectionId: string
  /** By service, what the client was pushed last. */
  readonly pushed: Map<string, ServiceInfo>
}

/** What the client means to have registered for one service. */
interface Wish {
  readonly service: ServiceKey
  instances: readonly InstanceSpec[]
  /** The line over which something was said of it last, and the one over which that was acknowledged. */
  saidOver: Line | null
  takenOver: Line | null
  isUnderWay: boolean
}

/** Of naming's time: between two moments at which it may do something, and until it gives an answer up. */
const paceMs = 1_500
const calmPaceMs = 4_000
const patienceMs = 700
const names = ['connected', 'common'] as const
const hosts = (info: ServiceInfo) => info.hosts.map(({ ip, port, healthy }) => `${ip}:${port}${healthy ? '' : '!'}`).join(' ')

export function createConnected(cluster: Cluster, number: number): Tenant {
  const { world, serviceDice: dice } = cluster
  const visits = createVisits(cluster)
  const ip = `10.1.0.${number}`
  const wishes: Wish[] = names.map((name) => ({ service: serviceOf(name), instances: [], saidOver: null, takenOver: null, isUnderWay: false }))
  let line: Line | null = null
  let lines = 0
  let isAway = false

  const drawInstances = (): readonly InstanceSpec[] => {
    const count = dice.pick([0, 1, 1, 1, 3])
    const mark = `${dice.between(1, 1_000_000)}`
    return Array.from({ length: count }, (_, at) => ({
      ...{ ip, port: 1 + at + dice.between(0, 1), cluster: 'DEFAULT', weight: 1, enabled: true, healthy: true, metadata: { mark: `${mark} ${at}` } },
    })).filter(({ port }, at, all) => all.findIndex((each) => each.port === port) === at)
  }

  const subscribe = (of: Line, service: ServiceKey, naming: Naming) =>
    naming.subscribe({ kind: 'connection', connectionId: of.connectionId }, service, '', (info, acked) =>
      visits.back(() => {
        // Lost on the way, or its acknowledgement: it must come again.
        if (cluster.safety && dice.chance(0.1)) return world.mark('naming/push-lost')
        if (line === of) of.pushed.set(service.name, info)
        visits.there(of.place, () => acked(true))
      }),
    )
  const connect = () => {
    const place = visits.pick()
    if (place === null) return
    const of: Line = { place, connectionId: `${number}-${++lines}`, pushed: new Map() }
    line = of
    world.mark('naming/connected')
    visits.there(place, (naming) => {
      naming.connectionOpened({ connectionId: of.connectionId, ip, port: 50_000 + number, agent: 'Nacos-Java-Client:v3.1.0', app: '' })
      for (const { service } of wishes) subscribe(of, service, naming)
    })
  }
  /** The node notices at once, a little later, or never, if it dies first. */
  const disconnect = () => {
    if (line === null) return
    const { place, connectionId } = line
    line = null
    visits.later(dice.float(0, 5), () => visits.there(place, (naming) => naming.connectionClosed(connectionId)))
  }

  const publish = (wish: Wish) => {
    if (line === null || wish.isUnderWay || wish.takenOver === line) return
    const of = line
    const { instances } = wish
    if (instances.length === 0 && wish.saidOver !== of) {
      wish.takenOver = of
      return
    }
    wish.isUnderWay = true
    wish.saidOver = of
    let isOver = false
    const over = (outcome: NamingOutcome | null) => {
      if (isOver) return
      isOver = true
      giveUp()
      wish.isUnderWay = false
      const isTaken = outcome?.kind === 'applied' && outcome.reply.kind === 'naming-done'
      if (isTaken && wish.instances === instances) wish.takenOver = of
      if (isTaken) world.mark('naming/published')
      // A node that does not answer, or cannot, is left.
      else if (line === of && dice.chance(outcome === null ? 1 : 0.2)) disconnect()
    }
    const giveUp = visits.later(patienceMs, () => over(null))
    visits.there(of.place, (naming) => naming.publish(of.connectionId, wish.service, instances, (outcome) => visits.back(() => over(outcome))))
  }

  const change = () => {
    if (dice.chance(0.08)) {
      isAway = true
      disconnect()
      visits.later(visits.ms(dice.float(0, 20_000)), () => {
        isAway &&= !cluster.safety
      })
    } else if (dice.chance(0.15)) disconnect()
    else if (dice.chance(0.4)) {
      const wish = dice.pick(wishes)
      wish.instances = drawInstances()
      wish.takenOver = null
    }
  }
  const act = () => {
    visits.later(visits.ms(dice.float(0, 2 * (cluster.safety ? paceMs : calmPaceMs))), act)
    if (cluster.safety) change()
    if (line !== null && !visits.stands(line.place)) disconnect()
    if (isAway) return
    if (line === null) {
      connect()
      for (const wish of wishes) wish.takenOver = null
    }
    for (const wish of wishes) publish(wish)
  }
  const wantedOf = ({ place, connectionId }: Line): readonly Wanted[] => {
    const { node, run } = place
    const life = Buffer.from(lifeOf(node.id, run)).toString('hex')
    const owner = ownerText({ node: node.id, life, connectionId })
    return wishes.flatMap(({ service, instances }) => instances.map((spec) => ({ service, spec, owner })))
  }

  act()
  return {
    words: `client ${number} over a connection`,
    wanted: () => {
      if (isAway) return []
      if (line === null || !visits.stands(line.place) || wishes.some(({ takenOver, isUnderWay }) => takenOver !== line || isUnderWay)) return null
      return wantedOf(line)
    },
    end: () => {
      isAway = true
      disconnect()
    },
    missed: () => {
      if (line === null || isAway) return null
      for (const { service } of wishes) {
        const now = hosts(line.place.node.naming!.serviceInfo(service, '', false))
        const known = line.pushed.get(service.name)
        if (known !== undefined && hosts(known) !== now) return `was pushed ${service.name} as "${hosts(known)}", it is "${now}"`
        if (known === undefined && now !== '') return `was never pushed ${service.name}, which is "${now}"`
      }
      return null
    },
  }
}
