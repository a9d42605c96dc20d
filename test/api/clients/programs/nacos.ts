/** npm `nacos`, unchanged: configurations and naming over HTTP v1. */

import { type Host, NacosConfigClient, NacosNamingClient } from 'nacos'
import type { ServiceInstance } from '../protocol.ts'
import { optionsGiven, serve, stderrLogger, tell } from './speak.ts'

const { servers, namespace, username, password } = optionsGiven()
const identity = username === undefined || password === undefined ? {} : { username, password }

const configs = new NacosConfigClient({
  serverAddr: servers.join(','),
  namespace,
  cacheDir: process.env.HOME ?? '.',
  requestTimeout: 6_000,
  ...identity,
})
const naming = new NacosNamingClient({ logger: stderrLogger, serverList: [...servers], namespace: namespace || 'public', ...identity })

// What goes wrong in its background loops it says here; it goes on by itself.
configs.on('error', (error: Error) => stderrLogger.error(error))
;(naming as unknown as NodeJS.EventEmitter).on('error', (error: Error) => stderrLogger.error(error))
// It leaves some promises of its loops without anybody who would hear of a failure.
process.on('unhandledRejection', (error) => stderrLogger.error(error))

const instanceOf = ({ ip, port, healthy, weight, metadata }: Host): ServiceInstance => ({ ip, port, healthy, weight, metadata })
/** Its types ask for more than it needs. */
const given = (instance: ServiceInstance) => ({ instanceId: '', healthy: true, enabled: true, ...instance })

await Promise.all([configs.ready(), naming.ready()])
serve({
  get: async ({ dataId, group }) => (await configs.getConfig(dataId, group)) as string | null,
  publish: ({ dataId, group, content }) => configs.publishSingle(dataId, group, content),
  remove: ({ dataId, group }) => configs.remove(dataId, group),
  listen: async ({ dataId, group }) => {
    configs.subscribe({ dataId, group }, (content: string | null) => tell({ kind: 'config', dataId, content: content ?? '' }))
    return null
  },
  register: async ({ service, group, instance }) => {
    await naming.registerInstance(service, given(instance), group)
    return null
  },
  deregister: async ({ service, group, instance }) => {
    await naming.deregisterInstance(service, given(instance), group)
    return null
  },
  instances: async ({ service, group }) => (await naming.getAllInstances(service, group, '', false)).map(instanceOf),
  subscribe: async ({ service, group }) => {
    naming.subscribe({ serviceName: service, groupName: group }, (hosts) => tell({ kind: 'service', service, instances: hosts.map(instanceOf) }))
    return null
  },
})
