/** npm `nacos-sdk-rust-binding-node`, unchanged: the official Rust client, configurations and naming over gRPC. */

import rust, { type NacosConfigResponse, type NacosServiceInstance } from 'nacos-sdk-rust-binding-node'
import type { ServiceInstance } from '../protocol.ts'
import { optionsGiven, serve, tell } from './speak.ts'

const { servers, namespace, username, password } = optionsGiven()
const identity = username === undefined || password === undefined ? {} : { username, password }
const options = { serverAddr: servers.join(','), namespace, namingPushEmptyProtection: false, ...identity }

const configs = new rust.NacosConfigClient(options)
/** Only when it is asked for: it wants a server of naming to begin with. */
let naming: InstanceType<typeof rust.NacosNamingClient> | null = null
const services = (): InstanceType<typeof rust.NacosNamingClient> => {
  naming ??= new rust.NacosNamingClient({ ...options, namespace: namespace || 'public' })
  return naming
}

const instanceOf = ({ ip, port, healthy, weight, metadata }: NacosServiceInstance): ServiceInstance => ({
  ...{ ip, port },
  ...(healthy === undefined ? {} : { healthy }),
  ...(weight === undefined ? {} : { weight }),
  ...(metadata === undefined ? {} : { metadata }),
})
const given = (instance: ServiceInstance): NacosServiceInstance => ({ ...instance, metadata: { ...instance.metadata } })

serve({
  get: ({ dataId, group }) =>
    configs.getConfig(dataId, group).catch((error: Error) => (/not ?found|not exist/i.test(error.message) ? null : Promise.reject(error))),
  publish: ({ dataId, group, content }) => configs.publishConfig(dataId, group, content),
  remove: ({ dataId, group }) => configs.removeConfig(dataId, group),
  listen: async ({ dataId, group }) => {
    await configs.addListener(dataId, group, (_error: Error | null, config: NacosConfigResponse) =>
      tell({ kind: 'config', dataId, content: config.content }),
    )
    return null
  },
  register: async ({ service, group, instance }) => {
    await services().registerInstance(service, group, given(instance))
    return null
  },
  deregister: async ({ service, group, instance }) => {
    await services().deregisterInstance(service, group, given(instance))
    return null
  },
  batch: async ({ service, group, instances }) => {
    await services().batchRegisterInstance(service, group, instances.map(given))
    return null
  },
  instances: async ({ service, group }) => (await services().getAllInstances(service, group, [], false)).map(instanceOf),
  subscribe: async ({ service, group }) => {
    await services().subscribe(service, group, [], (_error: Error | null, instances: NacosServiceInstance[]) =>
      tell({ kind: 'service', service, instances: instances.map(instanceOf) }),
    )
    return null
  },
})
