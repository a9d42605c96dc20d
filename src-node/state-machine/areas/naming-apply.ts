/** What each command of naming does to the memory and the records. Equal logs give equal services on every node. */

import type { AreaStep } from './area.ts'
import {
  addressText,
  beatOwner,
  instanceRecordKey,
  instancesArea,
  instanceValue,
  keptRecordKey,
  keptServiceKey,
  keptServiceValue,
  keptValue,
  persistentOwner,
  serviceRecordKey,
  servicesArea,
  serviceText,
  serviceValue,
  shownRow,
  switchRecordKey,
} from './naming-records.ts'
import { addressesOf, type MutableService, type NamingTables } from './naming-tables.ts'
import type {
  InstanceKey,
  InstanceRow,
  InstanceSpec,
  Metadata,
  NamingCommand,
  NamingRefusal,
  NamingReply,
  Override,
  Owner,
  SeenInstance,
  ServiceKey,
} from './naming-words.ts'

type Of<K extends NamingCommand['kind']> = Extract<NamingCommand, { kind: K }>

const noKeys: readonly InstanceKey[] = []
const refused = (why: NamingRefusal): NamingReply => ({ kind: 'naming-refused', why })
const done = ({ index }: AreaStep, updated: readonly InstanceKey[] = noKeys): NamingReply => ({ kind: 'naming-done', index, updated })

const tell = (step: AreaStep, { namespace, group, name }: ServiceKey): void =>
  step.tell({ kind: 'service-changed', namespace, group, name, index: step.index })

const saveService = (step: AreaStep, service: MutableService): void => step.put(servicesArea, serviceRecordKey(service.text), serviceValue(service))

const putRow = (tables: NamingTables, step: AreaStep, service: MutableService, address: string, row: InstanceRow): void => {
  tables.putInstance(service, address, row)
  step.put(instancesArea, instanceRecordKey(service.text, address), instanceValue(row))
}

/** What an operator said of it is kept for a while: clients reconnect, and are the same to operators. */
const dropRow = (tables: NamingTables, step: AreaStep, service: MutableService, address: string): void => {
  const key = instanceRecordKey(service.text, address)
  const override = service.instances.get(address)?.override ?? null
  if (override !== null && tables.kept.size() < tables.limits.keptOverrides) {
    const kept = { override, goneMs: step.timeMs }
    tables.kept.set(key, kept)
    step.put(instancesArea, keptRecordKey(key), keptValue(kept))
  }
  tables.dropInstance(service, address)
  step.drop(instancesArea, key)
}

const forgetOverride = (tables: NamingTables, step: AreaStep, key: string): void => {
  tables.kept.delete(key)
  step.drop(instancesArea, keptRecordKey(key))
}

/** Nacos forgets it after a minute too (`nacos.naming.clean.expired-metadata.expired-time`). */
const keptMs = 60_000

/** Of one that comes back soon enough; null: nothing was said, or long ago. */
const takeOverride = (tables: NamingTables, step: AreaStep, service: MutableService, address: string): Override | null => {
  if (tables.kept.size() === 0) return null
  const key = instanceRecordKey(service.text, address)
  const kept = tables.kept.get(key)
  if (kept === undefined) return null
  forgetOverride(tables, step, key)
  return step.timeMs - kept.goneMs <= keptMs ? kept.override : null
}

const forgetService = (tables: NamingTables, step: AreaStep, text: string): void => {
  if (tables.keptServices.delete(text)) step.drop(servicesArea, keptServiceKey(text))
}

const sweepKept = (tables: NamingTables, step: AreaStep): NamingReply => {
  for (const [text, { goneMs }] of [...tables.keptServices.entries()]) if (step.timeMs - goneMs > keptMs) forgetService(tables, step, text)
  for (const [key, { goneMs }] of [...tables.kept.entries()]) if (step.timeMs - goneMs > keptMs) forgetOverride(tables, step, key)
  return done(step)
}

interface Registration {
  readonly step: AreaStep
  readonly spec: InstanceSpec
  readonly owner: Owner
  readonly before: InstanceRow | undefined
  readonly override: Override | null
}

/** Written out: it is built for every registration on every node. What an operator said of the address stays over it. */
const registered = ({ step, spec, owner, before, override }: Registration): InstanceRow => {
  const { weight, enabled, metadata } = spec
  const row: InstanceRow = {
    ip: before?.ip ?? spec.ip,
    port: spec.port,
    cluster: before?.cluster ?? spec.cluster,
    healthy: spec.healthy,
    owner,
    index: step.index,
    registeredMs: step.timeMs,
    override,
    published: { weight, enabled, metadata },
    weight,
    enabled,
    metadata,
  }
  const { instanceId } = spec
  const named = instanceId === undefined ? row : { ...row, instanceId }
  return row.override === null ? named : shownRow(named)
}

const register = (
  tables: NamingTables,
  step: AreaStep,
  service: MutableService,
  { address, spec, owner }: { readonly address: string; readonly spec: InstanceSpec; readonly owner: Owner },
): void => {
  const before = service.instances.get(address)
  const override = before === undefined ? takeOverride(tables, step, service, address) : before.override
  putRow(tables, step, service, address, registered({ step, spec, owner, before, override }))
}

interface Registering {
  readonly service: ServiceKey
  readonly ephemeral: boolean
  readonly addresses: readonly string[]
}

/** One that was swept away is, soon enough, again what it was, as in Nacos: its metadata outlives it by a minute (nacos-http 8.6). */
const bear = (tables: NamingTables, step: AreaStep, key: ServiceKey, ephemeral: boolean): MutableService => {
  const text = serviceText(key)
  const kept = tables.keptServices.get(text)
  const { spec, clusters } = kept !== undefined && step.timeMs - kept.goneMs <= keptMs ? kept : { spec: null, clusters: new Map() }
  forgetService(tables, step, text)
  const service = tables.addService({ key, ephemeral, spec, clusters })
  saveService(step, service)
  return service
}

/** The service to register in, born if need be; or why not. */
const serviceFor = (tables: NamingTables, step: AreaStep, { service: key, ephemeral, addresses }: Registering): MutableService | NamingRefusal => {
  const known = tables.service(key)
  if (known !== undefined && known.ephemeral !== ephemeral) return known.ephemeral ? 'service-is-ephemeral' : 'service-is-persistent'
  const room = tables.limits.instances - tables.instanceCount()
  // Looked at closely only near the bound: what is there already may be registered again.
  if (addresses.length > room && addresses.filter((address) => known?.instances.has(address) !== true).length > room) return 'too-many'
  if (known !== undefined) return known
  if (tables.serviceCount() >= tables.limits.services) return 'too-many'
  return bear(tables, step, key, ephemeral)
}

/** Nobody's service is born or judged by it: whoever has published nothing, of whatever kind the service is, has nothing left either (nacos-grpc 6.3). */
const withdraw = (tables: NamingTables, step: AreaStep, { service: key, owner }: Of<'publish-instances'>): NamingReply => {
  const service = tables.service(key)
  const own = service === undefined ? undefined : tables.publishedBy(owner, service)
  if (service === undefined || own === undefined) return done(step)
  for (const address of [...own]) dropRow(tables, step, service, address)
  tell(step, service.key)
  return done(step)
}

const publishInstances = (tables: NamingTables, step: AreaStep, command: Of<'publish-instances'>): NamingReply => {
  const { service: key, owner, instances } = command
  if (instances.length > tables.limits.publishedAtOnce) return refused('too-many')
  if (instances.length === 0) return withdraw(tables, step, command)
  const next = new Map(instances.map((spec) => [addressText(spec), spec]))
  const service = serviceFor(tables, step, { service: key, ephemeral: true, addresses: [...next.keys()] })
  if (typeof service === 'string') return refused(service)
  for (const address of [...(tables.publishedBy(owner, service) ?? [])]) if (!next.has(address)) dropRow(tables, step, service, address)
  for (const [address, spec] of next) register(tables, step, service, { address, spec, owner })
  tell(step, service.key)
  return done(step)
}

const registerInstance = (tables: NamingTables, step: AreaStep, command: Of<'register-instance'>): NamingReply => {
  const { ephemeral, ifAbsent, instance } = command
  const own = addressText(instance)
  const service = serviceFor(tables, step, { service: command.service, ephemeral, addresses: [own] })
  if (typeof service === 'string') return refused(service)
  const before = service.instances.get(own)
  if (ifAbsent && before !== undefined) return done(step)
  // One address is one client: what it published in another cluster is no more.
  for (const address of addressesOf(service, instance))
    if (address !== own && isOfAddress(service.instances.get(address))) dropRow(tables, step, service, address)
  register(tables, step, service, { address: own, spec: instance, owner: ephemeral ? beatOwner : persistentOwner })
  tell(step, service.key)
  return done(step)
}

const isOfAddress = (row: InstanceRow | undefined): boolean => row !== undefined && row.owner.kind !== 'connection'

const deregisterInstance = (tables: NamingTables, step: AreaStep, command: Of<'deregister-instance'>): NamingReply => {
  const service = tables.service(command.service)
  if (service === undefined || service.ephemeral !== command.ephemeral) return done(step)
  const addresses = addressesOf(service, command).filter((address) => isOfAddress(service.instances.get(address)))
  for (const address of addresses) dropRow(tables, step, service, address)
  if (addresses.length > 0) tell(step, service.key)
  return done(step)
}

/** Those that are still the ones that were meant; each service that one of them belongs to is told of once. */
const onSeen = (
  tables: NamingTables,
  step: AreaStep,
  seen: readonly SeenInstance[],
  act: (service: MutableService, address: string, row: InstanceRow) => boolean,
): NamingReply => {
  const changed = new Set<MutableService>()
  const updated: InstanceKey[] = []
  for (const each of seen) {
    const service = tables.service(each.service)
    const address = addressText(each)
    const row = service?.instances.get(address)
    if (service === undefined || row === undefined || row.index !== each.index || !act(service, address, row)) continue
    changed.add(service)
    updated.push({ ip: row.ip, port: row.port, cluster: row.cluster })
  }
  for (const { key } of changed) tell(step, key)
  return done(step, updated)
}

const declareHealth = (tables: NamingTables, step: AreaStep, { service: key, instance, healthy }: Of<'declare-health'>): NamingReply => {
  const service = tables.service(key)
  if (service === undefined) return refused('service-unknown')
  if (service.ephemeral || service.clusters.get(instance.cluster)?.checker.type !== 'NONE') return refused('health-is-checked')
  const address = addressText(instance)
  const row = service.instances.get(address)
  if (row === undefined) return refused('instance-unknown')
  putRow(tables, step, service, address, { ...row, healthy })
  tell(step, service.key)
  return done(step)
}

const nothingSaid: Override = { weight: null, enabled: null, metadata: {}, hidden: [] }

const patchInstance = (tables: NamingTables, step: AreaStep, { service: key, instance, patch }: Of<'patch-instance'>): NamingReply => {
  const service = tables.service(key)
  if (service === undefined) return refused('service-unknown')
  const address = addressText(instance)
  const row = service.instances.get(address)
  if (row === undefined) return refused('instance-unknown')
  const said = row.override ?? nothingSaid
  const override: Override = {
    weight: patch.weight ?? said.weight,
    enabled: patch.enabled ?? said.enabled,
    ...(patch.metadata === undefined ? { metadata: said.metadata, hidden: said.hidden } : { metadata: patch.metadata, hidden: [] }),
  }
  putRow(tables, step, service, address, shownRow({ ...row, override }))
  tell(step, service.key)
  return done(step, [instance])
}

const without = (metadata: Metadata, names: ReadonlySet<string>): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.has(name)))

const overrideWith = (row: InstanceRow, mode: 'put' | 'drop', metadata: Metadata): Override => {
  const said = row.override ?? nothingSaid
  const names = new Set(Object.keys(metadata))
  const hidden = said.hidden.filter((name) => !names.has(name))
  if (mode === 'put') return { ...said, metadata: { ...said.metadata, ...metadata }, hidden }
  const published = Object.keys(row.published.metadata).filter((name) => names.has(name))
  return { ...said, metadata: without(said.metadata, names), hidden: [...hidden, ...published] }
}

const patchMetadata = (tables: NamingTables, step: AreaStep, command: Of<'patch-metadata'>): NamingReply => {
  const { targets, mode, metadata } = command
  const service = tables.service(command.service)
  if (service === undefined) return refused('service-unknown')
  const isMeant = targets.consistency === 'both' || (targets.consistency === 'ephemeral') === service.ephemeral
  // In one order on all nodes: that of the memory is another after a restart.
  const named = targets.keys.length === 0 ? [...service.instances.keys()].sort() : [...new Set(targets.keys.map(addressText))]
  const updated: InstanceKey[] = []
  for (const address of isMeant ? named : []) {
    const row = service.instances.get(address)
    if (row === undefined) continue
    putRow(tables, step, service, address, shownRow({ ...row, override: overrideWith(row, mode, metadata) }))
    updated.push({ ip: row.ip, port: row.port, cluster: row.cluster })
  }
  if (updated.length > 0) tell(step, service.key)
  return done(step, updated)
}

const createService = (tables: NamingTables, step: AreaStep, { service: key, ephemeral, spec }: Of<'create-service'>): NamingReply => {
  if (tables.service(key) !== undefined) return refused('service-exists')
  if (tables.serviceCount() >= tables.limits.services) return refused('too-many')
  forgetService(tables, step, serviceText(key))
  saveService(step, tables.addService({ key, ephemeral, spec, clusters: new Map() }))
  tell(step, key)
  return done(step)
}

/** Something that is known of it besides its instances. */
const changeService = (tables: NamingTables, step: AreaStep, command: Of<'update-service'> | Of<'put-cluster'>): NamingReply => {
  const service = tables.service(command.service)
  if (service === undefined) return refused('service-unknown')
  if (command.kind === 'update-service') tables.setService(service, command.spec, service.clusters)
  else tables.setService(service, service.spec, new Map([...service.clusters, [command.cluster, command.spec]]))
  saveService(step, service)
  tell(step, service.key)
  return done(step)
}

const dropService = (tables: NamingTables, step: AreaStep, service: MutableService): void => {
  tables.dropService(service)
  step.drop(servicesArea, serviceRecordKey(service.text))
  tell(step, service.key)
}

const removeService = (tables: NamingTables, step: AreaStep, key: ServiceKey): NamingReply => {
  const service = tables.service(key)
  if (service === undefined) return refused('service-unknown')
  if (service.instances.size > 0) return refused('service-not-empty')
  forgetService(tables, step, service.text)
  dropService(tables, step, service)
  return done(step)
}

/** Nobody asked for it: what is known of it is kept for a while, for it may come back. */
const sweepService = (tables: NamingTables, step: AreaStep, service: MutableService): void => {
  const { text, spec, clusters } = service
  forgetService(tables, step, text)
  if ((spec !== null || clusters.size > 0) && tables.keptServices.size() < tables.limits.keptServices) {
    const kept = { spec, clusters, goneMs: step.timeMs }
    tables.keptServices.set(text, kept)
    step.put(servicesArea, keptServiceKey(text), keptServiceValue(kept))
  }
  dropService(tables, step, service)
}

const sweepServices = (tables: NamingTables, step: AreaStep, keys: readonly ServiceKey[]): NamingReply => {
  for (const key of keys) {
    const service = tables.service(key)
    if (service !== undefined && service.instances.size === 0) sweepService(tables, step, service)
  }
  return done(step)
}

const putSwitch = (tables: NamingTables, step: AreaStep, { entry, value }: Of<'put-switch'>): NamingReply => {
  tables.switches.put(entry, value)
  step.put(servicesArea, switchRecordKey(entry), new TextEncoder().encode(value))
  return done(step)
}

export const applyNaming = (tables: NamingTables, step: AreaStep, command: NamingCommand): NamingReply => {
  switch (command.kind) {
    case 'publish-instances':
      return publishInstances(tables, step, command)
    case 'register-instance':
      return registerInstance(tables, step, command)
    case 'deregister-instance':
      return deregisterInstance(tables, step, command)
    case 'remove-instances':
      return onSeen(tables, step, command.instances, (service, address) => {
        dropRow(tables, step, service, address)
        return true
      })
    case 'set-health':
      return onSeen(tables, step, command.instances, (service, address, row) => {
        if (row.healthy === command.healthy) return false
        putRow(tables, step, service, address, { ...row, healthy: command.healthy })
        return true
      })
    case 'declare-health':
      return declareHealth(tables, step, command)
    case 'patch-instance':
      return patchInstance(tables, step, command)
    case 'patch-metadata':
      return patchMetadata(tables, step, command)
    case 'create-service':
      return createService(tables, step, command)
    case 'update-service':
    case 'put-cluster':
      return changeService(tables, step, command)
    case 'remove-service':
      return removeService(tables, step, command.service)
    case 'put-switch':
      return putSwitch(tables, step, command)
    case 'sweep-services':
      return sweepServices(tables, step, command.services)
    case 'sweep-overrides':
      return sweepKept(tables, step)
  }
}
