/**
 * What a request is about, for the question whether its sender may. Each route says by which parameters its handler goes, or that it acts on a whole
 * group or namespace, whatever else is given. What a request gives under any other name is asked for too: all must be allowed, so that none can stand
 * for another. Must never leave out what a handler takes for granted where its own parameter is absent.
 */

import { type Action, anything, type Resource } from '../../auth/permission-match.ts'
import type { ConfigKey } from '../../state-machine/types.ts'
import type { ConfigNames } from './config-names.ts'
import { caused, refuse } from './errors.ts'
import type { Parameters } from './parameters.ts'

const namespaceNames = ['tenant', 'namespaceId', 'namespace', 'targetNamespaceId'] as const
const groupNames = ['group', 'groupName'] as const
const configNames = ['dataId'] as const
const serviceNames = ['serviceName', 'dom'] as const
const textBytesMax = 4_096
/** Between group and service in one name (nacos-http 8.1). */
const groupMark = '@@'
const defaultGroup = 'DEFAULT_GROUP'

/** The parameters by which a handler goes; the first that is given counts, and the default where none is. `all`: whatever there is. */
interface GoesBy<Name extends string> {
  readonly namespace: readonly (typeof namespaceNames)[number][]
  readonly group: readonly (typeof groupNames)[number][] | 'all'
  readonly name: readonly Name[] | 'all'
}
type ConfigsBy = GoesBy<(typeof configNames)[number]>
type ServicesBy = GoesBy<(typeof serviceNames)[number]>

/** What of a request must be allowed. */
export type Asks = (parameters: Parameters) => readonly Resource[]

/** Of a route whose requests name what they are about. */
export interface Asking {
  readonly access: Resource['kind']
  readonly resources: Asks
}

const textIn = (parameters: Parameters, name: string): string =>
  parameters.text(name, { bytesMax: textBytesMax, tooLong: () => refuse(caused(400, `parameter ${name} is too long`)) }).trim()

/** `''` stands for the default, or for all: what the handler takes where none of its `own` is there. */
const valuesOf = (parameters: Parameters, known: readonly string[], own: readonly string[] | 'all'): readonly string[] => {
  if (own === 'all') return ['']
  const given = known.filter((name) => parameters.has(name)).map((name) => textIn(parameters, name))
  return [...new Set(own.some((name) => parameters.has(name)) ? given : [...given, ''])]
}

interface Named {
  readonly group: string
  readonly name: string
}

const configsIn = (parameters: Parameters, by: ConfigsBy): readonly Named[] => {
  const names = valuesOf(parameters, configNames, by.name)
  return valuesOf(parameters, groupNames, by.group).flatMap((group) => names.map((name) => ({ group, name })))
}

/** Where a service's group is not given, it is the default one. */
const servicesIn = (parameters: Parameters, by: ServicesBy): readonly Named[] => {
  const groups = valuesOf(parameters, groupNames, by.group)
  return valuesOf(parameters, serviceNames, by.name).flatMap((given) => {
    const mark = given.indexOf(groupMark)
    const name = mark < 0 ? given : given.slice(mark + groupMark.length)
    const all = mark < 0 ? groups : [given.slice(0, mark), ...groups.filter((group) => group !== '')]
    return all.map((group) => ({ group: group === '' && by.group !== 'all' ? defaultGroup : group, name }))
  })
}

const inNamespaces = (kind: Resource['kind'], parameters: Parameters, own: ConfigsBy['namespace'], named: readonly Named[]): readonly Resource[] =>
  valuesOf(parameters, namespaceNames, own).flatMap((namespace) => named.map(({ group, name }) => ({ namespace, group, kind, name })))

/** Rows by their ids, and whatever stands in a body: it could be anything of its kind. */
const beyondNames = (kind: Resource['kind'], parameters: Parameters): readonly Resource[] =>
  parameters.has('ids') || parameters.json() !== null ? [anything(kind)] : []

/** Of a handler that asks for each row which came by its id (`refuseOthers`). */
export const configsOrRows =
  (by: ConfigsBy): Asks =>
  (parameters) =>
    inNamespaces('config', parameters, by.namespace, configsIn(parameters, by))

const configsBy = (by: ConfigsBy): Asking => ({
  access: 'config',
  resources: (parameters) => [...configsOrRows(by)(parameters), ...beyondNames('config', parameters)],
})
const servicesBy = (by: ServicesBy): Asking => ({
  access: 'naming',
  resources: (parameters) => [...inNamespaces('naming', parameters, by.namespace, servicesIn(parameters, by)), ...beyondNames('naming', parameters)],
})

/** By the names of one generation. */
export const oneConfigBy = ({ namespace, group }: Pick<ConfigNames, 'namespace' | 'group'>): ConfigsBy => ({
  ...{ namespace: [namespace], group: [group], name: ['dataId'] },
})
export const oneConfig = (names: Pick<ConfigNames, 'namespace' | 'group'>): Asking => configsBy(oneConfigBy(names))

export const allConfigsBy = (...namespace: ConfigsBy['namespace']): ConfigsBy => ({ namespace, group: 'all', name: 'all' })
export const allConfigs = (...namespace: ConfigsBy['namespace']): Asking => configsBy(allConfigsBy(...namespace))

export const oneService: Asking = servicesBy({ namespace: ['namespaceId'], group: ['groupName'], name: ['serviceName'] })
/** From before 1.0: no group but the default one, unless it stands in the name. */
export const oneDom: Asking = servicesBy({ namespace: ['namespaceId'], group: [], name: ['dom'] })
export const servicesOfGroup: Asking = servicesBy({ namespace: ['namespaceId'], group: ['groupName'], name: 'all' })
export const allServices: Asking = servicesBy({ namespace: ['namespaceId'], group: 'all', name: 'all' })

/** For a route whose requests name a service in a manner of their own, which no client of ours speaks. */
export const anyService: Asking = { access: 'naming', resources: () => [anything('naming')] }

/** Refuses all if the caller may not touch each of them. */
export const refuseOthers = (parameters: Parameters, action: Action, rows: Iterable<ConfigKey>): void => {
  const { isAdmin, may } = parameters.caller()
  if (isAdmin) return
  for (const { namespace, group, dataId } of rows)
    if (!may(action, { namespace, group, kind: 'config', name: dataId })) refuse(caused(403, 'authorization failed!'))
}
