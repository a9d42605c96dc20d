/** What the port answers of services and clients. */

import { describe, expect, it } from 'vitest'
import type { InstanceSpec, NamingDone } from './naming-port.ts'
import { createWorld, instance, service } from './naming-world.testing.ts'

const setUp = () => {
  const w = createWorld()
  const { naming } = w.start(1)
  const did = (act: (done: NamingDone) => void): string => w.outcomeOf(act)
  const register = (of: InstanceSpec, name = 's', ephemeral = true): string => did((done) => naming.register(service(name), of, ephemeral, done))
  naming.connectionOpened({ connectionId: 'c1', ip: '10.0.0.9', port: 5000, agent: 'agent', app: 'app' })
  return { ...w, naming, did, register }
}

describe('a service', () => {
  it('is shown with its clusters, described or not, and with how well it is', () => {
    const { naming, did, register } = setUp()
    register(instance(80, { cluster: 'b', healthy: false }))
    expect(naming.service(service())).toEqual({
      ...{ ...service(), ephemeral: true, hasMetadata: false, protectThreshold: 0, metadata: {}, selector: { type: 'none' } },
      ...{ instanceCount: 1, healthyCount: 0, isProtected: true },
      clusters: [{ name: 'b', checker: { type: 'TCP' }, checkPort: 80, useInstancePort: true, metadata: {} }],
    })
    did((done) => naming.updateCluster(service(), 'a', { checker: { type: 'NONE' }, checkPort: 1, useInstancePort: false, metadata: {} }, done))
    did((done) =>
      naming.updateService(service(), { protectThreshold: 0.1, metadata: { k: 'v' }, selector: { type: 'label', expression: 'x' } }, done),
    )
    expect(naming.service(service())).toMatchObject({
      ...{ hasMetadata: true, protectThreshold: 0.1, metadata: { k: 'v' }, selector: { type: 'label', expression: 'x' } },
      clusters: [{ name: 'a', checker: { type: 'NONE' } }, { name: 'b' }],
    })
    expect(naming.service(service('unknown'))).toBeUndefined()
  })

  it('stands among the others by group and name, also while somebody goes through them', () => {
    const { naming, register } = setUp()
    for (const name of ['b', 'a', 'c']) register(instance(80), name)
    const walk = naming.services('public')
    expect(walk.next().value?.name).toBe('a')
    register(instance(80), 'aa')
    expect([...walk].map(({ name }) => name)).toEqual(['b', 'c'])
    expect([...naming.services('other')]).toEqual([])
  })
})

describe('an instance', () => {
  it('is found by its address, in its cluster or in any', () => {
    const { naming, register } = setUp()
    register(instance(80, { cluster: 'b' }))
    expect(naming.instance(service(), instance(80))).toBeUndefined()
    expect(['', 'b'].map((cluster) => naming.instance(service(), instance(80, { cluster }))?.cluster)).toEqual(['b', 'b'])
    expect(naming.instances(service(), 'DEFAULT')).toEqual([])
    expect(naming.instances(service(), '').map(({ port }) => port)).toEqual([80])
  })

  it('is shown with the id that its publisher gave it, and else with one of our making', () => {
    const { naming, register } = setUp()
    register(instance(80, { instanceId: 'own', metadata: { 'preserved.instance.id.generator': 'snowflake' } }))
    register(instance(81))
    expect(naming.instances(service(), '').map(({ instanceId }) => instanceId)).toEqual(['own', '10.0.0.1#81#DEFAULT#G@@s'])
  })

  it('is what an operator makes of it', () => {
    const { naming, did, register } = setUp()
    register(instance(80, { metadata: { a: '1' } }))
    did((done) => naming.updateInstance(service(), instance(80), { weight: 7, enabled: false }, done))
    did((done) =>
      naming.updateMetadata(service(), { consistency: 'both', keys: [] }, { mode: 'put', metadata: { b: '2' } }, (outcome) => {
        expect(outcome).toMatchObject({ reply: { updated: [{ ip: '10.0.0.1', port: 80, cluster: 'DEFAULT' }] } })
        done(outcome)
      }),
    )
    expect(naming.instance(service(), instance(80))).toMatchObject({ weight: 7, enabled: false, metadata: { a: '1', b: '2' } })
    expect(did((done) => naming.updateInstance(service(), instance(7), {}, done))).toBe('instance-unknown')
  })
})

describe('clients', () => {
  it('are connections of this node, and addresses by whether they beat', () => {
    const { naming, did, register } = setUp()
    did((done) => naming.publish('c1', service(), [instance(81)], done))
    register(instance(80))
    register(instance(80), 't')
    register(instance(80), 'p', false)
    expect([...naming.clients()].map(({ clientId, kind, ephemeral }) => [clientId, kind, ephemeral])).toEqual([
      ['c1', 'connection', true],
      ['10.0.0.1:80#true', 'ip-port', true],
      ['10.0.0.1:80#false', 'ip-port', false],
    ])
    expect(naming.counts()).toMatchObject({ services: 3, instances: 4, connections: 1, beatClients: 2, persistentClients: 1, subscriptions: 0 })
    expect(['c1', '10.0.0.1:80#true', '10.0.0.1:80#false', '10.0.0.1:9#true', 'c9'].map((id) => naming.client(id)?.clientId)).toEqual([
      ...['c1', '10.0.0.1:80#true', '10.0.0.1:80#false', undefined, undefined],
    ])
    expect([...naming.published('10.0.0.1:80#true')].map(({ name }) => name)).toEqual(['s', 't'])
    expect([...naming.published('c1')].map(({ name, port }) => [name, port])).toEqual([['s', 81]])
    expect([...naming.published('c9')]).toEqual([])
    expect([...naming.publishers(service())].map(({ clientId }) => clientId)).toEqual(['10.0.0.1:80#true', 'c1'])
    expect([...naming.publishers(service('unknown'))]).toEqual([])
  })
})
