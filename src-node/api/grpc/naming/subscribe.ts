/**
 * SubscribeServiceRequest, and NotifySubscriberRequest to whoever subscribed (nacos-grpc 6.3, 6.4). When something is pushed, merged and tried again is the
 * naming port's business; here it becomes one message and its acknowledgement.
 */

import type { NamingPort, Push } from '../../../naming/naming-port.ts'
import { errorCodes, errorResponse, failedAs, refusedAs, succeededWith, unregistered } from '../answers.ts'
import type { Connection } from '../connection.ts'
import { flagOf, textOf } from '../json-fields.ts'
import type { RequestHandler } from '../requests.ts'
import { clustersProblem, serviceOf } from './names.ts'
import type { ServiceInfoTexts } from './service-info.ts'

const type = 'SubscribeServiceResponse'
const ackMs = 5_000

const pushTo =
  (connection: Connection, texts: ServiceInfoTexts): Push =>
  (info, acked) =>
    texts.pushMembers(info, (members) => {
      if (members === null) acked(false)
      else connection.push('NotifySubscriberRequest', members, ackMs, (outcome) => acked(outcome === 'busy' ? outcome : outcome === 'taken'))
    })

export const createSubscribe = (naming: NamingPort, texts: ServiceInfoTexts): RequestHandler => ({
  ...{ type: 'SubscribeServiceRequest', responseType: type, access: 'naming-read' },
  handle: ({ body, connection }, respond) => {
    const service = serviceOf(body)
    const clusters = textOf(body, 'clusters')
    const problem = typeof service === 'string' ? service : clustersProblem(clusters)
    if (typeof service === 'string' || problem !== null) return respond(failedAs(type, errorCodes.badRequest, String(problem)))
    const subscriber = { kind: 'connection', connectionId: connection.id } as const
    const answerWith = (info: Parameters<Push>[0]): void =>
      texts.read(info, (text) =>
        respond(text === null ? refusedAs(type, 'overloaded') : succeededWith(type, `"message":"success","serviceInfo":${text}`)),
      )
    if (!flagOf(body, 'subscribe')) {
      naming.unsubscribe(subscriber, service)
      return answerWith(naming.serviceInfo(service, clusters, false))
    }
    const info = naming.subscribe(subscriber, service, clusters, pushTo(connection, texts))
    if (info === 'connection-unknown') respond(unregistered)
    else if (info === 'too-many')
      respond(errorResponse(errorCodes.overThreshold, 'this node holds as many subscriptions as it may', errorCodes.overThreshold))
    else answerWith(info)
  },
})
