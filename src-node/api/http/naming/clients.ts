/** Who publishes and who subscribes, client by client and service by service (nacos-http 9, 14.5): connections of this node, and all addresses. */

import type { ClientView, PublisherView, SubscriberView } from '../../../naming/naming-port.ts'
import { type Act, type Call, refuseCall, replyData } from './dialect.ts'
import { arrayOf } from './java-json.ts'
import { optionalIp, optionalPort, requiredText, serviceOf } from './names.ts'

export const listClients: Act = (call) => replyData(call, JSON.stringify(Array.from(call.port.clients(), ({ clientId }) => clientId)))

const clientOf = (call: Call): ClientView => {
  const clientId = requiredText(call, 'clientId', 'String', 'parameter')
  return call.port.client(clientId) ?? refuseCall(404, 'resource not found', `clientId [ ${clientId} ] not exist`)
}

/** v2 leaves out what an address has not, and has the port as text; 3.x has every member. */
const clientJson = ({ version }: Call, client: ClientView): object => {
  const { clientId, ephemeral, lastUpdatedMs: lastUpdatedTime, ip: clientIp, port, agent, app } = client
  const connected = client.kind === 'connection'
  const head = { clientId, ephemeral, lastUpdatedTime, clientType: connected ? 'connection' : 'ipPort' }
  const set = { connectType: 'GRPC', appName: app, version: agent }
  if (version === 'v3') return { ...head, ...(connected ? set : { connectType: null, appName: null, version: null }), clientIp, clientPort: port }
  return { ...head, ...(connected ? set : {}), clientIp, clientPort: String(port) }
}

export const showClient: Act = (call) => replyData(call, JSON.stringify(clientJson(call, clientOf(call))))

const addressText = ({ ip, port }: { readonly ip: string; readonly port: number }): string => `${ip}:${port}`

const publisherInfo = ({ clientId, ip, port, cluster }: PublisherView): object => ({ clientId, ip, port, clusterName: cluster })
const subscriberInfo = (subscriber: SubscriberView): object => ({
  ...{ clientId: subscriber.clientId, appName: subscriber.app, agent: subscriber.agent },
  address: addressText(subscriber),
})

const publishedJson = ({ version }: Call, published: PublisherView): object => {
  const { namespace, group, name, ip, port, cluster } = published
  if (version === 'v3')
    return { namespaceId: namespace, groupName: group, serviceName: name, publisherInfo: publisherInfo(published), subscriberInfo: null }
  return { namespace, group, serviceName: name, registeredInstance: { ip, port, cluster } }
}

const subscribedJson = ({ version }: Call, subscriber: SubscriberView): object => {
  const { namespace, group, name, app, agent } = subscriber
  if (version === 'v3')
    return { namespaceId: namespace, groupName: group, serviceName: name, publisherInfo: null, subscriberInfo: subscriberInfo(subscriber) }
  return { namespace, group, serviceName: name, subscriberInfo: { app, agent, addr: addressText(subscriber) } }
}

export const listPublished: Act = (call) => {
  const { clientId } = clientOf(call)
  replyData(call, JSON.stringify(Array.from(call.port.published(clientId), (published) => publishedJson(call, published))))
}

export const listSubscribed: Act = (call) => {
  const { clientId } = clientOf(call)
  replyData(call, JSON.stringify(Array.from(call.port.subscribed(clientId), (subscriber) => subscribedJson(call, subscriber))))
}

/** By ip, by port, by both, or all. */
const addressFilter = ({ parameters }: Call): ((address: { readonly ip: string; readonly port: number }) => boolean) => {
  const ip = optionalIp(parameters, 'ip')
  const port = optionalPort(parameters, 'port')
  return (address) => (ip === '' || address.ip === ip) && (port === 0 || address.port === port)
}

export const listPublishers: Act = (call) => {
  const service = serviceOf(call, 'parameter')
  const publishers = Array.from(call.port.publishers(service)).filter(addressFilter(call))
  const json = (publisher: PublisherView): object => {
    const { clientId, ip, port } = publisher
    return call.version === 'v3' ? publisherInfo(publisher) : { clientId, ip, port }
  }
  replyData(call, JSON.stringify(publishers.map(json)))
}

export const listSubscribers: Act = (call) => {
  const service = serviceOf(call, 'parameter')
  const subscribers = Array.from(call.port.subscribers(service)).filter(addressFilter(call))
  const json = (subscriber: SubscriberView): string => {
    const { clientId, ip, port } = subscriber
    return JSON.stringify(call.version === 'v3' ? subscriberInfo(subscriber) : { clientId, ip, port })
  }
  replyData(call, arrayOf(subscribers.map(json)))
}
