/**
 * Who registers persistent instances and takes them away again, who pulls the plug of what stands behind them, so that checks must find out, and who says
 * things of services and of the instances of others.
 */

import type { Naming } from '../../../src-node/naming/naming.ts'
import type { NamingOutcome, ServiceSpec } from '../../../src-node/naming/naming-port.ts'
import type { InstanceSpec } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Cluster } from '../cluster.ts'
import { serviceOf, type Tenant } from './tenant.ts'
import { createVisits } from './visits.ts'

const portsMax = 3
/** Of naming's time. */
const paceMs = 2_000

export function createOperator(cluster: Cluster, number: number): Tenant {
  const { world, dials, ports, serviceDice: dice } = cluster
  const visits = createVisits(cluster)
  const service = serviceOf('kept')
  const ip = `10.3.0.${number}`

  const specOf = (port: number): InstanceSpec => ({
    ...{
      ip,
      port,
      cluster: port === portsMax ? 'unchecked' : 'DEFAULT',
      weight: 1,
      enabled: true,
      healthy: dice.chance(0.7),
      metadata: { mark: `${dice.between(1, 1_000_000)}` },
    },
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
  const specOfService = (): ServiceSpec => ({
    ...{ protectThreshold: dice.pick([0, 0.5]), metadata: { mark: `${dice.between(1, 1_000_000)}` }, selector: { type: 'none' } },
  })
  const clusterSpec = (isChecked: boolean) => ({
    ...{ checker: { type: isChecked ? ('TCP' as const) : ('NONE' as const) }, checkPort: dice.between(1, 9), useInstancePort: true, metadata: {} },
  })
  /** Of somebody's instance, as this node has it. */
  const sayOfInstance = (naming: Naming, done: (outcome: NamingOutcome) => void) => {
    const of = serviceOf(dice.pick(['connected', 'common', 'beaten', 'kept']))
    const instances = naming.instances(of, '')
    if (instances.length === 0) return
    const { ip: at, port, cluster: in_ } = dice.pick(instances)
    const key = { ip: at, port, cluster: in_ }
    const drawn = dice.float(0, 1)
    const metadata = { said: `${dice.between(1, 9)}`, ...(dice.chance(0.3) ? { mark: 'said' } : {}) }
    if (drawn < 0.5) naming.updateInstance(of, key, { weight: dice.between(0, 9), ...(dice.chance(0.3) ? { metadata } : {}) }, done)
    else {
      const consistency = dice.pick(['ephemeral', 'persistent', 'both'] as const)
      naming.updateMetadata(of, { consistency, keys: dice.chance(0.5) ? [key] : [] }, { mode: dice.pick(['put', 'drop']), metadata }, done)
    }
  }
  const sayOfService = (naming: Naming, done: (outcome: NamingOutcome) => void) => {
    const drawn = dice.float(0, 1)
    const made = serviceOf(dice.pick(['made', 'made too']))
    if (drawn < 0.25) naming.createService(made, specOfService(), dice.chance(0.5), done)
    else if (drawn < 0.4) naming.removeService(made, done)
    else if (drawn < 0.55) naming.updateService(serviceOf(dice.pick(['connected', 'beaten', 'kept', 'made'])), specOfService(), done)
    else if (drawn < 0.75) naming.updateCluster(service, 'unchecked', clusterSpec(dice.chance(0.2)), done)
    else if (drawn < 0.95) naming.setHealth(service, { ip, port: portsMax, cluster: 'unchecked' }, dice.chance(0.5), done)
    else naming.setSwitch('defaultCacheMillis', dice.pick(['3000', '5000']), done)
  }
  const say = () => {
    const place = visits.pick()
    if (place === null) return
    const done = (outcome: NamingOutcome) => {
      if (outcome.kind !== 'applied') return
      world.mark(`naming/said${outcome.reply.kind === 'naming-refused' ? `: ${outcome.reply.why}` : ''}`)
    }
    visits.there(place, (naming) => (dice.chance(0.6) ? sayOfInstance : sayOfService)(naming, done))
  }
  const pull = () => void ports.set(`${ip}:${dice.between(1, portsMax)}`, dice.pick(['ok', 'ok', 'refused', 'failed']))
  const act = () => {
    if (!cluster.safety) return
    visits.later(visits.ms(dice.float(0, 2 * paceMs)), act)
    const drawn = dice.float(0, 1)
    if (drawn < 0.35) change()
    else if (drawn < 0.6) pull()
    // What a restore makes of it, the model does not know.
    else if (dials.snapshotMs === 0) say()
  }

  act()
  return { words: `operator ${number}`, wanted: () => [], end: () => {}, missed: () => null }
}
