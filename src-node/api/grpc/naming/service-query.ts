/** ServiceQueryRequest (nacos-grpc 6.3): the hosts of a service as this node has applied it. An unknown service has none; that is no error. */

import type { NamingPort } from '../../../naming/naming-port.ts'
import { errorCodes, failedAs, refusedAs, succeededWith } from '../answers.ts'
import { flagOf, textOf } from '../json-fields.ts'
import type { RequestHandler } from '../requests.ts'
import { clustersProblem, serviceOf } from './names.ts'
import type { ServiceInfoTexts } from './service-info.ts'

const type = 'QueryServiceResponse'

export const createServiceQuery = (naming: NamingPort, texts: ServiceInfoTexts): RequestHandler => ({
  ...{ type: 'ServiceQueryRequest', responseType: type, access: 'naming-read' },
  handle: ({ body }, respond) => {
    const service = serviceOf(body)
    const clusters = textOf(body, 'cluster')
    const problem = typeof service === 'string' ? service : clustersProblem(clusters)
    if (typeof service === 'string' || problem !== null) return respond(failedAs(type, errorCodes.badRequest, String(problem)))
    texts.read(naming.serviceInfo(service, clusters, flagOf(body, 'healthyOnly')), (text) =>
      respond(text === null ? refusedAs(type, 'overloaded') : succeededWith(type, `"serviceInfo":${text}`)),
    )
  },
})
