/**
 * ServiceListRequest (nacos-grpc 6.3): names of a group's services, without the group; `count` is how many the group has. A namespace may hold very many:
 * it is walked in slices, one namespace after the other.
 */

import type { NamingPort, ServiceView } from '../../../naming/naming-port.ts'
import { createScanQueue, type ScanParts } from '../../http/v1/scan-queue.ts'
import { groupRule, nameProblem, namespaceRule } from '../../name-rules.ts'
import { errorCodes, failedAs, paramCheck, refusedAs, succeeded } from '../answers.ts'
import { groupResource } from '../gate.ts'
import { type JsonObject, numberOf } from '../json-fields.ts'
import type { RequestHandler } from '../requests.ts'
import { groupOf, namespaceOf } from './names.ts'

const type = 'ServiceListResponse'
const pageSizeUsual = 10
const pageSizeMax = 10_000

const wholeFrom1 = (body: JsonObject, name: string, otherwise: number): number => {
  const value = numberOf(body, name)
  return Number.isInteger(value) && value >= 1 ? value : otherwise
}

export const createServiceList = (naming: NamingPort, clock: ScanParts): RequestHandler => {
  const scans = createScanQueue<ServiceView>(clock)
  return {
    ...{ type: 'ServiceListRequest', responseType: type, access: 'naming-read' },
    resources: (body) => [groupResource(body)],
    handle: ({ body, connection }, respond) => {
      const [namespace, group] = [namespaceOf(body), groupOf(body)]
      const problem = nameProblem(namespace, namespaceRule) ?? nameProblem(group, groupRule)
      if (problem !== null) return respond(failedAs(type, errorCodes.badRequest, paramCheck(problem)))
      const size = Math.min(wholeFrom1(body, 'pageSize', pageSizeUsual), pageSizeMax)
      const from = (wholeFrom1(body, 'pageNo', 1) - 1) * size
      const serviceNames: string[] = []
      let count = 0
      const taken = scans.add({
        rows: naming.services(namespace),
        wanted: connection.isOpen,
        visit: (service) => {
          if (service.group !== group) return
          if (count >= from && serviceNames.length < size) serviceNames.push(service.name)
          count++
        },
        done: () => respond(succeeded(type, { count, serviceNames })),
      })
      if (!taken) respond(refusedAs(type, 'overloaded'))
    },
  }
}
