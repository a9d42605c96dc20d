/** A client that lives by beats, as HTTP clients do: it registers an address, beats at any node, falls silent now and then, and comes back. */

import type { BeatAnswer, NamingOutcome } from '../../../src-node/naming/naming-port.ts'
import type { InstanceSpec } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Cluster } from '../cluster.ts'
import { serviceOf, type Tenant } from './tenant.ts'
import { createVisits, type Place } from './visits.ts'

/** Naming's time, ms. A third of them keep to the defaults. */
const quick = { 'preserved.heart.beat.interval': '2500', 'preserved.heart.beat.timeout': '8000', 'preserved.ip.delete.timeout': '14000' }
const patienceMs = 700

export function createBeater(cluster: Cluster, number: number): Tenant {
  const { world, serviceDice: dice } = cluster
  const visits = createVisits(cluster)
  const service = serviceOf('beaten')
  const isQuick = dice.chance(0.67)
  const intervalMs = isQuick ? 2_500 : 5_000
  let place: Place | null = null
  let isRegistered = false
  let isUnderWay = false
  let abandon = () => {}
  let isAway = false
  let spec = drawSpec()

  function drawSpec(): InstanceSpec {
    const metadata = { mark: `${dice.between(1, 1_000_000)}`, ...(isQuick ? quick : {}) }
    const address = { ip: `10.2.0.${number}`, port: 80, cluster: dice.pick(['DEFAULT', 'b']) }
    return { ...address, weight: 1, enabled: true, healthy: true, metadata }
  }

  /** One question to the node, with an answer or without. */
  const ask = <A>(act: (at: Place, done: (answer: A) => void) => void, took: (answer: A | null) => void) => {
    if (place === null || isUnderWay) return
    isUnderWay = true
    let isOver = false
    const over = (answer: A | null) => {
      if (isOver) return
      isOver = true
      giveUp()
      isUnderWay = false
      if (answer === null) place = null
      took(answer)
    }
    abandon = () => over(null)
    const giveUp = visits.later(patienceMs, abandon)
    act(place, (answer) => visits.back(() => over(answer)))
  }
  const register = () => {
    const of = spec
    ask<NamingOutcome>(
      (at, done) => visits.there(at, (naming) => naming.register(service, of, true, done)),
      (outcome) => {
        isRegistered = outcome?.kind === 'applied' && outcome.reply.kind === 'naming-done' && of === spec
        if (isRegistered) world.mark('naming/registered')
        else if (dice.chance(0.3)) place = null
      },
    )
  }
  const beat = () => {
    const { ip, port, cluster: of } = spec
    const isFull = dice.chance(0.3)
    ask<BeatAnswer>(
      (at, done) => visits.there(at, (naming) => naming.beat(service, { ip, port, cluster: of, spec: isFull ? spec : null }, done)),
      (answer) => {
        if (answer?.kind === 'unknown') isRegistered = false
        if (answer !== null) world.mark(`naming/beat-${answer.kind}`)
      },
    )
  }
  const deregister = () => {
    isRegistered = false
    ask<NamingOutcome>(
      (at, done) => visits.there(at, (naming) => naming.deregister(service, spec, true, done)),
      () => {},
    )
  }
  /** As often as not for so long that it counts as ill, and is back before it is gone. */
  const leave = () => {
    isAway = true
    const [illMs, goneMs] = isQuick ? [8_000, 14_000] : [15_000, 30_000]
    visits.later(visits.ms(dice.chance(0.5) ? dice.float(illMs, goneMs) : dice.float(0, 2 * goneMs)), () => {
      isAway &&= !cluster.safety
    })
  }
  const change = () => {
    const drawn = dice.float(0, 1)
    if (drawn < 0.03) leave()
    else if (drawn < 0.05) deregister()
    else if (drawn < 0.08) {
      spec = drawSpec()
      isRegistered = false
    } else if (drawn < 0.18) place = null
  }
  const act = () => {
    visits.later(visits.ms(intervalMs * dice.float(0.7, 1)), act)
    if (cluster.safety && !isAway) change()
    if (isAway) return
    // Its socket closes with the node: nobody waits on for an answer.
    if (place !== null && !visits.stands(place)) abandon()
    if (place === null || !visits.stands(place)) place = visits.pick()
    if (isRegistered) beat()
    else register()
  }

  act()
  return {
    words: `client ${number} by beats`,
    wanted: () => (isAway ? [] : isRegistered ? [{ service, spec, owner: 'beat' }] : null),
    end: () => {
      isAway = true
    },
    missed: () => null,
  }
}
