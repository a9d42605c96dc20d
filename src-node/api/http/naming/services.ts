/**
 * Create, update, remove and show one service; names and subscribers of many (nacos-http 8.6, 9, 14). A service that somebody makes by hand is one of
 * persistent instances unless the call says otherwise, as in Nacos.
 */

import type { ServiceSpec, ServiceView, SubscriberView } from '../../../naming/naming-port.ts'
import { refusal, refuse } from '../errors.ts'
import { answerLater } from '../v1/answer-later.ts'
import { type Act, type Call, replyBare, replyData, replyPieces, whenWritten } from './dialect.ts'
import { arrayOf, listPieces, pagePieces, quoted } from './java-json.ts'
import { defaultGroup, groupedName, groupTextOf, namespaceOf, requiredText, serviceOf, textOf } from './names.ts'
import { askForSubscribers } from './peer-subscribers.ts'
import { noServiceToShow, refusedFor } from './refusals.ts'
import { serviceDetailV2, serviceDetailV3, serviceJson, subscriberJson, subscriberJsonV3 } from './service-json.ts'
import { flagOf, metadataOf, pageOf, selectorFrom, sliceOf, thresholdFrom } from './values.ts'

const specWith = ({ parameters }: Call, threshold: string): ServiceSpec => ({
  protectThreshold: threshold === '' ? 0 : thresholdFrom(threshold),
  metadata: metadataOf(parameters),
  selector: selectorFrom(textOf(parameters, 'selector')),
})

export const createService: Act = (call) => {
  const service = serviceOf(call)
  const spec = specWith(call, textOf(call.parameters, 'protectThreshold'))
  const ephemeral = call.version !== 'v1' && flagOf(call, 'ephemeral', false)
  call.port.createService(service, spec, ephemeral, whenWritten(call, refusedFor(service)))
}

/** Everything is replaced: what is not said is emptied. v1 alone demands the threshold. */
export const updateService: Act = (call) => {
  const service = serviceOf(call)
  const threshold = call.version === 'v1' ? requiredText(call, 'protectThreshold') : textOf(call.parameters, 'protectThreshold')
  call.port.updateService(service, specWith(call, threshold), whenWritten(call, refusedFor(service)))
}

export const removeService: Act = (call) => {
  const service = serviceOf(call, 'parameter')
  call.port.removeService(service, whenWritten(call, refusedFor(service)))
}

const jsonIn = { v1: serviceJson, v2: serviceDetailV2, v3: serviceDetailV3 } as const

export const showService: Act = (call) => {
  const service = serviceOf(call, 'parameter')
  const view = call.port.service(service)
  if (view === undefined) return refuse(noServiceToShow(service))
  replyData(call, jsonIn[call.version](view))
}

const tooManyScans = refusal('overloaded', 'this node has as many searches under way as it may; try again')

/** All services of these namespaces that `wanted` takes, in later turns. */
const collectFrom = (
  { port, scans, response, parts }: Call,
  namespaces: Iterable<string>,
  wanted: (service: ServiceView) => boolean,
  done: (services: readonly ServiceView[]) => void,
): void => {
  const services: ServiceView[] = []
  function* rows(): Generator<ServiceView, undefined> {
    for (const namespace of namespaces) yield* port.services(namespace)
    return undefined
  }
  const taken = scans.add({
    rows: rows(),
    wanted: () => !response.destroyed,
    visit: (service) => {
      if (wanted(service)) services.push(service)
    },
    done: () => answerLater(parts, response, () => done(services)),
  })
  if (!taken) refuse(tooManyScans)
}

/** Of the request's namespace. */
export const collectServices = (call: Call, wanted: (service: ServiceView) => boolean, done: (services: readonly ServiceView[]) => void): void =>
  collectFrom(call, [namespaceOf(call.parameters)], wanted, done)

const namesOf = (services: readonly ServiceView[]): string => arrayOf(services.map(({ name }) => quoted(name)))

/** The count is of the whole group; names stand without it. */
const listWith =
  (member: 'doms' | 'services', page: Parameters<typeof pageOf>[1], sizeMax?: number): Act =>
  (call) => {
    const asked = pageOf(call, page, sizeMax)
    const group = groupTextOf(call.parameters, 'groupName') || defaultGroup
    collectServices(
      call,
      (service) => service.group === group,
      (services) => replyData(call, `{"count":${services.length},"${member}":${namesOf(sliceOf(services, asked))}}`),
    )
  }

export const listServicesV1: Act = listWith('doms', 'controller')
export const listServicesV2: Act = listWith('services', { pageNo: 1, pageSize: 20 }, 500)

/** Whether a search of names is for all namespaces: it is if it names none. */
export const searchesAll = (parameters: Call['parameters']): boolean => textOf(parameters, 'namespaceId') === ''

/** Of a namespace, or of each that has services, under its name; one without a fitting service is named too. The odd member is real. */
export const searchNames: Act = (call) => {
  const { parameters, port } = call
  const expression = textOf(parameters, 'expr')
  const found = new Map<string, string[]>()
  for (const namespace of searchesAll(parameters) ? port.namespaces() : [namespaceOf(parameters)]) found.set(namespace, [])
  collectFrom(
    call,
    [...found.keys()],
    (service) => groupedName(service).includes(expression),
    (services) => {
      for (const service of services) found.get(service.namespace)?.push(quoted(groupedName(service)))
      const names = Array.from(found, ([namespace, own]) => `${quoted(namespace)}:${arrayOf(own)}`)
      replyBare(call, `{"META-INF/services":{${names.join(',')}},"count":${services.length}}`)
    },
  )
}

const subscribersMax = 1_000
const usualPage = { pageNo: 1, pageSize: 100 } as const

/** A client that asked several nodes stands in the list once. */
const distinct = (subscribers: readonly SubscriberView[]): readonly SubscriberView[] => [
  ...new Map(subscribers.map((subscriber) => [subscriberJson(subscriber), subscriber])).values(),
]

/** Those of all nodes, unless this node alone is asked. */
const subscribersOf = (call: Call, done: (subscribers: readonly SubscriberView[]) => void): void => {
  const { port } = call
  const service = serviceOf(call, 'parameter')
  const own = [...port.subscribers(service)]
  if (!flagOf(call, 'aggregation', true)) {
    done(own)
    return
  }
  askForSubscribers(call, service, (others) => done(distinct([...own, ...others])))
}

export const subscribersV1: Act = (call) => {
  const page = pageOf(call, { pageNo: 1, pageSize: subscribersMax })
  subscribersOf(call, (all) => replyData(call, `{"subscribers":${arrayOf(sliceOf(all, page).map(subscriberJson))},"count":${all.length}}`))
}

export const subscribersV3: Act = (call) => {
  const page = pageOf(call, usualPage)
  subscribersOf(call, (all) => replyPieces(call, pagePieces(all.length, page, listPieces(sliceOf(all, page), subscriberJsonV3))))
}

const selectorTypes = '["none","label"]'

/** v1 wraps these alone, in its own envelope. */
export const selectorTypesV1: Act = (call) => replyBare(call, `{"code":200,"message":null,"data":${selectorTypes}}`)
export const selectorTypesV3: Act = (call) => replyData(call, selectorTypes)
