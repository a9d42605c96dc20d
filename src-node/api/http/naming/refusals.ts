/** Why the state machine changed nothing, in Nacos's words, statuses and codes (nacos-http 8.2, 8.6, 8.8). One text for each reason; calls with another text of their own say so. */

import type { ServiceKey } from '../../../naming/naming-port.ts'
import type { Answer } from '../errors.ts'
import { refusedAs, type Why } from './dialect.ts'
import { groupedName } from './names.ts'

const tooMany =
  'a limit of this cluster is reached: no more services, or no more instances of this service; nothing was written. Remove what nobody needs, then try again'

/** Wrapped as Nacos wraps what its inner layers throw; the blank at the end is real. */
const otherKind = (service: ServiceKey, is: string, cannot: string): string =>
  `errCode: 400, errMsg: Current service ${groupedName(service)} is ${is} service, can't register ${cannot} instance. `

/** As Java prints the service object. */
const printed = ({ namespace, group, name }: ServiceKey, ephemeral: boolean): string =>
  `Service{namespace='${namespace}', group='${group}', name='${name}', ephemeral=${ephemeral}, revision=0}`

/** What an update of an instance says of a service that is not there. */
export const noServiceToUpdate = (service: ServiceKey, ephemeral: boolean): Answer =>
  refusedAs(400, 'instance error', `service not found, namespace: ${service.namespace}, service: ${printed(service, ephemeral)}`)

export const noServiceToShow = (service: ServiceKey): Answer =>
  refusedAs(400, 'service not exist', `service not found, namespace: ${service.namespace}, serviceName: ${groupedName(service)}`)

export const noMatchedIp: Answer = refusedAs(404, 'resource not found', 'no matched ip found!')

export const noCluster = (cluster: string): Answer => refusedAs(404, 'resource not found', `cluster ${cluster} is not found!`)

export const healthIsChecked = (service: ServiceKey, cluster: string): Answer =>
  refusedAs(400, 'health check still running', `health check is still working, service: ${groupedName(service)}, cluster: ${cluster}`)

/** @param cluster of the instance that was written */
export const refusedFor =
  (service: ServiceKey, cluster = '') =>
  (why: Why): Answer => {
    const grouped = groupedName(service)
    switch (why) {
      case 'service-is-ephemeral':
        return refusedAs(400, 'server error', otherKind(service, 'ephemeral', 'persistent'))
      case 'service-is-persistent':
        return refusedAs(400, 'server error', otherKind(service, 'persistent', 'ephemeral'))
      case 'service-exists':
        return refusedAs(400, 'service already exist', `specified service ${grouped} already exists!`)
      case 'service-unknown':
        return refusedAs(400, 'service not exist', `service ${grouped} not found!`)
      case 'service-not-empty':
        return refusedAs(400, 'service delete failure', `Service ${grouped} is not empty, can't be delete. Please unregister instance first`)
      case 'instance-unknown':
        return noMatchedIp
      case 'health-is-checked':
        return healthIsChecked(service, cluster)
      case 'switch-unknown':
      case 'switch-value':
      case 'connection-unknown':
        return refusedAs(400, 'parameter validate error', 'illegal argument')
      case 'too-many':
        return refusedAs(503, 'server error', tooMany)
    }
  }
