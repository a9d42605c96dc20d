/**
 * InstanceRequest, BatchInstanceRequest and PersistentInstanceRequest (nacos-grpc 6.3). What a connection publishes for a service is one thing: a
 * registration replaces it, a deregistration takes it away whatever address it names. A persistent instance belongs to its address.
 */

import type { InstanceSpec, NamingPort } from '../../../naming/naming-port.ts'
import { namingLimits } from '../../../state-machine/areas/naming-tables.ts'
import { errorCodes, errorResponse, failedAs, type GrpcAnswer } from '../answers.ts'
import { type JsonObject, listOf, textOf } from '../json-fields.ts'
import type { RequestHandler } from '../requests.ts'
import { instanceOf, registrableOf, serviceOf } from './names.ts'
import { namingAnswer, namingDeed } from './outcomes.ts'

const register = 'registerInstance'
const deregister = 'deregisterInstance'
const batchRegister = 'batchRegisterInstance'

const single = 'InstanceResponse'
const batch = 'BatchInstanceResponse'
/** As many instances as one publication may hold, with all the metadata that each of them may have. */
const batchBytesMax = 4 * 1024 * 1024

const { publishedAtOnce } = namingLimits

const ephemeral = {
  register: namingDeed(single, register, 'register ephemeral'),
  deregister: namingDeed(single, deregister, 'deregister ephemeral'),
  batch: namingDeed(batch, batchRegister, 'batch register ephemeral'),
} as const
const persistent = {
  register: namingDeed(single, register, 'register persistent'),
  deregister: namingDeed(single, deregister, 'deregister persistent'),
} as const

const bad = (responseType: string, words: string): GrpcAnswer => failedAs(responseType, errorCodes.badRequest, words)
const unsupported = (type: string): GrpcAnswer =>
  errorResponse(errorCodes.badRequest, `Unsupported request type ${type.slice(0, 100)}`, errorCodes.badRequest)

const instanceIn = ({ instance }: JsonObject, type: string): InstanceSpec | string =>
  type === deregister ? instanceOf(instance) : registrableOf(instance)

export const createInstance = (naming: NamingPort): RequestHandler => ({
  ...{ type: 'InstanceRequest', responseType: single, access: 'naming-write' },
  handle: ({ body, connection }, respond) => {
    const service = serviceOf(body)
    if (typeof service === 'string') return respond(bad(single, service))
    const type = textOf(body, 'type')
    const instance = instanceIn(body, type)
    if (typeof instance === 'string') return respond(bad(single, instance))
    if (type !== register && type !== deregister) return respond(unsupported(type))
    const deed = type === register ? ephemeral.register : ephemeral.deregister
    naming.publish(connection.id, service, type === register ? [instance] : [], (outcome) => respond(namingAnswer(deed, service, outcome)))
  },
})

export const createPersistentInstance = (naming: NamingPort): RequestHandler => ({
  ...{ type: 'PersistentInstanceRequest', responseType: single, access: 'naming-write' },
  handle: ({ body }, respond) => {
    const service = serviceOf(body)
    if (typeof service === 'string') return respond(bad(single, service))
    const type = textOf(body, 'type')
    const instance = instanceIn(body, type)
    if (typeof instance === 'string') return respond(bad(single, instance))
    if (type === register) naming.register(service, instance, false, (outcome) => respond(namingAnswer(persistent.register, service, outcome)))
    else if (type === deregister)
      naming.deregister(service, instance, false, (outcome) => respond(namingAnswer(persistent.deregister, service, outcome)))
    else respond(unsupported(type))
  },
})

/** A problem in words, or all of them. */
const instancesOf = (body: JsonObject): readonly InstanceSpec[] | string => {
  const list = listOf(body, 'instances')
  // The machine would refuse it too, but without saying by which of its limits.
  if (list.length > publishedAtOnce)
    return `${list.length} instances are more than the ${publishedAtOnce} that one connection may publish for a service; nothing was registered. Publish the others over another connection`
  const instances: InstanceSpec[] = []
  for (const given of list) {
    const instance = registrableOf(given)
    if (typeof instance === 'string') return instance
    instances.push(instance)
  }
  return instances
}

export const createBatchInstance = (naming: NamingPort): RequestHandler => ({
  ...{ type: 'BatchInstanceRequest', responseType: batch, access: 'naming-write', bodyBytesMax: batchBytesMax },
  handle: ({ body, connection }, respond) => {
    const service = serviceOf(body)
    if (typeof service === 'string') return respond(bad(batch, service))
    const type = textOf(body, 'type')
    if (type !== batchRegister) return respond(unsupported(type))
    const instances = instancesOf(body)
    if (typeof instances === 'string') return respond(bad(batch, instances))
    naming.publish(connection.id, service, instances, (outcome) => respond(namingAnswer(ephemeral.batch, service, outcome)))
  },
})
