/** What named snapshots hold besides configurations: gray versions, namespaces, capacities, services and accounts; and what they leave as it is. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeAccountCommand } from './areas/account-codec.ts'
import type { AccountCommand } from './areas/account-words.ts'
import { encodeCapacity } from './areas/capacity-area.ts'
import { encodeGray } from './areas/gray-codec.ts'
import { keepingOf } from './areas/keeping.ts'
import { encodeNamespaceCommand } from './areas/namespace-area.ts'
import { encodeNaming } from './areas/naming-codec.ts'
import { connection, instance, published, registered, service, spec } from './areas/naming-commands.testing.ts'
import type { ClusterSpec, NamingCommand, ServiceState } from './areas/naming-words.ts'
import { encodePrune } from './prune-codec.ts'
import { bytes, createBench, key, publish, whole } from './snapshot-bench.testing.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type { AreaNumber, AreaRecord, Effect, RowWrite } from './types.ts'

type Bench = ReturnType<typeof createBench>

const grayOf = (content: string, tag = 't') =>
  encodeGray({
    ...{
      kind: 'publish-gray',
      ...key('a'),
      grayName: `tag_${tag}`,
      rule: { type: 'tag', expr: tag },
      content: bytes(content),
      md5: `md5-${content}`,
    },
    ...{ expectedMd5: null, type: 'text', appName: '', encryptedDataKey: '', sourceIp: '10.0.0.1', sourceUser: 'u' },
  })
const noGray = (tag = 't') => encodeGray({ kind: 'remove-gray', ...key('a'), grayName: `tag_${tag}`, sourceIp: '', sourceUser: '' })
const namespace = (id: string, showName = id, kind: 'create-namespace' | 'update-namespace' = 'create-namespace') =>
  encodeNamespaceCommand({ kind, id, showName, description: '' })
const noNamespace = (id: string) => encodeNamespaceCommand({ kind: 'delete-namespace', id })
const quota = (name: string, of: number) => encodeCapacity({ kind: 'put-capacity', scope: 'group', name, limits: { quota: of } })
const account = (command: AccountCommand) => encodeAccountCommand(command)
const user = (name: string, passwordHash = `hash of ${name}`) => account({ kind: 'create-user', name, passwordHash })
const naming = (command: NamingCommand) => encodeNaming(command)
const persistent = (port: number, over = {}) => naming(registered(instance(port, over), false))
const none: ClusterSpec = { checker: { type: 'NONE' }, checkPort: 80, useInstancePort: true, metadata: {} }

const serviceLine = ({ key: { name, namespace: of }, ephemeral, spec: about, clusters, instances }: ServiceState): string =>
  `${of}/${name} ${ephemeral ? 'ephemeral' : 'persistent'} ${about?.protectThreshold ?? '-'} [${[...clusters.keys()]}] ${[...instances.values()].map(({ port, weight }) => `${port}x${weight}`)}`
/** All but configurations, as people see it. */
const shown = ({ machine, records }: Bench) => {
  const { gray, namespaces, accounts, naming: of, capacities } = machine.areas()
  const grayText = (name: string): string => {
    const record = [...records.values()].find((each) => each.area === 3 && each.key.endsWith(name))
    return record === undefined ? '' : new TextDecoder().decode(record.value).slice(-3)
  }
  return {
    grays: gray.of(key('a')).map(({ grayName, md5 }) => `${grayName} ${md5} ${grayText(grayName)}`),
    namespaces: [...namespaces.all()].map(({ id, showName }) => `${id} ${showName}`).sort(),
    users: [...accounts.users()].map(({ name, passwordHash, roles }) => `${name} ${passwordHash} ${roles}`).sort(),
    permissions: [...accounts.permissions()].flat().map(({ role, resource }) => `${role} ${resource}`),
    services: [...of.services()].map(serviceLine).sort(),
    quota: capacities.find('group', 'g')?.quota ?? null,
  }
}
const historyOf = ({ log }: Bench, from: number) =>
  log.slice(from).flatMap((write) => (write.kind === 'history-besides' ? [`${write.operation} ${write.md5} ${write.sourceIp}`] : []))

/** One of each kind, then a snapshot, then each of them another, gone or new. */
const takeAndChange = (): Bench & { readonly taken: ReturnType<Bench['take']>; readonly before: ReturnType<typeof shown> } => {
  const bench = createBench()
  const { raw, run, take } = bench
  run(publish('a', '1'))
  for (const each of [grayOf('one', 'changed'), grayOf('two', 'gone'), namespace('changed'), namespace('gone'), quota('g', 5)]) raw(each)
  for (const each of [persistent(80), persistent(81), naming({ kind: 'put-cluster', service: service(), cluster: 'DEFAULT', spec: none })]) raw(each)
  for (const name of ['leaver', 'stayer']) raw(user(name))
  const before = shown(bench)
  const taken = take('s')
  for (const each of [grayOf('ONE', 'changed'), noGray('gone'), grayOf('new', 'new'), namespace('changed', 'X', 'update-namespace')]) raw(each)
  for (const each of [noNamespace('gone'), namespace('new'), quota('g', 6), persistent(80, { weight: 7 }), persistent(82)]) raw(each)
  raw(naming({ kind: 'deregister-instance', service: service(), ephemeral: false, ip: '10.0.0.1', port: 81 }))
  raw(naming({ kind: 'create-service', service: service('new'), ephemeral: false, spec: spec() }))
  raw(account({ kind: 'delete-user', name: 'leaver' }))
  raw(user('joiner'))
  return { ...bench, taken, before }
}

const toldOf = (told: readonly Effect[]): string[] =>
  [
    ...new Set(
      told.flatMap((effect) => (effect.kind === 'config-changed' ? [] : [`${effect.kind} ${'name' in effect ? effect.name : effect.dataId}`])),
    ),
  ].sort()

describe('a restore of everything', () => {
  it('brings back gray versions, namespaces, capacities and persistent services as they were, and says how many', () => {
    const bench = takeAndChange()
    const { restore, taken, before, machine, hash } = bench
    const { reply, told } = restore(taken)
    expect(shown(bench)).toEqual({ ...before, users: ['joiner hash of joiner ', 'stayer hash of stayer '] })
    // 2 gray versions, 2 namespaces, a capacity, 2 instances; a gray version, a namespace, an instance and a service.
    expect(reply).toMatchObject({ kind: 'snapshot-restored', besides: { brought: 7, removed: 4, left: 0 } })
    expect(toldOf(told)).toEqual(['gray-changed a', 'service-changed new', 'service-changed s'])
    expect(machine.meta().stateHash).toBe(hash())
  })

  it('gives indexes and times of its own, and keeps ids of what is there', () => {
    const { restore, taken, machine } = takeAndChange()
    const gray = (tag: string) =>
      machine
        .areas()
        .gray.of(key('a'))
        .find(({ grayName }) => grayName === `tag_${tag}`)
    const [changed, capacity] = [gray('changed'), machine.areas().capacities.find('group', 'g')]
    restore(taken)
    const { appliedIndex: index, lastTimeMs: modifiedMs } = machine.meta()
    expect(gray('changed')).toMatchObject({
      index,
      modifiedMs,
      id: changed?.id,
      createdMs: changed?.createdMs,
      sourceIp: '10.0.0.9',
      sourceUser: 'w',
    })
    expect(gray('gone')).toMatchObject({ index, id: index, createdMs: modifiedMs })
    expect(machine.areas().capacities.find('group', 'g')).toMatchObject({ id: capacity?.id, createdMs: capacity?.createdMs, modifiedMs })
    const rows = [...(machine.areas().naming.service(service())?.instances.values() ?? [])]
    expect(rows.map(({ index: of, registeredMs }) => [of, registeredMs])).toEqual(Array(2).fill([index, modifiedMs]))
  })

  it('leaves a row of history for each gray version', () => {
    const bench = takeAndChange()
    const from = bench.log.length
    bench.restore(bench.taken)
    expect(historyOf(bench, from).sort()).toEqual(['D md5-new 10.0.0.9', 'I md5-two 10.0.0.9', 'U md5-ONE 10.0.0.9'])
  })

  it('is undone, and the undoing too', () => {
    const bench = takeAndChange()
    const after = shown(bench)
    bench.restore(bench.taken)
    const restored = shown(bench)
    bench.undo()
    expect(shown(bench)).toEqual(after)
    bench.undo()
    expect(shown(bench)).toEqual(restored)
    expect(bench.machine.meta().stateHash).toBe(bench.hash())
  })

  it('writes nothing twice: a second one changes nothing', () => {
    const { restore, taken } = takeAndChange()
    restore(taken)
    expect(restore(taken)).toMatchObject({ reply: { besides: { brought: 0, removed: 0, left: 0 } }, told: [] })
  })

  it('gives the same in steps of any size', () => {
    const ends = [{ walked: 1, changed: 1, bytes: 1 }, { walked: 3, changed: 2, bytes: 60 }, whole].map((limits) => {
      const bench = takeAndChange()
      const again = bench.take('again', limits)
      bench.raw(noGray('new'))
      bench.restore(bench.taken, limits)
      bench.restore(again, limits)
      return [bench.machine.meta(), shown(bench)]
    })
    expect(ends[1]).toEqual(ends[0])
    expect(ends[2]).toEqual(ends[0])
  })
})

describe('ephemeral instances', () => {
  const holder = naming(published(connection(), instance(80)))

  it('stay as they are, and so does what keeps them', () => {
    const bench = createBench()
    bench.raw(holder)
    const taken = bench.take('s')
    bench.raw(naming(published(connection(), instance(81))))
    bench.raw(naming({ ...registered(instance(90)), service: { ...service('elsewhere'), namespace: 'later' } } as NamingCommand))
    bench.raw(namespace('later'))
    bench.raw(namespace('empty'))
    const rows = () =>
      [...bench.machine.areas().naming.services()].flatMap(({ instances }) => [...instances.values()]).toSorted((a, b) => a.port - b.port)
    const before = rows()
    bench.restore(taken)
    expect(rows()).toEqual(before)
    expect(shown(bench).namespaces).toEqual(['later later'])
  })

  it('keep their service ephemeral, whatever stood there: what was persistent is left out', () => {
    const bench = createBench()
    bench.raw(persistent(80))
    const taken = bench.take('s')
    bench.raw(naming({ kind: 'deregister-instance', service: service(), ephemeral: false, ip: '10.0.0.1', port: 80 }))
    bench.raw(naming({ kind: 'remove-service', service: service() }))
    bench.raw(holder)
    expect(bench.restore(taken).reply).toMatchObject({ besides: { brought: 0, removed: 0, left: 2 } })
    expect(shown(bench).services).toEqual(['public/s ephemeral - [] 80x1'])
    bench.raw(naming(published(connection())))
    expect(bench.restore(taken).reply).toMatchObject({ besides: { brought: 2, removed: 0, left: 0 } })
    expect(shown(bench).services).toEqual(['public/s persistent - [] 80x1'])
  })

  it('have a description that comes back, or goes again', () => {
    const bench = createBench()
    bench.raw(holder)
    const plain = bench.take('plain')
    bench.raw(naming({ kind: 'update-service', service: service(), spec: spec() }))
    bench.raw(naming({ kind: 'create-service', service: service('empty'), ephemeral: true, spec: spec() }))
    const described = bench.take('described')
    bench.restore(plain)
    expect(shown(bench).services).toEqual(['public/s ephemeral - [] 80x1'])
    bench.restore(described)
    expect(shown(bench).services).toEqual(['public/empty ephemeral 0.5 [] ', 'public/s ephemeral 0.5 [] 80x1'])
  })

  it('give way where a service was born ephemeral since and is empty', () => {
    const bench = createBench()
    bench.raw(naming({ kind: 'create-service', service: service(), ephemeral: true, spec: spec() }))
    const taken = bench.take('s')
    bench.raw(naming({ kind: 'remove-service', service: service() }))
    bench.raw(persistent(80))
    bench.restore(taken)
    expect(shown(bench).services).toEqual(['public/s ephemeral 0.5 [] '])
  })
})

describe('persistent instances', () => {
  it('keep the health that checks found since, unless they were away', () => {
    const bench = createBench()
    for (const port of [80, 81]) bench.raw(persistent(port))
    const taken = bench.take('s')
    const seen = (port: number) => {
      const row = bench.machine.areas().naming.instance(service(), instance(port))
      return { service: service(), ...instance(port), index: row?.index ?? 0 }
    }
    bench.raw(naming({ kind: 'set-health', healthy: false, instances: [seen(80)] }))
    expect(bench.restore(taken).reply).toMatchObject({ besides: { brought: 0, removed: 0 } })
    bench.raw(persistent(80, { weight: 3, healthy: false }))
    bench.raw(naming({ kind: 'remove-instances', instances: [seen(81)] }))
    bench.restore(taken)
    const health = (port: number) => bench.machine.areas().naming.instance(service(), instance(port))?.healthy
    expect([health(80), health(81), shown(bench).services]).toEqual([false, true, ['public/s persistent - [] 80x1,81x1']])
  })
})

describe('accounts', () => {
  const admin = account({ kind: 'init-admin', name: 'nacos', passwordHash: 'first' })
  const grown = (): Bench & { readonly taken: ReturnType<Bench['take']> } => {
    const bench = createBench()
    for (const each of [admin, user('leaver'), account({ kind: 'add-role', role: 'r', name: 'leaver' })]) bench.raw(each)
    bench.raw(account({ kind: 'add-permission', role: 'r', resource: '*:*:*', action: 'r' }))
    const taken = bench.take('s')
    for (const each of [account({ kind: 'delete-user', name: 'leaver' }), user('joiner')]) bench.raw(each)
    bench.raw(account({ kind: 'set-password', name: 'nacos', passwordHash: 'second' }))
    return { ...bench, taken }
  }

  it('stay as they are, unless somebody asks for them', () => {
    const bench = grown()
    expect(bench.restore(bench.taken).reply).toMatchObject({ besides: { brought: 0, removed: 0 } })
    expect(shown(bench)).toMatchObject({ users: ['joiner hash of joiner ', 'nacos second ROLE_ADMIN'], permissions: [] })
  })

  it('come back when asked for, and the administrator of now stays with the password of now', () => {
    const bench = grown()
    bench.restore(bench.taken, whole, true)
    expect(shown(bench)).toMatchObject({ users: ['leaver hash of leaver r', 'nacos second ROLE_ADMIN'], permissions: ['r *:*:*'] })
    bench.undo()
    expect(shown(bench)).toMatchObject({ users: ['joiner hash of joiner ', 'nacos second ROLE_ADMIN'], permissions: [] })
  })

  it('never lose their last administrator, also to a snapshot of before there was one', () => {
    const bench = createBench()
    bench.raw(user('early'))
    const taken = bench.take('s')
    bench.raw(admin)
    bench.restore(taken, whole, true)
    expect(shown(bench).users).toEqual(['early hash of early ', 'nacos first ROLE_ADMIN'])
    expect(bench.machine.areas().accounts.hasAdministrator()).toBe(true)
  })

  it('are not touched by undoing a restore that did not touch them', () => {
    const bench = grown()
    bench.restore(bench.taken)
    bench.raw(user('later'))
    bench.undo()
    expect(shown(bench).users).toContain('later hash of later ')
  })
})

describe('what a snapshot keeps', () => {
  const keptKeys = ({ records }: Bench): string[] => [...records.values()].flatMap((each) => (each.area === 8 ? [each.key] : []))

  it('goes with it: by hand, with the next restore, and by its age', () => {
    const bench = takeAndChange()
    const { machine, long, restore, taken, raw, hash } = bench
    expect(keptKeys(bench)).toHaveLength(2)
    restore(taken)
    restore(taken)
    expect([keptKeys(bench).length, [...machine.areas().kept.heads()].length]).toEqual([4, 2])
    raw(encodePrune({ kind: 'prune-history', cutoffMs: machine.meta().lastTimeMs, nids: [2 ** 40] }))
    expect(keptKeys(bench)).toHaveLength(4)
    raw(encodePrune({ kind: 'prune-history', cutoffMs: 2 ** 50, nids: [1] }))
    expect(keptKeys(bench)).toHaveLength(2)
    long({ kind: 'drop-snapshot', index: taken.index })
    expect([keptKeys(bench), [...machine.areas().kept.heads()]]).toEqual([[], []])
    expect(machine.meta().stateHash).toBe(hash())
  })

  it('is counted, and is there for a machine that begins with it', () => {
    const { machine, records, taken } = takeAndChange()
    const head = { index: taken.index, accounts: true, parts: 1, counts: { 1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 6: 0, 7: 1 } }
    expect(machine.areas().kept.head(taken.index)).toMatchObject({ ...head, counts: { 1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 7: 1 } })
    const again = createStateMachine(machine.all(), machine.meta(), { snapshots: machine.snapshots(), records: records.values() })
    expect([again.areas().kept.head(taken.index), again.meta()]).toEqual([head, machine.meta()])
  })

  it('may be many parts', () => {
    const bench = createBench()
    const long = 'x'.repeat(50_000)
    for (let n = 0; n < 7; n++) bench.raw(grayOf(`${n}${long}`, `${n}`))
    const taken = bench.take('s')
    expect(bench.machine.areas().kept.head(taken.index)).toMatchObject({ parts: 3, counts: { 3: 7 } })
    for (let n = 0; n < 7; n++) bench.raw(n % 2 === 0 ? noGray(`${n}`) : grayOf('other', `${n}`))
    const before = bench.restore(taken)
    expect(before.reply).toMatchObject({ besides: { brought: 7, removed: 0 } })
    expect(
      bench.machine
        .areas()
        .gray.of(key('a'))
        .map(({ contentBytes }) => contentBytes),
    ).toEqual(Array(7).fill(50_001))
  })

  it('is nothing in one that an earlier version took: such a restore changes configurations alone', () => {
    const bench = takeAndChange()
    for (const [at, { area }] of [...bench.records]) if (area === 8) bench.records.delete(at)
    const before = shown(bench)
    const machine = createStateMachine(
      bench.machine.all(),
      { ...bench.machine.meta() },
      { snapshots: bench.machine.snapshots(), records: bench.records.values() },
    )
    expect(machine.areas().kept.head(bench.taken.index)).toBeUndefined()
    const of = createBench(() => machine)
    for (const [at, record] of bench.records) of.records.set(at, record)
    for (const [nid, head] of bench.history) of.history.set(nid, head)
    expect(of.restore(bench.taken).reply).toMatchObject({ besides: { brought: 0, removed: 0, left: 0 } })
    expect(shown(of)).toEqual(before)
  })
})

describe('a node whose store is not what was written', () => {
  const otherThan = (record: AreaRecord): AreaRecord => ({
    ...record,
    value: record.value.map((byte, at) => (at === record.value.length - 1 ? byte ^ 1 : byte)),
  })
  const damage = ({ records }: Bench, area: number): void => {
    const [at, record] = [...records].find(([, each]) => each.area === area) as [string, AreaRecord]
    records.set(at, otherThan(record))
  }
  const words = /services, namespaces, users or gray versions in the store are not what was written/

  it('takes nothing', () => {
    const bench = takeAndChange()
    damage(bench, 4)
    expect(() => bench.take('t')).toThrow(words)
    expect(bench.machine.snapshots().map(({ name }) => name)).toEqual(['s'])
  })

  it('restores nothing, be it what is there now or what was kept', () => {
    const [now, kept, lost] = [takeAndChange(), takeAndChange(), takeAndChange()]
    damage(now, 4)
    damage(kept, 8)
    for (const [at, { area, key: of }] of [...lost.records]) if (area === 8 && of.includes(':')) lost.records.delete(at)
    for (const bench of [now, kept, lost]) {
      const before = shown(bench)
      expect(() => bench.restore(bench.taken)).toThrow(words)
      expect(shown(bench)).toEqual(before)
    }
  })
})

it('records of another version come back as they were', () => {
  const value = Uint8Array.of(9, 9)
  const at = { index: 5, timeMs: 5, sourceIp: '', sourceUser: '', areas: createStateMachine([], emptyMeta()).areas() }
  const again = (area: AreaNumber, now: AreaRecord | null) => keepingOf(area)?.again({ kept: { area, key: 'k', value }, now }, at)
  for (const area of [4, 7] as const) expect([again(area, null), again(area, { area, key: 'k', value: Uint8Array.of(1) })]).toEqual([value, value])
  expect(keepingOf(6)).toBeUndefined()
  expect(([1, 2, 3] as const).map((area) => keepingOf(area)?.keeps({ area, key: 'v1:1:abc', value }))).toEqual([false, false, false])
})

type Act = { readonly kind: 'do' | 'take' | 'restore' | 'undo' | 'drop'; readonly at: number }
const doings: readonly Uint8Array[] = [
  ...[
    grayOf('one'),
    grayOf('two'),
    noGray(),
    namespace('n'),
    namespace('n', 'N', 'update-namespace'),
    noNamespace('n'),
    quota('g', 1),
    quota('g', 2),
  ],
  ...[persistent(80), persistent(80, { weight: 2 }), persistent(81), naming({ kind: 'remove-service', service: service() })],
  naming({ kind: 'deregister-instance', service: service(), ephemeral: false, ip: '10.0.0.1', port: 80 }),
  ...[naming({ kind: 'put-cluster', service: service(), cluster: 'DEFAULT', spec: none }), user('u'), account({ kind: 'delete-user', name: 'u' })],
  account({ kind: 'set-password', name: 'u', passwordHash: 'other' }),
]
const act: fc.Arbitrary<Act> = fc.record({ kind: fc.constantFrom('do', 'do', 'do', 'take', 'restore', 'undo', 'drop'), at: fc.nat({ max: 99 }) })

it('after any life, every restore of all gives what was there when it was taken', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (acts, size) => {
      const bench = createBench()
      const copies = new Map<number, ReturnType<typeof shown>>()
      let names = 0
      for (const { kind, at } of acts) {
        const list = bench.machine.snapshots()
        const target = kind === 'undo' ? list.find((each) => each.kind === 'before-restore') : list[at % Math.max(1, list.length)]
        if (kind === 'do') bench.raw(doings[at % doings.length]!)
        else if (kind === 'take' && list.length < 4)
          copies.set(bench.take(`s${++names}`, { walked: size, changed: size, bytes: 50 }).index, shown(bench))
        else if (kind === 'drop' && target !== undefined) bench.long({ kind: 'drop-snapshot', index: target.index })
        else if (target !== undefined && kind !== 'take') {
          const before = shown(bench)
          bench.restore(target, { walked: size, changed: size, bytes: 50 }, true)
          expect(shown(bench)).toEqual(copies.get(target.index))
          copies.set(bench.machine.meta().appliedIndex, before)
        }
        expect(bench.machine.meta().stateHash).toBe(bench.hash())
      }
    }),
    { numRuns: 60 },
  )
})

it('writes of a restore are its own until it is published', () => {
  const bench = takeAndChange()
  const { machine, taken } = bench
  const before = shown(bench)
  machine.begin()
  const writes: RowWrite[] = []
  const payload = bench.restoreBytes(taken)
  const going = machine.applyLong({ index: machine.meta().appliedIndex + 1, term: 1, stampMs: 1, payload }, bench.recordsWith(writes))
  if (going.historyFrom !== null) for (const head of [...bench.history.values()].filter(({ nid }) => nid >= going.historyFrom!)) going.feed(head)
  for (let step = going.step(whole); step !== null; step = going.step(whole)) {
    writes.push(...step)
    expect(shown(bench)).toEqual(before)
  }
  machine.discard()
  expect([shown(bench), machine.meta().stateHash]).toEqual([before, bench.hash()])
})
