/** Clusters of a service and the health of its instances, as people set them (nacos-http 8.8, 9, 14). */

import type { ClusterSpec, InstanceKey, ServiceKey } from '../../../naming/naming-port.ts'
import { type Act, type Call, refuseCall, refusedAs, replyBare, replyData, whenWritten } from './dialect.ts'
import { keyOf } from './instance-fields.ts'
import { quoted } from './java-json.ts'
import { firstText, judgedCluster, portMax, requiredText, serviceOf } from './names.ts'
import { healthIsChecked, refusedFor } from './refusals.ts'
import { checkerFrom, flagFrom, intFrom, metadataOf } from './values.ts'

const specOf = (call: Call): ClusterSpec => {
  const checkPort = intFrom(requiredText(call, 'checkPort', 'Integer'))
  if (checkPort < 0 || checkPort > portMax) refuseCall(400, 'parameter validate error', `checkPort must be from 0 to ${portMax}`)
  const useInstancePort = flagFrom(call.version, 'useInstancePort4Check', requiredText(call, 'useInstancePort4Check', 'Boolean'))
  return { checkPort, useInstancePort, checker: checkerFrom(requiredText(call, 'healthChecker')), metadata: metadataOf(call.parameters) }
}

const noService = ({ group, name }: ServiceKey) => refusedAs(400, 'service not exist', `service not found groupName: ${group},serviceName: ${name}`)

export const updateCluster: Act = (call) => {
  const service = serviceOf(call)
  const cluster = judgedCluster(requiredText(call, 'clusterName'))
  const refused = refusedFor(service, cluster)
  const write = whenWritten(call, (why) => (why === 'service-unknown' ? noService(service) : refused(why)))
  call.port.updateCluster(service, cluster, specOf(call), write)
}

/** v1 knows it as `valid` too; v2 has a code of its own for its absence. */
const healthyText = (call: Call): string => {
  const text = firstText(call.parameters, 'healthy', ...(call.version === 'v1' ? ['valid'] : []))
  if (text === '' && call.version === 'v2') refuseCall(400, 'healthy param miss', "Param 'healthy' is required.")
  return text === '' ? requiredText(call, 'healthy', 'Boolean') : text
}

/** Where a checker works, or nothing is known of the cluster, health is not people's to set; an unknown instance is nobody's mistake. */
export const setHealth: Act = (call) => {
  const service = serviceOf(call)
  const key: InstanceKey = keyOf(call, 'form')
  const healthy = flagFrom(call.version, 'healthy', healthyText(call))
  const refused = refusedFor(service, key.cluster)
  const write = whenWritten(call, (why) => {
    if (why === 'instance-unknown') return null
    return why === 'service-unknown' ? healthIsChecked(service, key.cluster) : refused(why)
  })
  call.port.setHealth(service, key, healthy, write)
}

const checkers = JSON.stringify({
  TCP: { type: 'TCP' },
  HTTP: { type: 'HTTP', path: '', headers: '', expectedResponseCode: 200 },
  MYSQL: { type: 'MYSQL', user: null, pwd: null, cmd: null },
  NONE: { type: 'NONE' },
})

export const showCheckers: Act = (call) => replyData(call, checkers)

export const showServerHealth: Act = (call) => {
  const { parts, port } = call
  const own = parts.members.find(({ id }) => id === parts.nodeId)?.httpPort ?? 0
  const words = `Hello! I am Nacos-Naming and healthy! total services: ${port.counts().services}, local port:${own}`
  replyBare(call, `{"msg":${quoted(words)}}`)
}
