/** Subscribers of a service at the other nodes (nacos-http 8.6): each node knows those that are connected to itself, and tells them to whoever asks for its own alone. */

import type { ServiceKey, SubscriberView } from '../../../naming/naming-port.ts'
import { askPeers } from '../ask-peers.ts'
import { peerPaths } from '../peer-paths.ts'
import type { Call } from './dialect.ts'
import { isObject, objectFrom, scalarText } from './values.ts'

/** Of one node: some 200 bytes each, so that they stay below what a node's answer may have. */
const subscribersMax = 4_000

/** What a node's answer says; what is none says nobody. */
const subscribersIn = (service: ServiceKey, body: Buffer): readonly SubscriberView[] => {
  const list = objectFrom(body.toString())?.subscribers
  const rows: readonly unknown[] = Array.isArray(list) ? list : []
  return rows.filter(isObject).map((row) => ({
    ...{ ...service, clientId: '' },
    ...{ ip: scalarText(row, 'ip') ?? '', port: Number(scalarText(row, 'port') ?? 0), agent: scalarText(row, 'agent') ?? '' },
    ...{ app: scalarText(row, 'app') ?? '', clusters: scalarText(row, 'cluster') ?? '' },
  }))
}

/** In a later turn. A node that does not answer in time is left out, as in Nacos. */
export const askForSubscribers = (call: Call, service: ServiceKey, done: (subscribers: readonly SubscriberView[]) => void): void => {
  const { namespace: namespaceId, group: groupName, name: serviceName } = service
  const fields = { namespaceId, groupName, serviceName, pageNo: '1', pageSize: String(subscribersMax), aggregation: 'false' }
  askPeers(call.parts, { response: call.response, path: peerPaths.subscribers, fields }, (bodies) =>
    done(bodies.flatMap((body) => subscribersIn(service, body))),
  )
}
