/** Who subscribes hears of changes, of each once, until it is gone. */

import { describe, expect, it } from 'vitest'
import { namingBounds, namingTimes } from './naming-limits.ts'
import type { InstanceSpec, Push, ServiceInfo, Subscriber } from './naming-port.ts'
import { createWorld, hostsOf, instance, service } from './naming-world.testing.ts'
import { createSubscriptions } from './subscriptions.ts'

const setUp = () => {
  const w = createWorld()
  const { naming } = w.start(1)
  const open = (connectionId: string): Subscriber => {
    naming.connectionOpened({ connectionId, ip: '10.0.0.9', port: 5000, agent: 'agent', app: 'app' })
    return { kind: 'connection', connectionId }
  }
  /** Hears, and says whether it has it: `true`, `false`, or nothing at all. */
  const listener = (answers: readonly (boolean | 'silent')[] = []) => {
    const heard: ServiceInfo[] = []
    const push: Push = (info, acked) => {
      const answer = answers[heard.length] ?? true
      heard.push(info)
      if (answer !== 'silent') acked(answer)
    }
    return { push, heard, lines: () => heard.map((info) => hostsOf(info).join(' ')) }
  }
  const register = (of: InstanceSpec): string => w.outcomeOf((done) => naming.register(service(), of, true, done))
  const deregister = (port: number): string => w.outcomeOf((done) => naming.deregister(service(), { ip: '10.0.0.1', port }, true, done))
  return { ...w, naming, open, listener, register, deregister }
}

describe('a subscriber', () => {
  it('gets the state at once, once more soon, and then every change, those of half a second together', () => {
    const { naming, open, listener, register, deregister, run } = setUp()
    register(instance(80))
    const { push, lines, heard } = listener()
    const first = naming.subscribe(open('c1'), service(), '', push)
    expect(hostsOf(first as ServiceInfo)).toEqual(['80'])
    run(600)
    register(instance(81))
    register(instance(82))
    run(600)
    deregister(80)
    deregister(81)
    run(600)
    deregister(82)
    run(600)
    expect(lines()).toEqual(['80', '80 81 82', '82', ''])
    const times = heard.map(({ lastRefTime }) => lastRefTime)
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
    expect(naming.counts().pushes).toMatchObject({ sent: 4, taken: 4 })
  })

  it('hears of the service that it asked for, in the clusters that it asked for', () => {
    const { naming, open, listener, register, run } = setUp()
    const [all, some, other] = [listener(), listener(), listener()]
    naming.subscribe(open('c1'), service(), '', all.push)
    naming.subscribe(open('c2'), service(), 'a, b', some.push)
    naming.subscribe(open('c3'), service('t'), '', other.push)
    run(600)
    register(instance(80))
    register(instance(81, { cluster: 'b' }))
    run(600)
    expect([all.lines(), some.lines(), other.lines()]).toEqual([['', '80 81'], ['', '81'], ['']])
    expect(some.heard[0]?.clusters).toBe('a, b')
  })

  it('that does not take a push is told again a second later, of what is true by then', () => {
    const { naming, open, listener, register, run } = setUp()
    const { push, lines } = listener([true, false, 'silent', true])
    naming.subscribe(open('c1'), service(), '', push)
    run(600)
    register(instance(80))
    run(600)
    register(instance(81))
    run(1_500)
    expect(lines()).toEqual(['', '80', '80 81'])
    run(10_000)
    expect(lines()).toEqual(['', '80', '80 81', '80 81'])
  })

  it('has one push under way at a time; what came meanwhile follows', () => {
    const { naming, open, run, register } = setUp()
    const acks: ((taken: boolean) => void)[] = []
    const heard: string[] = []
    naming.subscribe(open('c1'), service(), '', (info, acked) => {
      heard.push(hostsOf(info).join(' '))
      acks.push(acked)
    })
    run(600)
    register(instance(80))
    run(600)
    register(instance(81))
    run(600)
    expect(heard).toEqual([''])
    acks[0]?.(true)
    acks[0]?.(true)
    expect(heard).toEqual(['', '80 81'])
  })

  it('that has gone, or does not want it any more, hears nothing', () => {
    const { naming, open, listener, register, run } = setUp()
    const [gone, enough] = [listener(['silent']), listener()]
    const [c1, c2] = [open('c1'), open('c2')]
    naming.subscribe(c1, service(), '', gone.push)
    naming.subscribe(c2, service(), '', enough.push)
    run(600)
    naming.connectionClosed('c1')
    naming.unsubscribe(c2, service())
    naming.unsubscribe(c2, service())
    register(instance(80))
    run(20_000)
    expect([gone.lines(), enough.lines(), naming.counts().subscriptions]).toEqual([[''], [''], 0])
    expect(naming.subscribe(c1, service(), '', gone.push)).toBe('connection-unknown')
  })

  it('that asks again has one subscription, with what it asked for last', () => {
    const { naming, open, listener, register, run } = setUp()
    const [first, second] = [listener(), listener()]
    const c1 = open('c1')
    naming.subscribe(c1, service(), 'a', first.push)
    naming.subscribe(c1, service(), '', second.push)
    register(instance(80))
    run(600)
    expect([first.lines(), second.lines()]).toEqual([[], ['80']])
    expect([...naming.subscribers(service())]).toEqual([
      { ...service(), clientId: 'c1', ip: '10.0.0.9', port: 0, agent: 'agent', app: 'app', clusters: '' },
    ])
    expect([...naming.subscribed('c1')]).toHaveLength(1)
  })

  it('hears nothing while pushing is switched off, and what has changed when it is on again', () => {
    const { naming, open, listener, register, run, outcomeOf } = setUp()
    const [before, meanwhile, refusing, elsewhere] = [listener(), listener(), listener([false, true]), listener()]
    naming.subscribe(open('c1'), service(), '', before.push)
    naming.subscribe(open('c2'), service('t'), '', elsewhere.push)
    naming.subscribe(open('c3'), service('t'), '', refusing.push)
    run(600)
    outcomeOf((done) => naming.setSwitch('pushEnabled', 'false', done))
    register(instance(80))
    run(100)
    naming.subscribe(open('c4'), service(), '', meanwhile.push)
    run(5_000)
    const lines = () => [before, meanwhile, refusing, elsewhere].map((each) => each.lines())
    expect(lines()).toEqual([[''], [], [''], ['']])
    outcomeOf((done) => naming.setSwitch('pushEnabled', 'true', done))
    run(1_100)
    expect(lines()).toEqual([['', '80'], ['80'], ['', ''], ['']])
  })

  it('is one of many: all of them hear, some in each turn', () => {
    const { naming, open, register, run } = setUp()
    let heard = 0
    const many = namingBounds.pushesPerTurn * 2 + 1
    for (let n = 0; n < many; n++)
      naming.subscribe(open(`c${n}`), service(), '', (info, acked) => {
        heard += info.hosts.length
        acked(true)
      })
    run(600)
    register(instance(80))
    run(600)
    expect(heard).toBe(many)
  })

  it('of thousands of services is pushed all of them as fast as it takes them, so many at a time', () => {
    const { naming, open, run, clock } = setUp()
    const c1 = open('c1')
    const services = 1_000
    let [heard, underWay, most] = [0, 0, 0]
    const push: Push = (_info, acked) => {
      heard++
      most = Math.max(most, ++underWay)
      clock.after(10, () => {
        underWay--
        acked(true)
      })
    }
    for (let n = 0; n < services; n++) naming.subscribe(c1, service(`${n}`), '', push)
    run(namingTimes.pushDelay + 10 * Math.ceil(services / namingBounds.pushesUnderWay) + 1)
    expect([heard, most, underWay]).toEqual([services, namingBounds.pushesUnderWay, 0])
  })

  it('that is busy is told when it has answered what it has, or after a second', () => {
    const { naming, open, run } = setUp()
    const c1 = open('c1')
    let isBusy = false
    const heard: string[] = []
    const acks: (() => void)[] = []
    const push: Push = ({ name }, acked) => {
      if (isBusy) return acked('busy')
      heard.push(name)
      acks.push(() => acked(true))
    }
    naming.subscribe(c1, service('a'), '', push)
    run(100)
    naming.subscribe(c1, service('b'), '', push)
    naming.subscribe(c1, service('c'), '', push)
    run(450)
    isBusy = true
    run(100)
    expect(heard).toEqual(['a'])
    acks[0]?.()
    run(900)
    isBusy = false
    expect(heard).toEqual(['a'])
    run(110)
    expect([heard.toSorted(), naming.counts().pushes]).toMatchObject([['a', 'b', 'c'], { sent: 1, taken: 1 }])
  })

  it('cannot subscribe without end', () => {
    const { naming, open, listener } = setUp()
    const c1 = open('c1')
    const { push } = listener()
    for (let n = 0; n < namingBounds.subscriptionsOfClient; n++) naming.subscribe(c1, service(`${n}`), '', push)
    expect(naming.subscribe(c1, service('one more'), '', push)).toBe('too-many')
    expect(naming.subscribe(c1, service('0'), '', push)).not.toBe('too-many')
  })
})

describe('a turn of pushes', () => {
  it('ends when its time is over, however few it has begun', () => {
    let nowMs = 0
    const [later, turns]: (() => void)[][] = [[], []]
    const subscriptions = createSubscriptions({
      infos: {
        edition: () => 1,
        info: (of, clusters) => ({ ...of, clusters, cacheMillis: 1, hosts: [], lastRefTime: 1, checksum: '', reachProtectionThreshold: false }),
      },
      clock: {
        monotonicMs: () => nowMs,
        defer: (task) => void turns?.push(task),
        after: (_ms, task) => {
          later?.push(task)
          return { cancel: () => undefined }
        },
      },
      isPushing: () => true,
    })
    let heard = 0
    const push: Push = (_info, acked) => {
      nowMs += 4
      heard++
      acked(true)
    }
    const face = { clientId: '', ip: '10.0.0.9', port: 5000, agent: '', app: '' }
    for (let n = 0; n < 5; n++) subscriptions.add({ kind: 'connection', connectionId: `c${n}` }, face, { service: service(), clusters: '', push })
    subscriptions.changed(service())
    const heardAfter = [later?.at(-1), () => turns?.shift()?.(), () => turns?.shift()?.()].map((turn) => {
      turn?.()
      return heard
    })
    expect([heardAfter, turns]).toEqual([[2, 4, 5], []])
  })
})

describe('a subscriber over UDP', () => {
  const udp: Subscriber = { kind: 'udp', ip: '10.0.0.7', port: 1234, agent: 'Nacos-Java-Client:v1.0.0', app: '' }

  it('hears of changes, not of what it has just been answered, and is gone when it does not ask again', () => {
    const { naming, listener, register, run } = setUp()
    const { push, lines } = listener()
    naming.subscribe(udp, service(), '', push)
    run(600)
    register(instance(80))
    run(25_000)
    naming.subscribe(udp, service(), '', push)
    run(20_000)
    register(instance(81))
    run(1_000)
    expect(lines().at(-1)).toContain('81')
    expect(naming.counts().subscriptions).toBe(1)
    run(30_000)
    expect(naming.counts().subscriptions).toBe(0)
  })

  it('has ten seconds to acknowledge, and is told once more, not without end', () => {
    const { naming, listener, register, run } = setUp()
    const { push, heard } = listener(['silent', 'silent', 'silent', true])
    const ask = () => naming.subscribe(udp, service(), '', push)
    ask()
    register(instance(80))
    const count = [500, 9_900, 1_200, 10_000, 5_000].map((ms) => {
      naming.beat(service(), { ...instance(80), spec: null }, () => undefined)
      run(ms)
      ask()
      return heard.length
    })
    expect(count).toEqual([1, 1, 2, 2, 2])
    register(instance(81))
    run(12_000)
    expect(heard.length).toBe(4)
  })

  it('that did not acknowledge an old state is told of a new one twice as well', () => {
    const { naming, listener, register, run } = setUp()
    const { push, lines } = listener([false, 'silent', false, true])
    naming.subscribe(udp, service(), '', push)
    register(instance(80))
    run(1_600)
    register(instance(81))
    run(12_000)
    expect(lines()).toEqual(['80', '80', '80 81', '80 81'])
  })
})
