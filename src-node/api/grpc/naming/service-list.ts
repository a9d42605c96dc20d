/** ServiceListRequest (nacos-grpc 6.3): names of a group's services, without the group; `count` is how many the group has. */

import type { NamingPort } from '../../../naming/naming-port.ts'
import { groupRule, nameProblem, namespaceRule } from '../../name-rules.ts'
import { errorCodes, failedAs, paramCheck, succeeded } from '../answers.ts'
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

export const createServiceList = (naming: NamingPort): RequestHandler => ({
  ...{ type: 'ServiceListRequest', responseType: type, access: 'naming-read' },
  handle: ({ body }, respond) => {
    const [namespace, group] = [namespaceOf(body), groupOf(body)]
    const problem = nameProblem(namespace, namespaceRule) ?? nameProblem(group, groupRule)
    if (problem !== null) return respond(failedAs(type, errorCodes.badRequest, paramCheck(problem)))
    const size = Math.min(wholeFrom1(body, 'pageSize', pageSizeUsual), pageSizeMax)
    const from = (wholeFrom1(body, 'pageNo', 1) - 1) * size
    const serviceNames: string[] = []
    let count = 0
    for (const service of naming.services(namespace)) {
      if (service.group !== group) continue
      if (count >= from && serviceNames.length < size) serviceNames.push(service.name)
      count++
    }
    respond(succeeded(type, { count, serviceNames }))
  },
})
