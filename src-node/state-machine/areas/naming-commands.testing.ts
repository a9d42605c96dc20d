/** Commands of naming for tests, each in a few words; and all kinds at random. */

import fc from 'fast-check'
import type { ConnectionOwner, InstanceSpec, NamingCommand, SeenInstance, ServiceKey, ServiceSpec } from './naming-words.ts'

export const service = (name = 's'): ServiceKey => ({ namespace: 'public', group: 'G', name })
export const instance = (port = 80, over: Partial<InstanceSpec> = {}): InstanceSpec => ({
  ...{ ip: '10.0.0.1', port, cluster: 'DEFAULT', weight: 1, enabled: true, healthy: true, metadata: {} },
  ...over,
})
export const connection = (connectionId = 'c1', over: Partial<ConnectionOwner> = {}): ConnectionOwner => ({
  ...{ kind: 'connection', node: 1, life: '0a0b0c0d0e0f', connectionId },
  ...over,
})
export const spec = (over: Partial<ServiceSpec> = {}): ServiceSpec => ({
  protectThreshold: 0.5,
  metadata: { a: 'b' },
  selector: { type: 'none' },
  ...over,
})

export const published = (owner: ConnectionOwner, ...instances: readonly InstanceSpec[]): NamingCommand => ({
  ...{ kind: 'publish-instances', service: service(), owner, instances },
})
export const registered = (of: InstanceSpec, ephemeral = true, ifAbsent = false): NamingCommand => ({
  ...{ kind: 'register-instance', service: service(), ephemeral, ifAbsent, instance: of },
})

const texts = fc.constantFrom('', 'a', 'b', 'DEFAULT', '10.0.0.1', '::1', '\u{1F642}', 'x:y')
/** Few enough that most commands meet what others have left. */
const keys = fc.record({ ip: fc.constantFrom('10.0.0.1', '::1'), port: fc.constantFrom(0, 65_535), cluster: fc.constantFrom('DEFAULT', 'a') })
const services = fc.record({ namespace: fc.constantFrom('public', 'n'), group: fc.constant('G'), name: fc.constantFrom('s', '\u{1F642}') })
const maps = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), texts, { maxKeys: 3 })
const numbers = fc.constantFrom(0, 0.5, 1, 10_000)
const specs: fc.Arbitrary<InstanceSpec> = fc
  .record({
    key: keys,
    weight: numbers,
    enabled: fc.boolean(),
    healthy: fc.boolean(),
    metadata: maps,
    id: fc.constantFrom(undefined, undefined, 'own'),
  })
  .map(({ key, id, ...rest }) => ({ ...key, ...rest, ...(id === undefined ? {} : { instanceId: id }) }))
const owners: fc.Arbitrary<ConnectionOwner> = fc.record({
  ...{ kind: fc.constant('connection' as const), node: fc.constantFrom(1, 2), life: fc.constant('0a0b0c0d0e0f') },
  connectionId: fc.constantFrom('c1', 'c2'),
})
const seen: fc.Arbitrary<SeenInstance> = fc
  .record({ key: keys, service: services, index: fc.nat({ max: 30 }) })
  .map(({ key, service: of, index }) => ({ ...key, service: of, index }))
const selectors = fc.constantFrom({ type: 'none' } as const, { type: 'label', expression: 'x' } as const)
const serviceSpecs = fc.record({ protectThreshold: numbers, metadata: maps, selector: selectors })
const checkers = fc.constantFrom(
  ...([{ type: 'TCP' }, { type: 'NONE' }, { type: 'HTTP', path: '/', headers: '', expectedResponseCode: 200 }] as const),
  { type: 'MYSQL', user: 'u', pwd: 'p', cmd: 'c' } as const,
)
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })

export const anyNamingCommand: fc.Arbitrary<NamingCommand> = fc.oneof(
  fc.record({ kind: fc.constant('publish-instances' as const), service: services, owner: owners, instances: fc.array(specs, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('register-instance' as const), service: services, ephemeral: fc.boolean(), ifAbsent: fc.boolean(), instance: specs }),
  fc
    .record({ service: services, ephemeral: fc.boolean(), key: keys })
    .map(({ service: of, ephemeral, key: { ip, port } }) => ({ kind: 'deregister-instance' as const, service: of, ephemeral, ip, port })),
  fc.record({ kind: fc.constant('remove-instances' as const), instances: fc.array(seen, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('set-health' as const), healthy: fc.boolean(), instances: fc.array(seen, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('declare-health' as const), service: services, instance: keys, healthy: fc.boolean() }),
  fc.record({
    ...{ kind: fc.constant('patch-instance' as const), service: services, instance: keys },
    patch: fc.record({ weight: optional(numbers), enabled: optional(fc.boolean()), metadata: optional(maps) }),
  }),
  fc.record({
    ...{ kind: fc.constant('patch-metadata' as const), service: services, mode: fc.constantFrom('put' as const, 'drop' as const), metadata: maps },
    targets: fc.record({
      consistency: fc.constantFrom('ephemeral' as const, 'persistent' as const, 'both' as const),
      keys: fc.array(keys, { maxLength: 2 }),
    }),
  }),
  fc.record({ kind: fc.constant('create-service' as const), service: services, ephemeral: fc.boolean(), spec: serviceSpecs }),
  fc.record({ kind: fc.constant('update-service' as const), service: services, spec: serviceSpecs }),
  fc.record({ kind: fc.constant('remove-service' as const), service: services }),
  fc.record({
    ...{ kind: fc.constant('put-cluster' as const), service: services, cluster: fc.constantFrom('DEFAULT', 'a') },
    spec: fc.record({ checker: checkers, checkPort: fc.constant(80), useInstancePort: fc.boolean(), metadata: maps }),
  }),
  fc.record({ kind: fc.constant('put-switch' as const), entry: fc.constantFrom('pushEnabled', 'x'), value: texts }),
  fc.constant({ kind: 'sweep-overrides' as const }),
  fc.record({ kind: fc.constant('sweep-services' as const), services: fc.array(services, { maxLength: 3 }) }),
)
