/** The configuration that a request means, by the rules of HTTP (nacos-http 3.1, 3.2); its namespace also as the client wrote it. */

import type { ConfigKey } from '../../../state-machine/types.ts'
import { normalNamespace } from '../../http/parameters.ts'
import { dataIdRule, groupRule, nameProblem, namespaceRule } from '../../name-rules.ts'
import { paramCheck } from '../answers.ts'
import { givenText, type JsonObject, textOf } from '../json-fields.ts'

export interface NamedConfig {
  readonly key: ConfigKey
  /** Null: the client wrote none. */
  readonly tenant: string | null
}

/** A sentence: why these are no names. */
export const namedConfig = (body: JsonObject): NamedConfig | string => {
  const tenant = givenText(body, 'tenant')
  const names = { dataId: textOf(body, 'dataId'), group: textOf(body, 'group'), tenant: tenant ?? '' }
  const problem = nameProblem(names.tenant, namespaceRule) ?? nameProblem(names.dataId, dataIdRule) ?? nameProblem(names.group, groupRule)
  if (problem !== null) return paramCheck(problem)
  if (names.dataId.trim() === '') return `invalid dataId : ${names.dataId}`
  if (names.group.trim() === '') return `invalid group : ${names.group}`
  return { key: { namespace: normalNamespace(names.tenant), group: names.group, dataId: names.dataId }, tenant }
}
