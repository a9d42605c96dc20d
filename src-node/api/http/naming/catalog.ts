/** What consoles show of services: searched lists, and one with its clusters (nacos-http 8.7, 14). */

import type { ServiceView } from '../../../naming/naming-port.ts'
import { listOf } from '../v1/json-pieces.ts'
import { type Act, type Call, refuseCall, replyData, replyPieces } from './dialect.ts'
import { listPieces, pagePieces } from './java-json.ts'
import { groupedName, serviceOf, textOf } from './names.ts'
import { catalogDetail, catalogService, serviceViewJson, serviceWithInstancesV3 } from './service-json.ts'
import { collectServices } from './services.ts'
import { flagOf, type PageAsked, pageOf, sliceOf } from './values.ts'

/** "Contains", in group and name apart. */
const matcherOf = ({ parameters }: Call): ((service: ServiceView) => boolean) => {
  const name = textOf(parameters, 'serviceNameParam')
  const group = textOf(parameters, 'groupNameParam')
  return (service) => service.name.includes(name) && service.group.includes(group)
}

const searched = (call: Call, withoutEmpty: boolean, done: (services: readonly ServiceView[]) => void): void => {
  const matches = matcherOf(call)
  collectServices(call, (service) => (!withoutEmpty || service.instanceCount > 0) && matches(service), done)
}

/** Where all fit on a page, every page has them all, as in Nacos. */
const sliceOrAll = (services: readonly ServiceView[], page: PageAsked): readonly ServiceView[] =>
  services.length < page.pageSize ? services : sliceOf(services, page)

export const catalogServices: Act = (call) => {
  const { port } = call
  const withInstances = flagOf(call, 'withInstances', true)
  const page = pageOf(call, 'framework')
  const withoutEmpty = flagOf(call, 'hasIpCount', false)
  searched(call, withoutEmpty && !withInstances, (services) => {
    const shown = sliceOrAll(services, page)
    if (withInstances)
      replyPieces(
        call,
        listOf(shown, (service) => catalogDetail(service, port.instances(service, ''))),
      )
    else replyPieces(call, countedPieces(shown, services.length))
  })
}

function* countedPieces(shown: readonly ServiceView[], count: number): Generator<string> {
  yield `{"count":${count},"serviceList":`
  yield* listPieces(shown, serviceViewJson)
  yield '}'
}

const usualPage = { pageNo: 1, pageSize: 100 } as const

export const listServicesV3: Act = (call) => {
  const { port } = call
  const page = pageOf(call, usualPage)
  const withInstances = flagOf(call, 'withInstances', false)
  const withoutEmpty = flagOf(call, 'ignoreEmptyService', true)
  searched(call, withoutEmpty && !withInstances, (services) => {
    const shown = sliceOf(services, page)
    const items = withInstances
      ? listOf(shown, (service) => serviceWithInstancesV3(service, port.instances(service, '')))
      : listPieces(shown, serviceViewJson)
    replyPieces(call, pagePieces(services.length, page, items))
  })
}

export const showCatalogService: Act = (call) => {
  const service = serviceOf(call)
  const view = call.port.service(service) ?? refuseCall(404, 'resource not found', `service ${groupedName(service)} is not found!`)
  replyData(call, catalogService(view))
}
