/**
 * What naming makes of committed commands, written a second time and as plainly as it can be: an address has one owner, the last who registered it, and a
 * removal means one registration. It knows only the commands that simulated clients and nodes use.
 */

import type {
  InstanceKey,
  InstanceSpec,
  NamingCommand,
  NamingReply,
  Owner,
  SeenInstance,
  ServiceKey,
} from '../../../src-node/state-machine/areas/naming-words.ts'
import type { BesidesRestored } from '../../../src-node/state-machine/types.ts'
import { createOperatorsModel, keptLine, type Present } from './operators-model.ts'

interface ModelInstance extends InstanceKey {
  readonly owner: string
  readonly index: number
  /** Of the registration that said what it is: a restore gives it another index. */
  readonly born: number
  readonly healthy: boolean
}
interface ModelService {
  readonly ephemeral: boolean
  readonly instances: ReadonlyMap<string, ModelInstance>
}
/** By their words. */
type Services = ReadonlyMap<string, ModelService>

/** Who registered an instance, and what it said of its timeouts. */
export type Registration = Pick<InstanceSpec, 'metadata'> & { readonly owner: Owner }

export interface NamingModel {
  take(command: NamingCommand, index: number, timeMs: number): NamingReply
  /** What is persistent now belongs to the snapshot of this index. */
  keep(index: number): void
  /** What belongs to that snapshot is there again; ephemeral services that have instances stay what they are. */
  bringBack(target: number, index: number): BesidesRestored
  /** Services that the restore of this index changed. */
  restoredAt(index: number): readonly string[]
  /** All services as they were after that entry, a line each. */
  textAt(index: number): string
  /** Whose subscribers must hear of an entry after `from`, up to `to`. */
  toldBetween(from: number, to: number): readonly { readonly index: number; readonly name: string }[]
  /** Undefined: there never was such a one. */
  registration(seen: SeenInstance): Registration | undefined
  /** Whether that namespace has a service. */
  holds(namespace: string): boolean
}

/** The one word for a service here; in the default namespace it is the name. */
export const serviceWord = ({ namespace, name }: Pick<ServiceKey, 'namespace' | 'name'>): string =>
  namespace === 'public' ? name : `${namespace}/${name}`

export const ownerWord = (owner: Owner): string => (owner.kind === 'connection' ? `${owner.node}/${owner.connectionId}` : owner.kind)
export const instanceLine = ({ ip, port, cluster }: InstanceKey, owner: string, index: number, healthy: boolean): string =>
  `${ip}:${port} ${cluster} of ${owner} at ${index}${healthy ? '' : ', ill'}`
export const serviceLine = (name: string, ephemeral: boolean, instances: readonly string[]): string =>
  `${name} ${ephemeral ? 'ephemeral' : 'persistent'}: ${instances.toSorted().join('; ')}`

const addressOf = ({ ip, port, cluster }: InstanceKey): string => `${ip} ${port} ${cluster}`

const textOf = (services: Services): string =>
  [...services]
    .map(([name, { ephemeral, instances }]) =>
      serviceLine(
        name,
        ephemeral,
        [...instances.values()].map((each) => instanceLine(each, each.owner, each.index, each.healthy)),
      ),
    )
    .toSorted()
    .join('\n')

export function createNamingModel(): NamingModel {
  let services: Services = new Map()
  const texts: { readonly index: number; readonly text: string }[] = []
  const tellings: { readonly index: number; readonly name: string }[] = []
  const copies = new Map<number, Services>()
  const restores = new Map<number, readonly string[]>()
  const registrations = new Map<string, Registration>()
  const registrationText = ({ service, index, ...key }: SeenInstance) => `${index} ${serviceWord(service)} ${addressOf(key)}`

  const operators = createOperatorsModel()
  const presentOf = (name: string, service: ModelService | undefined): Present | undefined => {
    if (service === undefined) return undefined
    const instances = [...service.instances].map(([address, { ip, port, cluster, index }]) => {
      const published = registrations.get(`${index} ${name} ${address}`)?.metadata ?? {}
      return [address, { ip, port, cluster, published }] as const
    })
    return { ephemeral: service.ephemeral, instances: new Map(instances) }
  }

  const put = (name: string, service: ModelService) => {
    services = new Map([...services, [name, service]])
  }
  const without = ({ instances }: ModelService, goes: (each: ModelInstance) => boolean) => new Map([...instances].filter(([, each]) => !goes(each)))

  /** Each that still is what was seen becomes `next` of it, or goes. */
  const onSeen = (seen: readonly SeenInstance[], next: (each: ModelInstance) => ModelInstance | null) => {
    const updated: InstanceKey[] = []
    const told = new Set<string>()
    for (const { service: of, ip, port, cluster, index } of seen) {
      const service = services.get(serviceWord(of))
      const address = addressOf({ ip, port, cluster })
      const now = service?.instances.get(address)
      if (service === undefined || now === undefined || now.index !== index) continue
      const then = next(now)
      if (then === now) continue
      put(serviceWord(of), {
        ...service,
        instances: then === null ? without(service, (each) => each === now) : new Map([...service.instances, [address, then]]),
      })
      told.add(serviceWord(of))
      updated.push({ ip, port, cluster })
    }
    return { told: [...told], updated }
  }
  type Administered = Extract<NamingCommand, { kind: 'create-service' | 'remove-service' | 'declare-health' }>
  const administer = (command: Administered, index: number): { readonly reply: NamingReply; readonly told: readonly string[] } => {
    const refused = (why: Extract<NamingReply, { kind: 'naming-refused' }>['why']) => ({ reply: { kind: 'naming-refused', why } as const, told: [] })
    const name = serviceWord(command.service)
    const known = services.get(name)
    const done = { reply: { kind: 'naming-done', index, updated: [] } as const, told: [name] }
    if (command.kind === 'create-service') {
      if (known !== undefined) return refused('service-exists')
      put(name, { ephemeral: command.ephemeral, instances: new Map() })
      return done
    }
    if (known === undefined) return refused('service-unknown')
    if (command.kind === 'remove-service') {
      if (known.instances.size > 0) return refused('service-not-empty')
      services = new Map([...services].filter(([each]) => each !== name))
      return done
    }
    const { instance, healthy } = command
    if (known.ephemeral || operators.checkerOf(name, instance.cluster) !== 'NONE') return refused('health-is-checked')
    const now = known.instances.get(addressOf(instance))
    if (now === undefined) return refused('instance-unknown')
    put(name, { ...known, instances: new Map([...known.instances, [addressOf(instance), { ...now, healthy }]]) })
    return done
  }
  /** Whoever tells of something has changed it, a change of metadata of nobody aside. */
  const operated = (command: NamingCommand, index: number, timeMs: number) => {
    const name = 'service' in command ? serviceWord(command.service) : ''
    const reply = operators.take(command, name, { index, timeMs }, (of) => presentOf(of, services.get(of)))
    if (reply === null) return null
    const isSilent = reply.kind === 'naming-refused' || name === '' || (command.kind === 'patch-metadata' && reply.updated.length === 0)
    return { reply, told: isSilent ? [] : [name] }
  }
  const change = (command: NamingCommand, index: number): { readonly reply: NamingReply; readonly told: readonly string[] } => {
    const done = (told: readonly string[], updated: readonly InstanceKey[] = []) => ({
      reply: { kind: 'naming-done', index, updated } as const,
      told,
    })
    if (command.kind === 'remove-instances' || command.kind === 'set-health') {
      const next = (each: ModelInstance): ModelInstance | null => {
        if (command.kind === 'remove-instances') return null
        return each.healthy === command.healthy ? each : { ...each, healthy: command.healthy }
      }
      const { told, updated } = onSeen(command.instances, next)
      return done(told, updated)
    }
    if (command.kind === 'sweep-services') {
      const gone = command.services.map(serviceWord).filter((name) => services.get(name)?.instances.size === 0)
      services = new Map([...services].filter(([name]) => !gone.includes(name)))
      return done([...new Set(gone)])
    }
    if (command.kind === 'create-service' || command.kind === 'remove-service' || command.kind === 'declare-health') return administer(command, index)
    if (command.kind !== 'publish-instances' && command.kind !== 'register-instance' && command.kind !== 'deregister-instance')
      throw new Error(`the model does not know ${command.kind}`)
    const name = serviceWord(command.service)
    const ephemeral = command.kind === 'publish-instances' ? true : command.ephemeral
    const known = services.get(name)
    if (command.kind === 'deregister-instance') {
      if (known === undefined || known.ephemeral !== ephemeral) return done([])
      const instances = without(known, (each) => each.ip === command.ip && each.port === command.port && !each.owner.includes('/'))
      put(name, { ...known, instances })
      return done(instances.size === known.instances.size ? [] : [name])
    }
    // A withdrawal judges no kind: it means what this owner has there.
    if (command.kind === 'publish-instances' && command.instances.length === 0) {
      const own = ownerWord(command.owner)
      const isOwn = (each: ModelInstance) => each.owner === own
      if (known === undefined || ![...known.instances.values()].some(isOwn)) return done([])
      put(name, { ...known, instances: without(known, isOwn) })
      return done([name])
    }
    if (known !== undefined && known.ephemeral !== ephemeral)
      return { reply: { kind: 'naming-refused', why: known.ephemeral ? 'service-is-ephemeral' : 'service-is-persistent' }, told: [] }
    const before: ModelService = known ?? { ephemeral, instances: new Map() }
    if (command.kind === 'register-instance' && command.ifAbsent && before.instances.has(addressOf(command.instance))) return done([])
    const owner = command.kind === 'publish-instances' ? ownerWord(command.owner) : ephemeral ? 'beat' : 'persistent'
    const specs = command.kind === 'publish-instances' ? command.instances : [command.instance]
    const goes = (each: ModelInstance) =>
      command.kind === 'publish-instances'
        ? each.owner === owner
        : each.ip === command.instance.ip && each.port === command.instance.port && !each.owner.includes('/')
    const instances = without(before, goes)
    for (const { ip, port, cluster, healthy, metadata } of specs) {
      instances.set(addressOf({ ip, port, cluster }), { ip, port, cluster, owner, index, born: index, healthy })
      const by: Owner = command.kind === 'publish-instances' ? command.owner : { kind: ephemeral ? 'beat' : 'persistent' }
      registrations.set(registrationText({ service: command.service, ip, port, cluster, index }), { owner: by, metadata })
    }
    put(name, { ephemeral, instances })
    return done(specs.length > 0 || instances.size !== before.instances.size ? [name] : [])
  }

  /** One service of a restore; null: it goes. */
  const again = (kept: ModelService | undefined, now: ModelService | undefined, index: number) => {
    const counts = { brought: 0, removed: 0, left: 0 }
    const after = (): ModelService | null => {
      if (kept === undefined) {
        if (now === undefined || now.ephemeral) return now ?? null
        counts.removed += 1 + now.instances.size
        return null
      }
      if (now?.ephemeral === true && now.instances.size > 0) {
        counts.left += 1 + kept.instances.size
        return now
      }
      if (now?.ephemeral !== false) counts.brought++
      const before = now?.instances ?? new Map<string, ModelInstance>()
      const instances = [...kept.instances].map(([address, each]): [string, ModelInstance] => {
        const was = before.get(address)
        if (was?.born === each.born) return [address, was]
        counts.brought++
        return [address, { ...each, index, healthy: was?.healthy ?? each.healthy }]
      })
      counts.removed += [...before.keys()].filter((address) => !kept.instances.has(address)).length
      return { ephemeral: false, instances: new Map(instances) }
    }
    return { service: after(), counts }
  }

  return {
    keep: (index) => void copies.set(index, new Map([...services].filter(([, { ephemeral }]) => !ephemeral))),
    bringBack(target, index) {
      const kept = copies.get(target)!
      const total = { brought: 0, removed: 0, left: 0 }
      const changed: string[] = []
      const next = new Map<string, ModelService>()
      for (const name of new Set([...services.keys(), ...kept.keys()])) {
        const { service, counts } = again(kept.get(name), services.get(name), index)
        if (service !== null) next.set(name, service)
        if (counts.brought + counts.removed > 0) changed.push(name)
        for (const what of ['brought', 'removed', 'left'] as const) total[what] += counts[what]
      }
      services = next
      restores.set(index, changed)
      texts.push({ index, text: `${textOf(services)}\n${operators.text()}` })
      return total
    },
    restoredAt: (index) => restores.get(index) ?? [],
    take(command, index, timeMs) {
      const before = services
      const { reply, told } = operated(command, index, timeMs) ?? change(command, index)
      for (const name of new Set([...before.keys(), ...services.keys()]))
        if (before.get(name) !== services.get(name))
          operators.changed(name, presentOf(name, before.get(name)), presentOf(name, services.get(name)), { kind: command.kind, timeMs })
      if (command.kind === 'create-service' && reply.kind === 'naming-done')
        operators.take({ ...command, kind: 'update-service' }, serviceWord(command.service), { index, timeMs }, (of) =>
          presentOf(of, services.get(of)),
        )
      texts.push({ index, text: `${textOf(services)}\n${operators.text()}` })
      for (const name of told) tellings.push({ index, name })
      return reply
    },
    textAt: (index) => texts.findLast((each) => each.index <= index)?.text ?? `\n${keptLine(0, 0)}`,
    toldBetween: (from, to) => tellings.filter(({ index }) => index > from && index <= to),
    registration: (seen) => registrations.get(registrationText(seen)),
    holds: (namespace) => [...services.keys()].some((name) => name.startsWith(`${namespace}/`)),
  }
}
