/** Services, clusters, subscribers and catalogs as JSON texts (nacos-http 8.6, 8.7, 9, 14.5). Owns member names and order, version by version. */

import type { ClusterView, HealthChecker, InstanceView, Selector, ServiceView, SubscriberView } from '../../../naming/naming-port.ts'
import { instancePieces } from './instance-json.ts'
import { arrayOf, javaDouble, listPieces, quoted } from './java-json.ts'
import { groupedName } from './names.ts'

export const selectorJson = (selector: Selector): string =>
  selector.type === 'none'
    ? '{"type":"none","contextType":"NONE"}'
    : `{"type":"label","labels":[],"expression":${quoted(selector.expression)},"contextType":"CMDB"}`

export const checkerJson = (checker: HealthChecker): string => JSON.stringify(checker)

/** v1's detail of a service. */
const clusterJson = ({ name, checker, metadata }: ClusterView): string =>
  `{"name":${quoted(name)},"healthChecker":${checkerJson(checker)},"metadata":${JSON.stringify(metadata)}}`

export const serviceJson = (service: ServiceView): string =>
  `{"namespaceId":${quoted(service.namespace)},"groupName":${quoted(service.group)},"name":${quoted(service.name)}` +
  `,"protectThreshold":${javaDouble(service.protectThreshold)},"metadata":${JSON.stringify(service.metadata)}` +
  `,"selector":${selectorJson(service.selector)},"clusters":${arrayOf(service.clusters.map(clusterJson))}}`

const clusterInfoV2 = ({ name, checker, metadata }: ClusterView): string =>
  `{"hosts":null,"clusterName":${quoted(name)},"healthChecker":${checkerJson(checker)},"metadata":${JSON.stringify(metadata)}}`

/** All but its hosts. */
const clusterHeadV3 = ({ name, checker, checkPort, useInstancePort, metadata }: ClusterView): string =>
  `{"clusterName":${quoted(name)},"healthChecker":${checkerJson(checker)},"healthyCheckPort":${checkPort}` +
  `,"useInstancePortForCheck":${useInstancePort},"metadata":${JSON.stringify(metadata)},"hosts":`

const mapOf = (clusters: readonly ClusterView[], json: (cluster: ClusterView) => string): string =>
  `{${clusters.map((cluster) => `${quoted(cluster.name)}:${json(cluster)}`).join(',')}}`

const detailHead = ({ namespace, group, name }: ServiceView, namespaceMember: 'namespace' | 'namespaceId'): string =>
  `{"${namespaceMember}":${quoted(namespace)},"serviceName":${quoted(name)},"groupName":${quoted(group)},"clusterMap":`

const detailTail = ({ metadata, protectThreshold, selector, ephemeral }: ServiceView): string =>
  `,"metadata":${JSON.stringify(metadata)},"protectThreshold":${javaDouble(protectThreshold)},"selector":${selectorJson(selector)},"ephemeral":${ephemeral}}`

export const serviceDetailV2 = (service: ServiceView): string =>
  detailHead(service, 'namespace') + mapOf(service.clusters, clusterInfoV2) + detailTail(service)

/** Nobody asked for the hosts. */
export const serviceDetailV3 = (service: ServiceView): string =>
  detailHead(service, 'namespaceId') + mapOf(service.clusters, (cluster) => `${clusterHeadV3(cluster)}null}`) + detailTail(service)

const inCluster = (instances: readonly InstanceView[], name: string): readonly InstanceView[] => instances.filter(({ cluster }) => cluster === name)

/** With the instances of each cluster. */
export function* serviceWithInstancesV3(service: ServiceView, instances: readonly InstanceView[]): Generator<string> {
  yield `${detailHead(service, 'namespaceId')}{`
  for (const [at, cluster] of service.clusters.entries()) {
    yield `${at === 0 ? '' : ','}${quoted(cluster.name)}:${clusterHeadV3(cluster)}`
    yield* instancePieces(inCluster(instances, cluster.name))
    yield '}'
  }
  yield `}${detailTail(service)}`
}

const catalogInstance = ({ ip, port, healthy, weight, enabled, metadata }: InstanceView): string =>
  `{"valid":${healthy},"metadata":${JSON.stringify(metadata)},"port":${port},"ip":${quoted(ip)},"weight":${javaDouble(weight)},"enabled":${enabled}}`

/** v1's catalog with instances. */
export function* catalogDetail(service: ServiceView, instances: readonly InstanceView[]): Generator<string> {
  yield `{"serviceName":${quoted(service.name)},"groupName":${quoted(service.group)},"clusterMap":{`
  const names = [...new Set(instances.map(({ cluster }) => cluster))]
  for (const [at, name] of names.entries()) {
    yield `${at === 0 ? '' : ','}${quoted(name)}:{"hosts":`
    yield* listPieces(inCluster(instances, name), catalogInstance)
    yield '}'
  }
  yield `},"metadata":${JSON.stringify(service.metadata)}}`
}

/** `triggerFlag` is a text in Nacos. */
export const serviceViewJson = (service: ServiceView): string =>
  `{"name":${quoted(service.name)},"groupName":${quoted(service.group)},"clusterCount":${service.clusters.length}` +
  `,"ipCount":${service.instanceCount},"healthyInstanceCount":${service.healthyCount},"triggerFlag":"${service.isProtected}"}`

const catalogPort = 80

const catalogCluster = (service: ServiceView, { name, checker, checkPort, useInstancePort, metadata }: ClusterView): string =>
  `{"serviceName":${quoted(groupedName(service))},"name":${quoted(name)},"healthChecker":${checkerJson(checker)},"defaultPort":${catalogPort}` +
  `,"defaultCheckPort":${checkPort},"useIPPort4Check":${useInstancePort},"metadata":${JSON.stringify(metadata)}}`

export const catalogService = (service: ServiceView): string =>
  `{"service":{"name":${quoted(service.name)},"groupName":${quoted(service.group)},"protectThreshold":${javaDouble(service.protectThreshold)}` +
  `,"selector":${selectorJson(service.selector)},"metadata":${JSON.stringify(service.metadata)}}` +
  `,"clusters":${arrayOf(service.clusters.map((cluster) => catalogCluster(service, cluster)))}}`

export const subscriberJson = (subscriber: SubscriberView): string => {
  const { ip, port, agent, app, namespace, clusters } = subscriber
  return (
    `{"addrStr":${quoted(`${ip}:${port}`)},"agent":${quoted(agent)},"app":${quoted(app)},"ip":${quoted(ip)},"port":${port}` +
    `,"namespaceId":${quoted(namespace)},"serviceName":${quoted(groupedName(subscriber))},"cluster":${quoted(clusters)}}`
  )
}

export const subscriberJsonV3 = ({ namespace, group, name, ip, port, agent, app }: SubscriberView): string =>
  `{"namespaceId":${quoted(namespace)},"groupName":${quoted(group)},"serviceName":${quoted(name)},"ip":${quoted(ip)},"port":${port}` +
  `,"agent":${quoted(agent)},"appName":${quoted(app)},"address":${quoted(`${ip}:${port}`)}}`
