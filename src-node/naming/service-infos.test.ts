/** What is answered of a service (nacos-http 8.3). */

import { describe, expect, it } from 'vitest'
import type { InstanceSpec, ServiceSpec } from './naming-port.ts'
import { createWorld, hostsOf, instance, service } from './naming-world.testing.ts'
import { createServiceInfos } from './service-infos.ts'

const setUp = () => {
  const w = createWorld()
  const { naming } = w.start(1)
  const register = (of: InstanceSpec): string => w.outcomeOf((done) => naming.register(service(), of, true, done))
  const describeService = (over: Partial<ServiceSpec>): string =>
    w.outcomeOf((done) => naming.updateService(service(), { protectThreshold: 0, metadata: {}, selector: { type: 'none' }, ...over }, done))
  const info = (clusters = '', healthyOnly = false) => naming.serviceInfo(service(), clusters, healthyOnly)
  return { ...w, naming, register, describeService, info }
}

describe('an answer', () => {
  it('of an unknown service has no hosts', () => {
    const { info } = setUp()
    expect(info('a,b')).toMatchObject({
      ...service(),
      clusters: 'a,b',
      hosts: [],
      reachProtectionThreshold: false,
      cacheMillis: 10_000,
      checksum: '',
    })
  })

  it('shows an instance with what its metadata sets', () => {
    const { register, info } = setUp()
    register(instance(80, { weight: 2.5, metadata: { k: 'v', 'preserved.heart.beat.timeout': '9000', 'preserved.ip.delete.timeout': 'x' } }))
    expect(info().hosts).toEqual([
      {
        ...{ instanceId: '10.0.0.1#80#DEFAULT#G@@s', serviceName: 'G@@s', ip: '10.0.0.1', port: 80, cluster: 'DEFAULT', weight: 2.5 },
        ...{ healthy: true, enabled: true, ephemeral: true, instanceIdGenerator: 'simple' },
        ...{ heartBeatIntervalMs: 5000, heartBeatTimeoutMs: 9000, ipDeleteTimeoutMs: 30_000 },
        metadata: { k: 'v', 'preserved.heart.beat.timeout': '9000', 'preserved.ip.delete.timeout': 'x' },
      },
    ])
  })

  it('numbers an instance as a snowflake if it wants that, by what no other has', () => {
    const { register, info } = setUp()
    register(instance(80, { metadata: { 'preserved.instance.id.generator': 'snowflake' } }))
    expect(info().hosts.map(({ instanceId }) => instanceId)).toEqual(['1#DEFAULT#G@@s'])
  })

  it('leaves out the disabled ones, other clusters and, if asked, the unhealthy ones; always in one order', () => {
    const { register, info } = setUp()
    register(instance(83, { enabled: false }))
    register(instance(82, { healthy: false }))
    register(instance(81, { cluster: 'a' }))
    register(instance(90, { ip: '10.0.0.0' }))
    expect([info(), info('', true), info('a'), info(' a , DEFAULT'), info('nothing')].map((each) => hostsOf(each).join(' '))).toEqual([
      ...['90 81 82!', '90 81', '81', '90 81 82!', ''],
    ])
  })

  it('is built once until something changes, and told with the time at which it is given', () => {
    const { register, info, run } = setUp()
    register(instance(80))
    const first = info()
    run(5_000)
    const again = info()
    expect([again.hosts === first.hosts, again.lastRefTime - first.lastRefTime]).toEqual([true, 5_000])
  })

  it('that differs is later than the one before, though the clock stands still', () => {
    const { machine, register } = setUp()
    const infos = createServiceInfos({ area: () => machine.areas().naming, wallMs: () => 1_000, cacheMillis: () => 1 })
    const times = [80, 81, 82].flatMap((port) => {
      register(instance(port))
      return [0, 0].map(() => infos.info(service(), '', false).lastRefTime)
    })
    expect(times).toEqual([1_000, 1_000, 1_001, 1_001, 1_002, 1_002])
  })

  it('has a time of its service alone: what others are told does not run ahead of the clock with it', () => {
    const { machine, register } = setUp()
    const infos = createServiceInfos({ area: () => machine.areas().naming, wallMs: () => 1_000, cacheMillis: () => 1 })
    register(instance(80))
    const others = Array.from({ length: 100 }, (_, n) => infos.info(service(`${n}`), '', false).lastRefTime)
    expect([Math.max(...others), infos.info(service(), '', false).lastRefTime]).toEqual([1_000, 1_000])
  })

  it('is later than the last one also when the service has gone', () => {
    const { naming, register, info, outcomeOf } = setUp()
    register(instance(80))
    const { lastRefTime } = info()
    outcomeOf((done) => naming.deregister(service(), { ip: '10.0.0.1', port: 80 }, true, done))
    const empty = info()
    outcomeOf((done) => naming.removeService(service(), done))
    const gone = info()
    expect([empty.lastRefTime > lastRefTime, gone.lastRefTime > empty.lastRefTime]).toEqual([true, true])
    register(instance(81))
    expect(info().lastRefTime).toBeGreaterThan(gone.lastRefTime)
  })

  it('is built anew when it would be one too many to keep, and no less true', () => {
    const { register, info } = setUp()
    register(instance(80))
    for (let n = 0; n < 10_001; n++) info(`c${n}`)
    expect(hostsOf(info())).toEqual(['80'])
  })
})

describe('protection', () => {
  it('shows all as healthy when too few are', () => {
    const { register, describeService, info } = setUp()
    register(instance(80))
    register(instance(81, { healthy: false }))
    describeService({ protectThreshold: 0.5 })
    expect([hostsOf(info()), info().reachProtectionThreshold]).toEqual([['80', '81'], true])
    describeService({ protectThreshold: 0.4 })
    expect([hostsOf(info()), info().reachProtectionThreshold]).toEqual([['80', '81!'], false])
  })

  it('is at its threshold with none healthy of some; not with none at all, nor in a service that nobody described', () => {
    const { register, describeService, info } = setUp()
    register(instance(81, { healthy: false }))
    expect(info().reachProtectionThreshold).toBe(false)
    describeService({})
    expect([hostsOf(info()), info('other').reachProtectionThreshold]).toEqual([['81'], false])
    expect(hostsOf(info('', true))).toEqual([])
  })
})
