/** What a node has found out may have to wait until something before it is written: by then it is asked again (design 5), in virtual time. */

import { describe, expect, it } from 'vitest'
import { createWorld, instance, service, type WorldNode } from './naming-world.testing.ts'

const setUp = () => {
  const w = createWorld()
  const [one, two, three] = [w.start(1), w.start(2), w.start(3)]
  const register = (port: number): string => w.outcomeOf((done) => one.naming.register(service(), instance(port), true, done))
  const beat = (port: number): void => one.naming.beat(service(), { ...instance(port), spec: null }, () => {})
  const publish = (node: WorldNode, connectionId: string, port: number): string => {
    node.naming.connectionOpened({ connectionId, ip: '10.0.0.9', port: 5000, agent: 'Nacos-Java-Client:v3.1.0', app: 'a' })
    return w.outcomeOf((done) => node.naming.publish(connectionId, service(), [instance(port)], done))
  }
  return { ...w, one, two, three, register, beat, publish }
}

describe('while the instances of others are taken away', () => {
  it('one that beats again is not called ill', () => {
    const { one, world, register, beat, run } = setUp()
    register(80)
    run(15_000)
    register(81)
    run(15_200)
    expect(one.hosts()).toEqual(['80!', '81'])
    world.writeMs = 5_000
    run(2_000)
    beat(81)
    run(10_000)
    expect(one.hosts()).toEqual(['81'])
  })

  it('those of a node that is back stay', () => {
    const { one, two, three, world, publish, away, run } = setUp()
    publish(two, 'c2', 80)
    publish(three, 'c3', 81)
    away.add(3)
    run(2_000)
    away.add(2)
    run(7_000)
    world.writeMs = 5_000
    run(5_500)
    away.delete(2)
    run(8_000)
    expect(one.hosts()).toEqual(['80'])
  })

  it('a node that was back meanwhile counts as away from then on', () => {
    const { one, two, world, publish, register, away, run } = setUp()
    publish(two, 'c2', 80)
    register(81)
    run(30_000)
    world.writeMs = 20_000
    away.add(2)
    run(3_000)
    away.delete(2)
    run(15_000)
    away.add(2)
    run(3_500)
    world.writeMs = 0
    run(3_000)
    expect(one.hosts()).toEqual(['80'])
    run(8_000)
    expect(one.hosts()).toEqual([])
  })

  it('nothing goes by the word of a leader that is none any more', () => {
    const { one, world, register, run, lead } = setUp()
    register(80)
    run(15_000)
    register(81)
    run(15_200)
    world.writeMs = 5_000
    run(2_000)
    lead(2)
    run(13_000)
    expect(one.hosts()).toEqual(['81'])
  })
})
