/** Services and instances through the state machine, with what a store would hold of them beside. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOfRows } from '../state-hash.ts'
import { createStateMachine, emptyMeta } from '../state-machine.ts'
import type { AreaRecord, Effect, Reply, RowWrite, StateMachine } from '../types.ts'
import { createAreaHost } from './area-host.ts'
import { createNamingArea } from './naming-area.ts'
import { encodeNaming } from './naming-codec.ts'
import { anyNamingCommand, connection, instance, published, registered, service, spec } from './naming-commands.testing.ts'
import { namingLimits } from './naming-tables.ts'
import type { InstanceKey, NamingCommand, SeenInstance, ServiceKey } from './naming-words.ts'

const keyOf = ({ area, key }: Pick<AreaRecord, 'area' | 'key'>): string => `${area} ${key}`

const start = (stored: readonly AreaRecord[] = [], meta = emptyMeta()) => {
  const machine = createStateMachine([], meta, { records: stored })
  const records = new Map<string, AreaRecord>(stored.map((record) => [keyOf(record), record]))
  let index = meta.appliedIndex
  const store = (writes: readonly RowWrite[]): void => {
    for (const write of writes) {
      if (write.kind === 'put-record') records.set(keyOf(write), { area: write.area, key: write.key, value: write.value })
      else if (write.kind === 'drop-record') expect(records.delete(keyOf(write))).toBe(true)
    }
  }
  let extraMs = 0
  const apply = (command: NamingCommand) => machine.apply({ index: ++index, term: 1, stampMs: index * 10 + extraMs, payload: encodeNaming(command) })
  const waitMs = (ms: number): void => {
    extraMs += ms
  }
  /** One batch each. */
  const run = (...commands: readonly NamingCommand[]): { readonly reply: Reply; readonly told: readonly Effect[] } => {
    const results = commands.map((command) => {
      machine.begin()
      const result = apply(command)
      machine.publish()
      store(result.writes)
      return result
    })
    return { reply: results.at(-1)?.reply ?? { kind: 'invalid-command' }, told: results.flatMap(({ effects }) => effects) }
  }
  const naming = () => machine.areas().naming
  const at = (port: number, name = 's') => naming().instance(service(name), instance(port))
  /** A line an instance, by address. */
  const shown = (name = 's'): readonly string[] =>
    [...(naming().service(service(name))?.instances.values() ?? [])]
      .map(
        ({ port, cluster, healthy, owner }) =>
          `${port} ${cluster} ${owner.kind === 'connection' ? owner.connectionId : owner.kind}${healthy ? '' : ' ill'}`,
      )
      .toSorted()
  const seen = (...ports: readonly number[]): SeenInstance[] =>
    ports.map((port) => ({ service: service(), ...(at(port) as InstanceKey), index: at(port)?.index ?? 0 }))
  const owners = (): readonly string[] => [...naming().owners()].map(([text]) => text)
  return { machine, records, run, apply, naming, at, shown, seen, owners, waitMs }
}

const refusalOf = ({ reply }: { readonly reply: Reply }) => (reply.kind === 'naming-refused' ? reply.why : reply.kind)

describe('a registration', () => {
  it('brings its service with it, and is told of', () => {
    const { run, naming, at } = start()
    const { reply, told } = run(registered(instance(80, { weight: 2, metadata: { k: 'v' } })))
    expect(reply).toEqual({ kind: 'naming-done', index: 1, updated: [] })
    expect(told).toEqual([{ kind: 'service-changed', ...service(), index: 1 }])
    expect(naming().service(service())).toMatchObject({ ephemeral: true, spec: null, healthyCount: 1 })
    expect(at(80)).toMatchObject({ weight: 2, metadata: { k: 'v' }, owner: { kind: 'beat' }, index: 1, registeredMs: 10 })
  })

  it('keeps the id that its publisher gave it, whatever is said of it', () => {
    const { run, at, seen } = start()
    run(registered(instance(80, { instanceId: 'own' })), { kind: 'patch-instance', service: service(), instance: instance(80), patch: { weight: 5 } })
    run({ kind: 'set-health', healthy: false, instances: seen(80) })
    expect(at(80)).toMatchObject({ instanceId: 'own', healthy: false, weight: 5 })
    run(registered(instance(80, { instanceId: 'other' })))
    expect(at(80)).toMatchObject({ instanceId: 'other', weight: 5 })
    run(registered(instance(80)))
    expect(at(80)).not.toHaveProperty('instanceId')
  })

  it('takes the place of what the same address registered before, in another cluster too', () => {
    const { run, shown } = start()
    run(registered(instance(80)), registered(instance(81)), registered(instance(80, { cluster: 'b', healthy: false })))
    expect(shown()).toEqual(['80 b beat ill', '81 DEFAULT beat'])
  })

  it('is refused in a service of the other kind', () => {
    const { run, shown } = start()
    run(registered(instance(80), false))
    expect(refusalOf(run(registered(instance(81))))).toBe('service-is-persistent')
    expect(refusalOf(run(published(connection(), instance(81))))).toBe('service-is-persistent')
    expect(shown()).toEqual(['80 DEFAULT persistent'])
    const other = start()
    other.run(registered(instance(80)))
    expect(refusalOf(other.run(registered(instance(81), false)))).toBe('service-is-ephemeral')
  })

  it('of a beat leaves alone what is there', () => {
    const { run, at } = start()
    run(registered(instance(80)), registered(instance(80, { weight: 9 }), true, true), registered(instance(81), true, true))
    expect([at(80)?.weight, at(80)?.index, at(81)?.index]).toEqual([1, 1, 3])
  })

  it('goes with its address, whatever the cluster; another kind, another owner or an unknown one stays', () => {
    const { run, shown } = start()
    run(registered(instance(80, { cluster: 'b' })), published(connection(), instance(81)))
    const drop = (port: number, ephemeral = true): NamingCommand => ({
      ...{ kind: 'deregister-instance', service: service(), ephemeral, ip: '10.0.0.1', port },
    })
    expect(run(drop(80, false), drop(81), drop(7)).told).toEqual([])
    expect(run(drop(80)).told).toHaveLength(1)
    expect(refusalOf(run({ ...drop(80), service: service('unknown') } as NamingCommand))).toBe('naming-done')
    expect(shown()).toEqual(['81 DEFAULT c1'])
  })
})

describe('a connection', () => {
  it('publishes one list for a service: what is not in the next one is gone', () => {
    const { run, shown, naming, owners } = start()
    run(published(connection(), instance(80), instance(81)), published(connection(), instance(81), instance(82)))
    expect(shown()).toEqual(['81 DEFAULT c1', '82 DEFAULT c1'])
    const [[of, addresses] = []] = [...(naming().publications(connection()) ?? [])]
    expect([of?.key, addresses?.size]).toEqual([service(), 2])
    expect(owners()).toEqual(['1:0a0b0c0d0e0f:c1'])
    run(published(connection()))
    expect([shown(), naming().publications(connection()), owners()]).toEqual([[], undefined, []])
    expect(run(published(connection())).told).toEqual([])
  })

  it('withdraws nothing of a service that is not there, and makes none', () => {
    const { run, naming } = start()
    expect(refusalOf(run(published(connection())))).toBe('naming-done')
    expect(naming().serviceCount()).toBe(0)
  })

  it('withdraws nothing where it published nothing, of whatever kind the service is', () => {
    const { run, shown } = start()
    run(registered(instance(80), false))
    const withdrawn = run(published(connection()))
    expect([refusalOf(withdrawn), withdrawn.told, shown()]).toEqual(['naming-done', [], ['80 DEFAULT persistent']])
  })

  it('loses an address to whoever registers it next, and takes away only what is its own', () => {
    const { run, shown, owners } = start()
    run(published(connection('c1'), instance(80), instance(81)), published(connection('c2'), instance(80)), published(connection('c1')))
    expect(shown()).toEqual(['80 DEFAULT c2'])
    run(registered(instance(80)))
    expect([shown(), owners()]).toEqual([['80 DEFAULT beat'], []])
  })

  it('cannot publish more at once than a turn takes', () => {
    const { run } = start()
    const many = Array.from({ length: namingLimits.publishedAtOnce + 1 }, (_, port) => instance(port))
    expect(refusalOf(run(published(connection(), ...many)))).toBe('too-many')
  })
})

describe('a removal and a word on health', () => {
  it('mean one registration, and are void for a later one', () => {
    const { run, shown, seen } = start()
    run(registered(instance(80)), registered(instance(81)), published(connection(), instance(82)))
    const before = seen(80, 81, 82)
    run(published(connection('c2'), instance(82)), registered(instance(81)))
    const health: NamingCommand = { kind: 'set-health', healthy: false, instances: before }
    expect(run(health).reply).toMatchObject({ updated: [{ ip: '10.0.0.1', port: 80, cluster: 'DEFAULT' }] })
    expect(shown()).toEqual(['80 DEFAULT beat ill', '81 DEFAULT beat', '82 DEFAULT c2'])
    expect(run(health).told).toEqual([])
    expect(run({ kind: 'remove-instances', instances: [...before, { ...instance(9), service: service('unknown'), index: 1 }] }).told).toHaveLength(1)
    expect(shown()).toEqual(['81 DEFAULT beat', '82 DEFAULT c2'])
  })

  it('do not undo each other: health is of the registration that it was seen of', () => {
    const { run, at, seen } = start()
    run(registered(instance(80)))
    run({ kind: 'set-health', healthy: false, instances: seen(80) }, { kind: 'set-health', healthy: true, instances: seen(80) })
    expect([at(80)?.healthy, at(80)?.index]).toEqual([true, 1])
  })

  it('may come from a person only where no checker works', () => {
    const { run, shown } = start()
    const say = (name = 's', port = 80): NamingCommand => ({
      kind: 'declare-health',
      service: service(name),
      instance: instance(port),
      healthy: false,
    })
    expect(refusalOf(run(say()))).toBe('service-unknown')
    run(registered(instance(80), false))
    expect(refusalOf(run(say()))).toBe('health-is-checked')
    const none = { checker: { type: 'NONE' }, checkPort: 80, useInstancePort: true, metadata: {} } as const
    run({ kind: 'put-cluster', service: service(), cluster: 'DEFAULT', spec: none })
    expect(refusalOf(run(say('s', 81)))).toBe('instance-unknown')
    expect(run(say()).told).toHaveLength(1)
    expect(shown()).toEqual(['80 DEFAULT persistent ill'])
  })
})

describe('what an operator says of an instance', () => {
  const patch = (over: object, port = 80): NamingCommand => ({ kind: 'patch-instance', service: service(), instance: instance(port), patch: over })
  const metadata = (mode: 'put' | 'drop', of: Record<string, string>, targets: object = {}): NamingCommand => ({
    ...{ kind: 'patch-metadata', service: service(), mode, metadata: of, targets: { consistency: 'both', keys: [], ...targets } },
  })

  it('lies over what its publisher says, also when that is said again', () => {
    const { run, at } = start()
    run(published(connection(), instance(80, { metadata: { a: '1', b: '1' } })))
    run(patch({ weight: 5 }), patch({ enabled: false }), patch({ metadata: { a: '2' } }))
    run(published(connection('c2'), instance(80, { weight: 3, metadata: { a: '1', c: '3' } })))
    expect(at(80)).toMatchObject({ weight: 5, enabled: false, metadata: { a: '2', c: '3' }, published: { weight: 3, enabled: true } })
    expect([refusalOf(run(patch({}, 81))), refusalOf(run({ ...patch({}), service: service('unknown') } as NamingCommand))]).toEqual([
      'instance-unknown',
      'service-unknown',
    ])
  })

  it('is remembered for a minute of an instance that has gone, for when it comes back, and only once', () => {
    const { run, at, naming, waitMs } = start()
    run(published(connection(), instance(80), instance(81)), patch({ weight: 5 }), patch({ enabled: false }, 81))
    run(published(connection()))
    expect(naming().keptOverrides()).toBe(2)
    run(published(connection('c2'), instance(80)))
    expect([at(80)?.weight, naming().keptOverrides()]).toEqual([5, 1])
    waitMs(61_000)
    run(published(connection('c2'), instance(80), instance(81)))
    expect([at(81)?.enabled, naming().keptOverrides()]).toEqual([true, 0])
  })

  it('is forgotten after that minute, by a command', () => {
    const { run, naming, waitMs, records } = start()
    run(registered(instance(80)), patch({ weight: 5 }))
    run({ kind: 'deregister-instance', service: service(), ephemeral: true, ip: '10.0.0.1', port: 80 }, { kind: 'sweep-overrides' })
    expect([naming().keptOverrides(), records.size]).toEqual([1, 2])
    waitMs(61_000)
    run({ kind: 'sweep-overrides' })
    expect([naming().keptOverrides(), records.size]).toEqual([0, 1])
  })

  it('answers which they were in one order, whatever the order in which they came or were loaded', () => {
    const { run } = start()
    run(registered(instance(81)), registered(instance(80)))
    expect(run(metadata('put', { a: '1' })).reply).toMatchObject({ updated: [{ port: 80 }, { port: 81 }] })
  })

  it('puts keys of metadata, and takes them away, of all instances or of some', () => {
    const { run, at } = start()
    run(registered(instance(80, { metadata: { a: '1' } })), registered(instance(81)))
    expect(run(metadata('put', { a: '2', b: '3' })).reply).toMatchObject({ updated: [{ port: 80 }, { port: 81 }] })
    expect([at(80)?.metadata, at(81)?.metadata]).toEqual([
      { a: '2', b: '3' },
      { a: '2', b: '3' },
    ])
    run(metadata('drop', { a: '' }, { keys: [instance(80), instance(80), instance(7)] }))
    expect([at(80)?.metadata, at(81)?.metadata]).toEqual([{ b: '3' }, { a: '2', b: '3' }])
    run(metadata('put', { a: '4' }, { keys: [instance(80)] }))
    expect(at(80)?.metadata).toEqual({ a: '4', b: '3' })
    expect(run(metadata('put', { a: '5' }, { consistency: 'persistent' })).reply).toMatchObject({ updated: [] })
    expect(run(metadata('put', { a: '5' }, { consistency: 'ephemeral', keys: [instance(81)] })).told).toHaveLength(1)
    expect(refusalOf(run({ ...metadata('put', {}), service: service('unknown') } as NamingCommand))).toBe('service-unknown')
  })
})

describe('a service', () => {
  const create = (name = 's'): NamingCommand => ({ kind: 'create-service', service: service(name), ephemeral: false, spec: spec() })
  const update: NamingCommand = { kind: 'update-service', service: service(), spec: spec({ protectThreshold: 0.9 }) }
  const remove: NamingCommand = { kind: 'remove-service', service: service() }

  it('is created once, changed, and removed when it is empty', () => {
    const { run, naming } = start()
    expect([refusalOf(run(update)), refusalOf(run(remove))]).toEqual(['service-unknown', 'service-unknown'])
    expect([refusalOf(run(create())), refusalOf(run(create())), refusalOf(run(update))]).toEqual(['naming-done', 'service-exists', 'naming-done'])
    expect(naming().service(service())?.spec?.protectThreshold).toBe(0.9)
    run(registered(instance(80), false))
    expect(refusalOf(run(remove))).toBe('service-not-empty')
    run({ kind: 'deregister-instance', service: service(), ephemeral: false, ip: '10.0.0.1', port: 80 })
    expect(run(remove).told).toHaveLength(1)
    expect([...naming().services()]).toEqual([])
  })

  it('that has been empty for long is swept away, unless it is not empty any more', () => {
    const { run, naming } = start()
    run(create('a'), create('b'), registered(instance(80)))
    run({ kind: 'sweep-services', services: [service('a'), service('s'), service('unknown')] })
    expect([...naming().services()].map(({ key }) => key.name)).toEqual(['b', 's'])
  })

  const checker = { checker: { type: 'NONE' }, checkPort: 80, useInstancePort: true, metadata: {} } as const
  const described: readonly NamingCommand[] = [create(), { kind: 'put-cluster', service: service(), cluster: 'b', spec: checker }]
  const sweep: NamingCommand = { kind: 'sweep-services', services: [service()] }

  it('that was swept away is what it was if it comes back within a minute, as either kind', () => {
    const { run, naming, records, waitMs } = start()
    run(...described, sweep)
    expect([naming().service(service()), naming().keptServices(), records.size]).toEqual([undefined, 1, 1])
    waitMs(59_000)
    run(published(connection(), instance(80)))
    expect(naming().service(service())).toMatchObject({ ephemeral: true, spec: spec(), clusters: new Map([['b', checker]]) })
    expect([naming().keptServices(), records.size]).toEqual([0, 2])
  })

  it('is born anew after that minute, when it was removed, and as it is described when somebody creates it', () => {
    const late = start()
    late.run(...described, sweep)
    late.waitMs(61_000)
    late.run(registered(instance(80)))
    expect([late.naming().service(service())?.spec, late.naming().keptServices(), late.records.size]).toEqual([null, 0, 2])
    const gone = start()
    gone.run(...described, remove)
    expect([gone.naming().keptServices(), gone.records.size]).toEqual([0, 0])
    const again = start()
    again.run(...described, sweep, { ...create(), spec: spec({ protectThreshold: 0.1 }) } as NamingCommand)
    expect(again.naming().service(service())).toMatchObject({ spec: { protectThreshold: 0.1 }, clusters: new Map() })
    expect([again.naming().keptServices(), again.records.size]).toEqual([0, 1])
  })

  it('that is gone for a minute is forgotten by a command, and one of which nothing is known at once', () => {
    const { run, naming, waitMs, records } = start()
    run(...described, sweep, { kind: 'sweep-overrides' })
    run(registered(instance(80, {}), true))
    run({ kind: 'deregister-instance', service: service(), ephemeral: true, ip: '10.0.0.1', port: 80 }, sweep)
    waitMs(61_000)
    run({ kind: 'sweep-overrides' })
    expect([naming().keptServices(), records.size]).toEqual([0, 0])
    run(registered(instance(80)), { kind: 'deregister-instance', service: service(), ephemeral: true, ip: '10.0.0.1', port: 80 }, sweep)
    expect([naming().keptServices(), records.size]).toEqual([0, 0])
  })

  it('stands among those of its namespace by group and name, however they came', () => {
    const { run, naming } = start()
    const of = (group: string, name: string): NamingCommand => ({ ...create(), service: { namespace: 'public', group, name } }) as NamingCommand
    run(of('G', 'b'), of('H', 'a'), of('G', 'a'), of('G', 'c'), { ...create(), service: { namespace: 'n', group: 'G', name: 'x' } } as NamingCommand)
    run({ kind: 'sweep-services', services: [{ namespace: 'public', group: 'G', name: 'b' }] })
    expect(
      naming()
        .servicesIn('public')
        .map(({ key }) => `${key.group} ${key.name}`),
    ).toEqual(['G a', 'G c', 'H a'])
    expect([[...naming().namespaces()], naming().servicesIn('unknown')]).toEqual([['public', 'n'], []])
    run({ kind: 'sweep-services', services: [{ namespace: 'n', group: 'G', name: 'x' }] })
    expect([...naming().namespaces()]).toEqual(['public'])
  })

  it('has switches beside it', () => {
    const { run, naming } = start()
    run({ kind: 'put-switch', entry: 'pushEnabled', value: 'false' }, { kind: 'put-switch', entry: 'pushEnabled', value: 'true' })
    expect(Object.fromEntries(naming().switches())).toEqual({ pushEnabled: 'true' })
  })
})

it('has bounds: services and instances beyond them are refused, and what is there may still change', () => {
  const area = createNamingArea({ services: 2, instances: 2, publishedAtOnce: 10, keptOverrides: 1, keptServices: 1 })
  const host = createAreaHost([area])
  let index = 0
  const run = (command: NamingCommand) => refusalOf(host.apply(encodeNaming(command), { index: ++index, timeMs: 1, sum: { high: 0, low: 0 } }))
  const create = (name: string) => run({ kind: 'create-service', service: service(name), ephemeral: true, spec: spec() })
  const inService = (name: string, command: NamingCommand) => run({ ...command, service: service(name) } as NamingCommand)
  expect([create('a'), create('b'), create('c')]).toEqual(['naming-done', 'naming-done', 'too-many'])
  expect(inService('c', registered(instance(80)))).toBe('too-many')
  expect(inService('a', published(connection(), instance(80), instance(81)))).toBe('naming-done')
  expect(inService('b', registered(instance(80)))).toBe('too-many')
  expect(inService('a', registered(instance(80)))).toBe('naming-done')
  expect(inService('a', published(connection()))).toBe('naming-done')
  expect(inService('b', registered(instance(80)))).toBe('naming-done')
})

it('remembers so many swept services, and no more', () => {
  const area = createNamingArea({ services: 2, instances: 2, publishedAtOnce: 10, keptOverrides: 1, keptServices: 1 })
  const host = createAreaHost([area])
  let index = 0
  const run = (command: NamingCommand) => host.apply(encodeNaming(command), { index: ++index, timeMs: 1, sum: { high: 0, low: 0 } })
  for (const name of ['a', 'b']) run({ kind: 'create-service', service: service(name), ephemeral: true, spec: spec() })
  run({ kind: 'sweep-services', services: [service('a'), service('b')] })
  for (const name of ['a', 'b']) run({ ...registered(instance(80)), service: service(name) } as NamingCommand)
  expect(['a', 'b'].map((name) => area.service(service(name))?.spec)).toEqual([spec(), null])
})

/** What is equal on all nodes, put in an order. */
const picture = (machine: StateMachine): unknown => ({
  services: [...machine.areas().naming.services()]
    .map(({ key, ephemeral, spec: of, clusters, instances, clusterSizes, healthyCount }) => ({
      ...{ key, ephemeral, spec: of, healthyCount, clusters: [...clusters] },
      ...{ instances: [...instances].toSorted(), sizes: [...clusterSizes].toSorted() },
      listed: machine
        .areas()
        .naming.servicesIn(key.namespace)
        .map((each) => textOf(each.key)),
      kept: [machine.areas().naming.keptOverrides(), machine.areas().naming.keptServices()],
      published: [...machine.areas().naming.owners()].map(([text]) => text).toSorted(),
    }))
    .toSorted((a, b) => textOf(a.key).localeCompare(textOf(b.key))),
  switches: [...machine.areas().naming.switches()].toSorted(),
  meta: machine.meta(),
  counts: [machine.areas().naming.serviceCount(), machine.areas().naming.instanceCount(), { ...machine.areas().naming.ownerCounts() }],
})
const textOf = ({ namespace, group, name }: ServiceKey): string => JSON.stringify([namespace, group, name])

it('whatever happens: what the records give is what is in memory, and a batch that comes to nothing leaves nothing', () => {
  fc.assert(
    fc.property(fc.array(anyNamingCommand, { maxLength: 30 }), fc.nat({ max: 29 }), (commands, at) => {
      const { machine, records, run, apply } = start()
      run(...commands.slice(0, at))
      const before = picture(machine)
      machine.begin()
      for (const command of commands.slice(at)) apply(command)
      machine.discard()
      expect(picture(machine)).toEqual(before)
      run(...commands.slice(at))
      expect(hashOfRows([], machine.meta(), [], [], records.values())).toBe(machine.meta().stateHash)
      const again = start([...records.values()].toReversed(), machine.meta())
      expect(picture(again.machine)).toEqual(picture(machine))
    }),
    { numRuns: 300 },
  )
})

it('a snapshot that takes over tells of every service that is another', () => {
  const [old, next] = [start(), start()]
  old.run(registered(instance(80)), { kind: 'put-switch', entry: 'x', value: '1' })
  next.run({ kind: 'create-service', service: service('t'), ephemeral: true, spec: spec() }, { kind: 'put-switch', entry: 'x', value: '2' })
  const load = old.machine.load()
  for (const record of next.records.values()) load.addRecord(record)
  const told = [...load.takeOver(next.machine.meta())].filter((effect) => effect !== null)
  expect(told).toEqual([
    { kind: 'service-changed', ...service('s'), index: 2 },
    { kind: 'service-changed', ...service('s'), index: 2 },
    { kind: 'service-changed', ...service('t'), index: 2 },
  ])
  expect([...old.machine.areas().naming.services()].map(({ key }) => key.name)).toEqual(['t'])
})

it('bytes and records that no version of ours wrote change nothing', () => {
  const { machine } = start([
    ...([
      { area: 1, key: 'v6:1:publicGs', value: new Uint8Array([9]) },
      { area: 1, key: 'v6:1:publicGs', value: new Uint8Array([1]) },
    ] as const),
    { area: 2, key: '13:6:1:publicGs80:1:1D', value: new Uint8Array([9]) },
    { area: 2, key: '13:6:1:publicGs80:1:2D', value: new Uint8Array([1, 255]) },
    { area: 2, key: '13:6:1:publicGs80:1:3D', value: new Uint8Array([1, 8]) },
    ...([
      { area: 1, key: 'o6:1:publicGs', value: new Uint8Array([1]) },
      { area: 1, key: 'o6:1:publicGt', value: new Uint8Array([2, 8]) },
    ] as const),
    { area: 2, key: 'o13:6:1:publicGs80:1:3D', value: new Uint8Array([9]) },
    { area: 2, key: 'o13:6:1:publicGs80:1:4D', value: new Uint8Array([1, 8]) },
  ])
  expect([[...machine.areas().naming.services()], machine.areas().naming.keptServices()]).toEqual([[], 0])
  machine.begin()
  expect(machine.apply({ index: 1, term: 1, stampMs: 1, payload: new Uint8Array([1, 16, 255]) }).reply).toEqual({ kind: 'invalid-command' })
})
