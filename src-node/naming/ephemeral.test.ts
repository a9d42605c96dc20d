/** Ephemeral instances (design 5): beats, connections, nodes that go and come, all in virtual time. */

import { describe, expect, it } from 'vitest'
import type { BeatAnswer, InstanceSpec } from './naming-port.ts'
import { createWorld, instance, service, type WorldNode } from './naming-world.testing.ts'

const setUp = () => {
  const w = createWorld()
  const [one, two] = [w.start(1), w.start(2)]
  const register = (node: WorldNode, of: InstanceSpec): string => w.outcomeOf((done) => node.naming.register(service(), of, true, done))
  const beat = (node: WorldNode, of: InstanceSpec, isFull = false): BeatAnswer | undefined => {
    let told: BeatAnswer | undefined
    node.naming.beat(service(), { ip: of.ip, port: of.port, cluster: of.cluster, spec: isFull ? of : null }, (answer) => {
      told = answer
    })
    w.run(1)
    return told
  }
  /** Every 5 s, for so long. */
  const beatFor = (ms: number, node: WorldNode, of: InstanceSpec): void => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      beat(node, of)
      w.run(5_000)
    }
  }
  const connect = (node: WorldNode, connectionId = 'c1'): void =>
    node.naming.connectionOpened({ connectionId, ip: '10.0.0.9', port: 5000, agent: 'Nacos-Java-Client:v3.1.0', app: 'a' })
  const publish = (node: WorldNode, instances: readonly InstanceSpec[], connectionId = 'c1'): string =>
    w.outcomeOf((done) => node.naming.publish(connectionId, service(), instances, done))
  return { ...w, one, two, register, beat, beatFor, connect, publish }
}

describe('an instance that lives by beats', () => {
  it('is unhealthy after 15 s of silence and gone after 30, and as long as it beats neither', () => {
    const { one, two, register, beatFor, run } = setUp()
    register(one, instance(80))
    register(two, instance(81))
    beatFor(14_000, one, instance(80))
    expect(two.hosts()).toEqual(['80', '81'])
    beatFor(3_000, one, instance(80))
    expect(two.hosts()).toEqual(['80', '81!'])
    beatFor(15_000, one, instance(80))
    expect(two.hosts()).toEqual(['80'])
    run(40_000)
    expect(two.hosts()).toEqual([])
  })

  it('says itself how long its silence may last', () => {
    const { one, register, run } = setUp()
    register(one, instance(80, { metadata: { 'preserved.heart.beat.timeout': '3000', 'preserved.ip.delete.timeout': '6000' } }))
    run(4_500)
    expect(one.hosts()).toEqual(['80!'])
    run(4_000)
    expect(one.hosts()).toEqual([])
  })

  it('may beat at any node: a follower sends it on to the leader, many in one frame', () => {
    const { two, one, register, beat, run, framesSent } = setUp()
    for (const port of [80, 81, 82]) register(one, instance(port))
    for (let passed = 0; passed < 40_000; passed += 5_000) {
      for (const port of [80, 81, 82]) beat(two, instance(port))
      run(5_000)
    }
    expect(one.hosts()).toEqual(['80', '81', '82'])
    expect(framesSent()).toBe(8)
  })

  it('is healthy again with its next beat', () => {
    const { one, two, register, beat, run, commands } = setUp()
    register(one, instance(80))
    run(18_000)
    expect(one.hosts()).toEqual(['80!'])
    const before = commands()
    for (let n = 0; n < 3; n++) beat(two, instance(80))
    run(1_000)
    expect([one.hosts(), commands() - before]).toEqual([['80'], 1])
  })

  it('counts as heard of when it registers again', () => {
    const { one, register, run } = setUp()
    register(one, instance(80))
    run(14_000)
    register(one, instance(80))
    run(10_000)
    expect(one.hosts()).toEqual(['80'])
  })

  it('is registered by a full beat when nobody knows it, and asked to register by a light one', () => {
    const { one, beat } = setUp()
    expect(beat(one, instance(80))).toEqual({ kind: 'unknown', intervalMs: 5000, lightBeat: true })
    expect(beat(one, instance(80), true)).toEqual({ kind: 'taken', intervalMs: 5000, lightBeat: true })
    expect(one.hosts()).toEqual(['80'])
    expect(beat(one, instance(80, { cluster: 'another' }))?.kind).toBe('taken')
  })

  it('is none that another kind of publisher keeps: a beat of that is one of an unknown instance', () => {
    const { one, register, beat, connect, publish, outcomeOf, commands } = setUp()
    const light = { kind: 'unknown', intervalMs: 5000, lightBeat: true }
    outcomeOf((done) => one.naming.register(service(), instance(80), false, done))
    expect(beat(one, instance(80))).toEqual(light)
    expect(beat(one, instance(80), true)).toMatchObject({
      kind: 'failed',
      outcome: { reply: { kind: 'naming-refused', why: 'service-is-persistent' } },
    })
    outcomeOf((done) => one.naming.deregister(service(), { ip: '10.0.0.1', port: 80 }, false, done))
    outcomeOf((done) => one.naming.removeService(service(), done))
    connect(one)
    publish(one, [instance(80)])
    const before = commands()
    expect([beat(one, instance(80)), beat(one, instance(80), true)?.kind, commands() - before]).toEqual([light, 'taken', 0])
    register(one, instance(80, { cluster: 'another' }))
    expect(beat(one, instance(80))?.kind).toBe('taken')
  })

  it('is told the interval that its metadata names, and why its registration failed', () => {
    const { one, world, register, beat } = setUp()
    register(one, instance(80, { metadata: { 'preserved.heart.beat.interval': '2000' } }))
    expect(beat(one, instance(80))).toMatchObject({ intervalMs: 2000 })
    world.writes = 'refused'
    expect(beat(one, instance(81), true)).toEqual({ kind: 'failed', outcome: { kind: 'refused', code: 'no_quorum' } })
  })

  it('is not lost to a new leader, which counts everybody as heard of', () => {
    const { one, two, register, run, lead } = setUp()
    register(one, instance(80))
    run(14_000)
    lead(2)
    run(14_000)
    expect(one.hosts()).toEqual(['80'])
    run(5_000)
    expect(one.hosts()).toEqual(['80!'])
    expect(two.hosts()).toEqual(['80!'])
  })

  it('is not lost to a machine that slept', () => {
    const { one, register, run, sleep } = setUp()
    register(one, instance(80))
    run(1_000)
    sleep(8 * 3_600_000)
    run(12_000)
    expect(one.hosts()).toEqual(['80'])
    run(8_000)
    expect(one.hosts()).toEqual(['80!'])
  })

  it('is not lost to a leader that stands still for less than a sleep, just after it took its beat', () => {
    const { one, register, run, sleep } = setUp()
    register(one, instance(80))
    run(28_900)
    expect(one.hosts()).toEqual(['80!'])
    one.naming.beat(service(), { ...instance(80), spec: null }, () => {})
    sleep(3_000)
    run(1_000)
    expect(one.hosts()).toEqual(['80'])
  })

  it('is left alone while nobody leads, while checks are switched off, and while nothing can be written', () => {
    const { one, world, register, run, lead, outcomeOf } = setUp()
    register(one, instance(80))
    lead(0)
    run(60_000)
    lead(1)
    run(10_000)
    expect(one.hosts()).toEqual(['80'])
    expect(outcomeOf((done) => one.naming.setSwitch('check', 'false', done))).toBe('done')
    run(60_000)
    expect(one.hosts()).toEqual(['80'])
    outcomeOf((done) => one.naming.setSwitch('check', 'true', done))
    world.writes = 'refused'
    run(60_000)
    expect(one.hosts()).toEqual(['80'])
    world.writes = 'applied'
    run(10_000)
    expect(one.hosts()).toEqual([])
  })
})

describe('an instance that lives by a connection', () => {
  it('needs no beat, and goes with its connection at once; those of others stay', () => {
    const { one, two, connect, publish, run } = setUp()
    connect(one)
    connect(two, 'c2')
    publish(one, [instance(80), instance(81)])
    publish(two, [instance(82)], 'c2')
    run(100_000)
    expect(one.hosts()).toEqual(['80', '81', '82'])
    one.naming.connectionClosed('c1')
    run(10)
    expect(two.hosts()).toEqual(['82'])
  })

  it('needs a connection that is open', () => {
    const { one, publish } = setUp()
    expect(publish(one, [instance(80)])).toBe('connection-unknown')
    one.naming.connectionClosed('c1')
  })

  it('stays when another connection has registered it since', () => {
    const { one, two, connect, publish, run } = setUp()
    connect(one)
    connect(two, 'c2')
    publish(one, [instance(80)])
    publish(two, [instance(80)], 'c2')
    one.naming.connectionClosed('c1')
    run(60_000)
    expect(two.hosts()).toEqual(['80'])
  })

  it('goes too when its registration was still under way as the connection closed, whatever is known of it', () => {
    const { one, world, connect, run } = setUp()
    connect(one)
    world.writeMs = 300
    world.writes = 'unknown'
    one.naming.publish('c1', service(), [instance(80)], () => {})
    run(100)
    one.naming.connectionClosed('c1')
    run(1_000)
    expect(one.hosts()).toEqual([])
  })

  it('is withdrawn by the connection, and only then forgotten', () => {
    const { one, connect, publish, run } = setUp()
    connect(one)
    publish(one, [instance(80)])
    expect(publish(one, [])).toBe('done')
    run(20_000)
    expect(one.hosts()).toEqual([])
  })

  it('that could not be registered is not wished for', () => {
    const { one, world, connect, publish, run } = setUp()
    connect(one)
    world.writes = 'refused'
    expect(publish(one, [instance(80)])).toBe('refused')
    world.writes = 'applied'
    run(20_000)
    expect(one.hosts()).toEqual([])
  })

  it('goes when its node has been away for 10 s, and comes back when the node is there again', () => {
    const { one, two, connect, publish, run, away } = setUp()
    connect(two)
    publish(two, [instance(80)])
    run(5_000)
    away.add(2)
    run(9_000)
    expect(one.hosts()).toEqual(['80'])
    run(5_000)
    expect(one.hosts()).toEqual([])
    away.delete(2)
    run(6_000)
    expect(one.hosts()).toEqual(['80'])
  })

  it('is one of a thousand that go with their node by a few commands, and all come back, some at a time', () => {
    const { one, two, connect, publish, run, away, commands } = setUp()
    for (let n = 0; n < 1000; n++) {
      connect(two, `c${n}`)
      publish(two, [instance(n)], `c${n}`)
    }
    away.add(2)
    const before = commands()
    run(15_000)
    expect(one.hosts()).toEqual([])
    expect(commands() - before).toBeLessThan(10)
    away.delete(2)
    run(10_000)
    expect(one.hosts()).toHaveLength(1000)
  })

  it('that somebody else registered while its node was away is not taken back', () => {
    const { one, two, connect, publish, run, away, machine } = setUp()
    connect(two)
    connect(one, 'c3')
    publish(two, [instance(80), instance(81)])
    away.add(2)
    run(15_000)
    publish(one, [instance(80)], 'c3')
    away.delete(2)
    run(10_000)
    expect(one.hosts()).toEqual(['80', '81'])
    expect(machine.areas().naming.instance(service(), instance(80))?.owner).toMatchObject({ connectionId: 'c3' })
  })

  it('of an earlier run of its node goes 10 s after the new run has begun, unless its client came back', () => {
    const { one, two, connect, publish, run, stop, start } = setUp()
    connect(two)
    connect(two, 'c2')
    publish(two, [instance(80)])
    publish(two, [instance(81)], 'c2')
    stop(2)
    const again = start(2, 'ffffffffffff')
    connect(again, 'c3')
    publish(again, [instance(81)], 'c3')
    run(9_000)
    expect(one.hosts()).toEqual(['80', '81'])
    run(7_000)
    expect(one.hosts()).toEqual(['81'])
  })

  it('goes even when the removal could not be written at first', () => {
    const { one, world, connect, publish, run } = setUp()
    connect(one)
    publish(one, [instance(80)])
    world.writes = 'refused'
    one.naming.connectionClosed('c1')
    run(2_000)
    world.writes = 'applied'
    run(6_000)
    expect(one.hosts()).toEqual([])
  })
})

describe('what an operator said of an instance', () => {
  it('holds when its connection breaks and it comes back over another; later it is forgotten', () => {
    const { one, two, connect, publish, run, machine, outcomeOf } = setUp()
    connect(one)
    connect(two, 'c2')
    publish(one, [instance(80)])
    outcomeOf((done) => two.naming.updateInstance(service(), instance(80), { weight: 0 }, done))
    one.naming.connectionClosed('c1')
    run(5_000)
    publish(two, [instance(80)], 'c2')
    expect(one.naming.instance(service(), instance(80))?.weight).toBe(0)
    two.naming.connectionClosed('c2')
    run(40_000)
    expect(machine.areas().naming.keptOverrides()).toBe(1)
    run(60_000)
    expect(machine.areas().naming.keptOverrides()).toBe(0)
  })
})

describe('a service without instances', () => {
  it('goes after a minute, and not as long as it has one', () => {
    const { one, register, run, outcomeOf } = setUp()
    outcomeOf((done) => one.naming.createService(service('t'), { protectThreshold: 0, metadata: {}, selector: { type: 'none' } }, false, done))
    register(one, instance(80))
    run(50_000)
    expect(['s', 't'].map((name) => one.naming.service(service(name))?.instanceCount)).toEqual([0, 0])
    run(15_000)
    expect(one.naming.service(service('t'))).toBeUndefined()
    run(40_000)
    expect(one.naming.counts()).toMatchObject({ services: 0, instances: 0 })
  })

  it('is again what it was when it comes back within another minute, and forgotten after that', () => {
    const { one, register, run, outcomeOf, machine } = setUp()
    const described = { protectThreshold: 0.7, metadata: { team: 'a' }, selector: { type: 'none' } } as const
    for (const name of ['s', 't']) outcomeOf((done) => one.naming.createService(service(name), described, true, done))
    run(65_000)
    expect([one.naming.counts().services, machine.areas().naming.keptServices()]).toEqual([0, 2])
    register(one, instance(80))
    expect(one.naming.service(service('s'))).toMatchObject({ protectThreshold: 0.7, metadata: { team: 'a' } })
    run(200_000)
    expect(machine.areas().naming.keptServices()).toBe(0)
  })
})
