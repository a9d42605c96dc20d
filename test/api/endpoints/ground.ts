/** What must be there before the endpoints are asked for: a configuration with a past, an instance, and their numbers, which rows name in braces. */

import { send } from '../../support/http.ts'
import { configsPath } from '../../support/nacos.ts'

export type Facts = Readonly<Record<'dataId' | 'tag' | 'configId' | 'nid' | 'service' | 'unchecked' | 'password', string>>

const group = 'DEFAULT_GROUP'
const dataId = 'endpoint-kept'
const tag = 'endpoint-tag'
const service = 'endpoint-ground'
const unchecked = 'endpoint-unchecked'

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()

const publish = async (base: string, content: string): Promise<void> => {
  const body = form({ dataId, group, content, type: 'properties', config_tags: tag, appName: 'endpoints' })
  const answer = await send(base, { method: 'POST', path: configsPath, headers: formHeaders, body })
  if (answer.status !== 200) throw new Error(`the ground could not be laid: ${answer.status} ${answer.text}`)
}

/** The newest number of its history; a node that shows no history has none to give. */
const newestChange = async (base: string): Promise<string> => {
  const fields = form({ search: 'accurate', dataId, group, pageNo: '1', pageSize: '10' })
  const answer = await send(base, { path: `/nacos/v1/cs/history?${fields}` })
  if (answer.status !== 200) return '1'
  const { pageItems } = JSON.parse(answer.text) as { pageItems?: readonly { id?: string }[] }
  return pageItems?.[0]?.id ?? '1'
}

export const layGround = async (base: string): Promise<Facts> => {
  await publish(base, 'kept=1')
  await publish(base, 'kept=2')
  const shown = await send(base, { path: `${configsPath}?${form({ show: 'all', dataId, group })}` })
  const { id } = JSON.parse(shown.text) as { id: string }
  // Answered with 501 by a node that serves no naming: the rows of naming then say so themselves.
  await send(base, { method: 'POST', path: `/nacos/v1/ns/instance?${form({ serviceName: service, ip: '10.0.0.9', port: '8090' })}` })
  const persistent = { serviceName: unchecked, ip: '10.0.0.9', port: '8091', ephemeral: 'false' }
  await send(base, { method: 'POST', path: `/nacos/v1/ns/instance?${form(persistent)}` })
  const nobodyChecks = {
    serviceName: unchecked,
    clusterName: 'DEFAULT',
    checkPort: '80',
    useInstancePort4Check: 'true',
    healthChecker: '{"type":"NONE"}',
  }
  await send(base, { method: 'PUT', path: `/nacos/v1/ns/cluster?${form(nobodyChecks)}` })
  return { dataId, tag, configId: id, nid: await newestChange(base), service, unchecked, password: 'Endpoint-Secret-1' }
}
