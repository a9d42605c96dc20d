/**
 * Who registers instances, withdraws them, takes away what it saw and speaks of health, at any node and under all faults: as often as not by what a node
 * knew a while ago. Judged like any client's write, and what comes of it by a model of its own.
 */

import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import { encodeNaming } from '../../src-node/state-machine/areas/naming-codec.ts'
import type { InstanceSpec, NamingCommand, SeenInstance, ServiceKey } from '../../src-node/state-machine/areas/naming-words.ts'
import type { StateMachine } from '../../src-node/state-machine/types.ts'
import type { Cluster } from './cluster.ts'
import { memberNodes } from './reconfiguration.ts'
import type { Dice } from './world.ts'

const slackMs = 20
const seenMax = 30
const serviceOf = (name: string): ServiceKey => ({ namespace: 'public', group: 'G', name })

/** What somebody saw at some time: removals and words on health name it, however old it is by then. */
const look = (machine: StateMachine): SeenInstance[] =>
  [...machine.areas().naming.services()].flatMap(({ key, instances }) =>
    // Tenants' own are theirs.
    (key.name.length > 1 ? [] : [...instances.values()]).map(({ ip, port, cluster, index }) => ({ service: key, ip, port, cluster, index })),
  )

const drawSpec = (dice: Dice, mark: number): InstanceSpec => ({
  ...{
    ip: '10.0.0.1',
    port: dice.between(1, 4),
    cluster: dice.pick(['DEFAULT', 'DEFAULT', 'b']),
    weight: 1,
    enabled: true,
    healthy: !dice.chance(0.2),
  },
  // No two commands are the same bytes.
  metadata: { mark: `${mark}` },
})

function draw(dice: Dice, seen: readonly SeenInstance[], mark: number): NamingCommand {
  const service = serviceOf(dice.pick(['s', 't']))
  const some = () => Array.from({ length: dice.between(1, 3) }, () => dice.pick(seen))
  if (seen.length > 0 && dice.chance(0.25)) return { kind: 'remove-instances', instances: some() }
  if (seen.length > 0 && dice.chance(0.25)) return { kind: 'set-health', healthy: dice.chance(0.5), instances: some() }
  if (dice.chance(0.1)) return { kind: 'sweep-services', services: [service, serviceOf(`no such ${mark}`)] }
  const spec = drawSpec(dice, mark)
  const ephemeral = !dice.chance(0.1)
  if (dice.chance(0.15)) return { kind: 'deregister-instance', service, ephemeral, ip: spec.ip, port: spec.port }
  if (dice.chance(0.4)) return { kind: 'register-instance', service, ephemeral, ifAbsent: false, instance: spec }
  const owner = { kind: 'connection', node: dice.between(1, 3), life: '0a0b0c0d0e0f', connectionId: dice.pick(['c', 'd']) } as const
  const ports = dice.chance(0.2) ? [] : [spec, { ...spec, port: spec.port + 4 }].slice(0, dice.between(1, 2))
  return { kind: 'publish-instances', service, owner, instances: ports }
}

/** One thing after another, until the safety phase ends. */
export function startRegistrars(cluster: Cluster): void {
  const { world, dials, judge } = cluster
  if (dials.namingMs === 0) return
  const options = { ...driverDefaults, ...dials.options }
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs
  let seen: SeenInstance[] = []
  let marks = 0
  const later = () => world.schedule({ label: 'registrars', delayMs: world.dice.float(0, dials.namingMs * 2), node: 0, run: 0, act })
  const act = () => {
    if (!cluster.safety) return
    later()
    const node = world.dice.pick(memberNodes(cluster))
    const { driver } = node
    const machine = node.machine()
    if (driver === null || machine === null) return
    if (world.dice.chance(0.5)) seen = [...seen, ...look(machine)].slice(-seenMax)
    const command = draw(world.dice, seen, ++marks)
    const payload = encodeNaming(command)
    world.trace(() => `${node.id} ${JSON.stringify(command)}`)
    // A removal, a word on health or an empty list may be said twice in the same bytes.
    const attempt = judge.begin(payload, { repeatable: true, node: node.id, run: node.run, dueMs: world.now() + answerMs / node.rate + slackMs })
    // As the product does: the shared database of MySQL mode has nothing of it.
    cluster.guarded(node, () => driver.write(payload, (outcome) => judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)))
  }
  later()
}
