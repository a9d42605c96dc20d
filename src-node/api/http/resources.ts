/**
 * What a request is about, for the question whether its sender may: every namespace, group and name that its parameters give under any of their
 * names. Which of them the handler goes by is its own business: all must be allowed, so that none can stand for another.
 */

import { type Action, anything, type Resource } from '../../auth/permission-match.ts'
import type { ConfigKey } from '../../state-machine/types.ts'
import { caused, refuse } from './errors.ts'
import type { Parameters } from './parameters.ts'

const namespaceNames = ['tenant', 'namespaceId', 'namespace', 'targetNamespaceId'] as const
const groupNames = ['group', 'groupName'] as const
const textBytesMax = 4_096
/** Between group and service in one name (nacos-http 8.1). */
const groupMark = '@@'
const defaultGroup = 'DEFAULT_GROUP'
const none = [''] as const

const valuesOf = (parameters: Parameters, names: readonly string[]): readonly string[] => {
  const values = names.flatMap((name) => {
    if (!parameters.has(name)) return []
    return [parameters.text(name, { bytesMax: textBytesMax, tooLong: () => refuse(caused(400, `parameter ${name} is too long`)) }).trim()]
  })
  return values.length === 0 ? none : [...new Set(values)]
}

interface Named {
  readonly group: string
  readonly name: string
}

const configsIn = (parameters: Parameters): readonly Named[] => {
  const names = valuesOf(parameters, ['dataId'])
  return valuesOf(parameters, groupNames).flatMap((group) => names.map((name) => ({ group, name })))
}

/** A service without a group is of the default one; no service at all may be any. */
const servicesIn = (parameters: Parameters): readonly Named[] => {
  const groups = valuesOf(parameters, groupNames)
  return valuesOf(parameters, ['serviceName', 'dom']).flatMap((given) => {
    const mark = given.indexOf(groupMark)
    const name = mark < 0 ? given : given.slice(mark + groupMark.length)
    const all = mark < 0 ? groups : [given.slice(0, mark), ...groups.filter((group) => group !== '')]
    return all.map((group) => ({ group: group === '' && name !== '' ? defaultGroup : group, name }))
  })
}

/** Rows by their ids, and whatever stands in a body: it could be anything of its kind. */
const isBeyondNames = (parameters: Parameters): boolean => parameters.has('ids') || parameters.json() !== null

/** For a route whose requests name a service in a manner of their own, which no client of ours speaks. */
export const anyService = (): readonly Resource[] => [anything('naming')]

const namedIn = (kind: Resource['kind'], parameters: Parameters): readonly Resource[] => {
  const named = kind === 'config' ? configsIn(parameters) : servicesIn(parameters)
  return valuesOf(parameters, namespaceNames).flatMap((namespace) => named.map(({ group, name }) => ({ namespace, group, kind, name })))
}

export const resourcesIn = (kind: Resource['kind'], parameters: Parameters): readonly Resource[] =>
  isBeyondNames(parameters) ? [...namedIn(kind, parameters), anything(kind)] : namedIn(kind, parameters)

/** For a route whose handlers ask for each row that came by its id (`refuseOthers`). */
export const namedConfigs = (parameters: Parameters): readonly Resource[] => namedIn('config', parameters)

/** Refuses all if the caller may not touch each of them. */
export const refuseOthers = (parameters: Parameters, action: Action, rows: Iterable<ConfigKey>): void => {
  const { isAdmin, may } = parameters.caller()
  if (isAdmin) return
  for (const { namespace, group, dataId } of rows)
    if (!may(action, { namespace, group, kind: 'config', name: dataId })) refuse(caused(403, 'authorization failed!'))
}
