/** Every message of Nacos's gRPC protocol, 2.x and 3.x, as a row: who sends it, and either what it looks like or why it is left out. */

type Body = Readonly<Record<string, unknown>>

interface Named {
  /** `metadata.type`. */
  readonly type: string
  readonly module: 'internal' | 'configuration' | 'naming' | 'lock' | 'registry of AI'
  /** The lines of Nacos that have it. */
  readonly versions: '2.x 3.x' | '3.x'
  /** Of the reference of the gRPC protocol; `''`: it is silent. */
  readonly section: string
}

export type Message =
  /** By a client, which gets `answer`. */
  | (Named & { readonly way: 'asked'; readonly body: Body; readonly answer: string })
  /** By a client on its stream, where `answer` is pushed. */
  | (Named & { readonly way: 'said'; readonly body: Body; readonly answer: string })
  /** By the server on the stream of a client. `provoke.ts` knows how it comes about. */
  | (Named & { readonly way: 'pushed' })
  /** On purpose, for this reason; a client that sends it is answered with this errorCode. */
  | (Named & { readonly way: 'left-out'; readonly why: string; readonly errorCode: number })

export const config = { dataId: 'message.yaml', group: 'G', tenant: '' }
export const service = { namespace: 'public', serviceName: 'message', groupName: 'G' }
const instance = { ip: '10.0.0.5', port: 8080, weight: 1, healthy: true, enabled: true, ephemeral: true, clusterName: 'DEFAULT', metadata: {} }
const watch = { groupKeyPattern: 'public>>G>>*', receivedGroupKeys: [], watchType: 'WATCH', initializing: true }

const asked = (named: Named, body: Body, answer: string): Message => ({ ...named, way: 'asked', body, answer })
const pushed = (named: Named): Message => ({ ...named, way: 'pushed' })

const internal = (type: string, section: string): Named => ({ type, module: 'internal', versions: '2.x 3.x', section })
const configuration = (type: string, section: string): Named => ({ type, module: 'configuration', versions: '2.x 3.x', section })
const naming = (type: string, section: string): Named => ({ type, module: 'naming', versions: '2.x 3.x', section })
const of3 = (named: Named): Named => ({ ...named, versions: '3.x' })

const betweenServers = (named: Named): Message => ({
  ...{ ...named, way: 'left-out', errorCode: 502 },
  why: 'sent between servers on port +1001, which there is not: nodes talk over their own links',
})
const unannounced = (type: string, module: Named['module'], ability: string, section: string): Message => ({
  ...{ type, module, versions: '3.x', section, way: 'left-out', errorCode: 302 },
  why: `the ability \`${ability}\` is not announced, so that clients do not send it`,
})

export const messages: readonly Message[] = [
  asked(internal('ServerCheckRequest', '3'), {}, 'ServerCheckResponse'),
  {
    ...internal('ConnectionSetupRequest', '3'),
    way: 'said',
    body: { clientVersion: 'Test:v1', tenant: '', labels: {}, abilityTable: {} },
    answer: 'SetupAckRequest',
  },
  pushed(internal('SetupAckRequest', '3')),
  asked(internal('HealthCheckRequest', '4'), {}, 'HealthCheckResponse'),
  pushed(internal('ClientDetectionRequest', '4')),
  pushed(internal('ConnectResetRequest', '4')),
  { ...internal('PushAckRequest', '4'), way: 'left-out', errorCode: 302, why: 'no client sends it: acknowledgements come on the stream' },
  betweenServers(internal('ServerLoaderInfoRequest', '4')),
  betweenServers(internal('ServerReloadRequest', '4')),
  betweenServers(internal('MemberReportRequest', '4')),
  asked(configuration('ConfigPublishRequest', '5.1'), { ...config, content: 'a: 1', additionMap: { type: 'yaml' } }, 'ConfigPublishResponse'),
  asked(configuration('ConfigQueryRequest', '5.2'), config, 'ConfigQueryResponse'),
  asked(
    configuration('ConfigBatchListenRequest', '5.4'),
    { listen: true, configListenContexts: [{ ...config, md5: '' }] },
    'ConfigChangeBatchListenResponse',
  ),
  pushed(configuration('ConfigChangeNotifyRequest', '5.5')),
  asked(configuration('ConfigRemoveRequest', '5.3'), { ...config, dataId: 'none' }, 'ConfigRemoveResponse'),
  pushed(configuration('ClientConfigMetricRequest', '5.6')),
  betweenServers(configuration('ConfigChangeClusterSyncRequest', '5.6')),
  asked(of3(configuration('ConfigFuzzyWatchRequest', '5.6')), watch, 'ConfigFuzzyWatchResponse'),
  pushed(of3(configuration('ConfigFuzzyWatchSyncRequest', '5.6'))),
  pushed(of3(configuration('ConfigFuzzyWatchChangeNotifyRequest', '5.6'))),
  asked(naming('InstanceRequest', '6.3'), { ...service, type: 'registerInstance', instance }, 'InstanceResponse'),
  asked(
    naming('PersistentInstanceRequest', '6.3'),
    { ...service, serviceName: 'kept', type: 'registerInstance', instance: { ...instance, ephemeral: false } },
    'InstanceResponse',
  ),
  asked(
    naming('BatchInstanceRequest', '6.3'),
    { ...service, serviceName: 'batch', type: 'batchRegisterInstance', instances: [instance] },
    'BatchInstanceResponse',
  ),
  asked(naming('ServiceListRequest', '6.3'), { ...service, pageNo: 1, pageSize: 10, selector: '' }, 'ServiceListResponse'),
  asked(naming('ServiceQueryRequest', '6.3'), { ...service, cluster: '', healthyOnly: false, udpPort: 0 }, 'QueryServiceResponse'),
  asked(naming('SubscribeServiceRequest', '6.3'), { ...service, subscribe: true, clusters: '' }, 'SubscribeServiceResponse'),
  pushed(naming('NotifySubscriberRequest', '6.4')),
  asked(of3(naming('NamingFuzzyWatchRequest', '6.3')), { ...watch, namespace: 'public' }, 'NamingFuzzyWatchResponse'),
  pushed(of3(naming('NamingFuzzyWatchSyncRequest', '6.3'))),
  pushed(of3(naming('NamingFuzzyWatchChangeNotifyRequest', '6.3'))),
  betweenServers(naming('DistroDataRequest', '8')),
  unannounced('LockOperationRequest', 'lock', 'lock', '7'),
  unannounced('QueryMcpServerRequest', 'registry of AI', 'mcp', '7'),
  unannounced('ReleaseMcpServerRequest', 'registry of AI', 'mcp', '7'),
  unannounced('McpServerEndpointRequest', 'registry of AI', 'mcp', '7'),
  unannounced('QueryAgentCardRequest', 'registry of AI', 'mcp', ''),
  unannounced('ReleaseAgentCardRequest', 'registry of AI', 'mcp', ''),
  unannounced('AgentEndpointRequest', 'registry of AI', 'mcp', ''),
]
