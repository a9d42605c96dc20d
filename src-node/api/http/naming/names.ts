/**
 * Names in requests about services: namespace, group, service, cluster, address (nacos-http 3.2, 8.1). The filter's rules come first and answer in
 * the filter's text whatever the version; then what the version demands. v1 takes `group@@name` in one parameter, v2 and v3 two.
 */

import type { ServiceKey } from '../../../naming/naming-port.ts'
import { clusterRule, groupRule, ipRule, namespaceRule, serviceRule } from '../../name-rules.ts'
import { filterRefusal, refuse, springError } from '../errors.ts'
import { checkName, nameText, normalNamespace, type Parameters } from '../parameters.ts'
import { type PlainCall, refuseCall, type Version } from './dialect.ts'

export const defaultGroup = 'DEFAULT_GROUP'
export const defaultCluster = 'DEFAULT'
export const defaultNamespace = 'public'
const separator = '@@'

/** Beyond it a text is refused, whatever it is for. */
const textBytesMax = 64 * 1024

export const groupedName = ({ group, name }: Pick<ServiceKey, 'group' | 'name'>): string => `${group}${separator}${name}`

/** A text without blanks around it, `''` if absent. */
export const textOf = (parameters: Parameters, name: string): string =>
  parameters
    .text(name, {
      bytesMax: textBytesMax,
      tooLong: () => refuseCall(400, 'parameter validate error', `parameter ${name} is too long, over ${textBytesMax} bytes`),
    })
    .trim()

/** The first of the names that is given and not blank. */
export const firstText = (parameters: Parameters, ...names: readonly string[]): string => {
  for (const name of names) {
    const text = textOf(parameters, name)
    if (text !== '') return text
  }
  return ''
}

/** Words of a missing parameter: v1 has its own; forms of v2 and v3 say it one way, single parameters another. */
export const refuseMissing = (version: Version, name: string, type = 'String', from: 'form' | 'parameter' = 'form'): never => {
  if (version === 'v1') return refuseCall(400, 'parameter missing', `Param '${name}' is required.`)
  const words =
    from === 'form'
      ? `Required parameter '${name}' type ${type} is not present`
      : `Required request parameter '${name}' for method parameter type ${type} is not present`
  return refuseCall(400, 'parameter missing', words)
}

export const requiredText = ({ parameters, version }: PlainCall, name: string, type = 'String', from: 'form' | 'parameter' = 'form'): string =>
  textOf(parameters, name) || refuseMissing(version, name, type, from)

/** Blank, `null` and `public` are the default namespace; it is called by its name among services. */
export const namespaceOf = (parameters: Parameters): string => normalNamespace(nameText(parameters, 'namespaceId', namespaceRule)) || defaultNamespace

export const groupTextOf = (parameters: Parameters, name: string): string => nameText(parameters, name, groupRule).trim()
const groupOf = (parameters: Parameters): string => groupTextOf(parameters, 'groupName') || defaultGroup

interface GroupAndName {
  readonly group: string
  readonly name: string
}

/** `group@@name`; null: there is no `@@` in it. */
const splitGrouped = (given: string): GroupAndName | null => {
  const at = given.indexOf(separator)
  return at < 0 ? null : { group: given.slice(0, at), name: given.slice(at + separator.length) }
}

const badGrouped = ({ parts, request }: PlainCall): never =>
  refuse(
    springError({
      status: 400,
      message: "Service name filter error,caused: Param 'serviceName' is illegal, it should be format as 'groupName@@serviceName';",
      path: (request.url ?? '').split('?', 1)[0] ?? '',
      wallMs: parts.clock.wallMs(),
    }),
  )

const judged = ({ group, name }: GroupAndName): GroupAndName => ({ group: checkName(group, groupRule), name: checkName(name, serviceRule) })

const nameV1 = (call: PlainCall): GroupAndName => {
  const given = requiredText(call, 'serviceName')
  const grouped = splitGrouped(given)
  if (grouped === null) return judged({ group: groupOf(call.parameters), name: given })
  if (grouped.group.trim() === '' || grouped.name.trim() === '') badGrouped(call)
  return judged(grouped)
}

const nameV2 = (call: PlainCall, from: 'form' | 'parameter'): GroupAndName => {
  const given = textOf(call.parameters, 'serviceName')
  // The filter lets `@@` through in this place, the controllers have no meaning for it.
  if (given.includes(separator)) refuse(filterRefusal("Param 'serviceName' is illegal, illegal characters should not appear in the param."))
  return judged({ group: groupOf(call.parameters), name: given || refuseMissing(call.version, 'serviceName', 'String', from) })
}

/** The service that the request names. Must be there. */
export const serviceOf = (call: PlainCall, from: 'form' | 'parameter' = 'form'): ServiceKey => {
  const namespace = namespaceOf(call.parameters)
  const { group, name } = call.version === 'v1' ? nameV1(call) : nameV2(call, from)
  return { namespace, group, name }
}

/** v2 kept a few of v1's calls as they were: they take the grouped name, or one without group. */
export const serviceAsInV1 = (call: PlainCall): ServiceKey => ({ namespace: namespaceOf(call.parameters), ...nameV1({ ...call, version: 'v1' }) })

/** Of a beat or a statuses key, where the name stands in a text of its own. */
export const serviceNamed = (call: PlainCall, namespace: string, given: string): ServiceKey => {
  const grouped = splitGrouped(given) ?? { group: defaultGroup, name: given }
  if (grouped.group === '' || grouped.name === '') badGrouped(call)
  return { namespace: checkName(namespace, namespaceRule), ...judged(grouped) }
}

/** `DEFAULT` if none of the parameters names one. */
export const clusterOf = (parameters: Parameters, ...names: readonly string[]): string =>
  checkName(firstText(parameters, ...names), clusterRule) || defaultCluster

/** As given, `''` for all; each of the comma list is judged. */
export const clustersOf = (parameters: Parameters, name: string): string => {
  const given = textOf(parameters, name)
  for (const one of given.split(',')) checkName(one, clusterRule)
  return given
}

export const ipOf = (call: PlainCall, from: 'form' | 'parameter' = 'form'): string => checkName(requiredText(call, 'ip', 'String', from), ipRule)
export const optionalIp = (parameters: Parameters, name: string): string => checkName(textOf(parameters, name), ipRule)

export const portMax = 65_535
const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= portMax

/** The filter has judged it before any controller missed it. */
const portText = (given: string): number =>
  isPort(given) ? Number(given) : refuse(filterRefusal("Param 'port' is illegal, the value should be between 0 and 65535."))

export const portOf = (call: PlainCall, from: 'form' | 'parameter' = 'form'): number => {
  const given = textOf(call.parameters, 'port')
  return given === '' ? refuseMissing(call.version, 'port', 'Integer', from) : portText(given)
}

export const optionalPort = (parameters: Parameters, name: string): number => {
  const given = textOf(parameters, name)
  return given === '' ? 0 : portText(given)
}

/** What a text in JSON says of an address: judged like parameters. */
export const judgedAddress = (ip: string, port: string): { readonly ip: string; readonly port: number } => ({
  ip: checkName(ip, ipRule),
  port: portText(port),
})

export const judgedCluster = (name: string): string => checkName(name, clusterRule)
