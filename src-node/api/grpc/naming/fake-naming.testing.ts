/** For tests: the naming of HTTP's fake node, with connections that publish and subscribe. */

import type { InstanceSpec, NamingOutcome, NamingPort, NamingRefusal, Push, PushEnd, ServiceInfo, ServiceKey } from '../../../naming/naming-port.ts'
import { logIndex } from '../../../raft/types.ts'
import { createFakeNaming } from '../../http/naming/fake-naming.testing.ts'

export const createFakeGrpcNaming = () => {
  const fake = createFakeNaming()
  /** Connection, service, instances: in their order. */
  const published: [string, ServiceKey, readonly InstanceSpec[]][] = []
  const connections: string[] = []
  const pushes = new Set<Push>()
  let shown: ServiceInfo | null = null
  let refusal: NamingRefusal | null = null
  let subscription: 'connection-unknown' | 'too-many' | null = null
  const outcome = (): NamingOutcome => ({
    kind: 'applied',
    reply: refusal === null ? { kind: 'naming-done', index: 7, updated: [] } : { kind: 'naming-refused', why: refusal },
    index: logIndex(7),
  })
  const port: NamingPort = {
    ...fake.port,
    connectionOpened: ({ connectionId, ip, agent, app }) => void connections.push(`opened ${connectionId} ${ip} ${agent} ${app}`),
    connectionClosed: (connectionId) => void connections.push(`closed ${connectionId}`),
    publish: (connectionId, service, instances, done) => {
      if (refusal === null) published.push([connectionId, service, instances])
      setImmediate(() => done(outcome()))
    },
    subscribe: (_subscriber, service, clusters, push) => {
      if (subscription !== null) return subscription
      pushes.clear()
      pushes.add(push)
      return fake.port.serviceInfo(service, clusters, false)
    },
    unsubscribe: () => pushes.clear(),
    serviceInfo: (...asked) => shown ?? fake.port.serviceInfo(...asked),
  }
  /** Instead of what the fake has of any service. */
  const show = (info: ServiceInfo) => {
    shown = info
  }
  const refusePublish = (why: NamingRefusal) => {
    refusal = why
  }
  const refuseSubscribe = (why: 'connection-unknown' | 'too-many') => {
    subscription = why
  }
  const push = (info: ServiceInfo): Promise<PushEnd> =>
    new Promise((resolve) => {
      for (const send of pushes) send(info, resolve)
    })
  const { outcomeOfNext } = fake
  return { port, published, connections, push, show, refusePublish, refuseSubscribe, outcomeOfNext, subscribers: () => pushes.size }
}
