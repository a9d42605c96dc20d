/** Who registers persistent instances and takes them away again, and who pulls the plug of what stands behind them: checks must find out. */

import type { NamingOutcome } from '../../../src-node/naming/naming-port.ts'
import type { InstanceSpec } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Cluster } from '../cluster.ts'
import { serviceOf, type Tenant } from './tenant.ts'
import { createVisits } from './visits.ts'

const portsMax = 3
/** Of naming's time. */
const paceMs = 3_000

export function createOperator(cluster: Cluster, number: number): Tenant {
  const { world, ports, serviceDice: dice } = cluster
  const visits = createVisits(cluster)
  const service = serviceOf('kept')
  const ip = `10.3.0.${number}`

  const specOf = (port: number): InstanceSpec => ({
    ...{ ip, port, cluster: 'DEFAULT', weight: 1, enabled: true, healthy: dice.chance(0.7), metadata: { mark: `${dice.between(1, 1_000_000)}` } },
  })
  const change = () => {
    const place = visits.pick()
    const port = dice.between(1, portsMax)
    if (place === null) return
    const next = dice.chance(0.7) ? specOf(port) : null
    const done = (outcome: NamingOutcome) => {
      if (outcome.kind === 'applied' && outcome.reply.kind === 'naming-done') world.mark('naming/kept')
    }
    visits.there(place, (naming) => {
      if (next === null) naming.deregister(service, { ip, port }, false, done)
      else naming.register(service, next, false, done)
    })
  }
  const pull = () => void ports.set(`${ip}:${dice.between(1, portsMax)}`, dice.pick(['ok', 'ok', 'refused', 'failed']))
  const act = () => {
    if (!cluster.safety) return
    visits.later(visits.ms(dice.float(0, 2 * paceMs)), act)
    if (dice.chance(0.5)) change()
    else pull()
  }

  act()
  return { words: `operator ${number}`, wanted: () => [], end: () => {}, missed: () => null }
}
