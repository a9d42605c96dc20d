/**
 * Register, deregister, update and patch of one instance, and metadata of many (nacos-http 8.2, 8.5, 9, 14). Judges the request, hands it to the
 * port, words the outcome. A register is the hot path of naming: one look at each parameter and one command.
 */

import type { InstanceKey, InstanceTargets, ServiceKey } from '../../../naming/naming-port.ts'
import { type PlainAct, type PlainCall, refuseCall, replyBareOk, replyData, replyOk, whenWritten } from './dialect.ts'
import { addressOf, ephemeralByDefault, ephemeralOf, keyOf, patchOf, specOf, weightOf } from './instance-fields.ts'
import { arrayOf, quoted } from './java-json.ts'
import { defaultCluster, judgedAddress, judgedCluster, refuseMissing, serviceAsInV1, serviceOf, textOf } from './names.ts'
import { noServiceToUpdate, refusedFor } from './refusals.ts'
import { arrayFrom, isObject, metadataOf, scalarText } from './values.ts'

export const register: PlainAct = (call) => {
  const service = serviceOf(call)
  const spec = specOf(call)
  call.port.register(service, spec, ephemeralOf(call, ephemeralByDefault(call)), whenWritten(call, refusedFor(service, spec.cluster)))
}

/** As in Nacos every value is judged, though the address alone decides. */
const deregisterAs = (call: PlainCall, ephemeral: boolean): void => {
  const service = serviceOf(call)
  const address = addressOf(call)
  weightOf(call)
  metadataOf(call.parameters)
  call.port.deregister(service, address, ephemeral, whenWritten(call, refusedFor(service)))
}

export const deregister: PlainAct = (call) => deregisterAs(call, ephemeralOf(call, ephemeralByDefault(call)))

/** Consoles take persistent instances away; an ephemeral one would come back with its next beat. */
export const deregisterAtConsole: PlainAct = (call) => {
  if (ephemeralOf(call, false)) refuseCall(400, 'parameter validate error', 'Console only supports deregistering persistent instances')
  deregisterAs(call, false)
}

/** The service must be there. Whether it has the instance is not asked, as in Nacos. */
const updateAs = (call: PlainCall, ephemeral: boolean): void => {
  const service = serviceOf(call)
  const { ip, port, cluster, weight, enabled, metadata } = specOf(call)
  const refused = refusedFor(service)
  const write = whenWritten(call, (why) =>
    why === 'instance-unknown' ? null : why === 'service-unknown' ? noServiceToUpdate(service, ephemeral) : refused(why),
  )
  call.port.updateInstance(service, { ip, port, cluster }, { weight, enabled, metadata }, write)
}

export const update: PlainAct = (call) => updateAs(call, ephemeralOf(call, ephemeralByDefault(call)))

const patchWith =
  (serviceFrom: (call: PlainCall) => ServiceKey, done: (call: PlainCall) => void): PlainAct =>
  (call) => {
    const service = serviceFrom(call)
    const key = keyOf(call, 'parameter')
    const refused = refusedFor(service)
    const write = whenWritten(
      call,
      (why) => refused(why === 'service-unknown' ? 'instance-unknown' : why),
      () => done(call),
    )
    call.port.updateInstance(service, key, patchOf(call), write)
  }

/** v2 kept v1's name and bare text. */
export const patch: PlainAct = patchWith(serviceAsInV1, replyBareOk)
export const patchPartly: PlainAct = patchWith(serviceOf, replyOk)

const instancesMax = 1_000

const badInstances = (why: string): never => refuseCall(400, 'parameter validate error', `Param 'instances' is illegal: ${why}; nothing was changed`)

/** No list means all instances of the service; Nacos takes a broken one for none, which would change them all: here it is refused. */
const namedKeys = ({ parameters }: PlainCall): readonly InstanceKey[] => {
  const text = textOf(parameters, 'instances')
  if (text === '') return []
  const items = arrayFrom(text) ?? badInstances('it is no JSON array')
  if (items.length > instancesMax) badInstances(`more than ${instancesMax}`)
  return items.map((item) => {
    const fields = isObject(item) ? item : badInstances('an item is no object')
    const cluster = judgedCluster(scalarText(fields, 'clusterName') ?? '') || defaultCluster
    return { ...judgedAddress(scalarText(fields, 'ip') ?? '', scalarText(fields, 'port') ?? ''), cluster }
  })
}

const consistencyOf = ({ parameters }: PlainCall): 'persistent' | 'ephemeral' =>
  textOf(parameters, 'consistencyType') === 'persist' ? 'persistent' : 'ephemeral'

/** The `unknown` is real. */
const metText = ({ ip, port, cluster }: InstanceKey, kind: string): string => quoted(`${ip}:${port}:unknown:${cluster}:${kind}`)

export const changeMetadata =
  (mode: 'put' | 'drop'): PlainAct =>
  (call) => {
    const service = serviceOf(call)
    if (textOf(call.parameters, 'metadata') === '') refuseMissing(call.version, 'metadata')
    const consistency = consistencyOf(call)
    const targets: InstanceTargets = { consistency, keys: namedKeys(call) }
    const met = (keys: readonly InstanceKey[]): string => `{"updated":${arrayOf(keys.map((key) => metText(key, consistency)))}}`
    const refused = refusedFor(service)
    const write = whenWritten(
      call,
      (why) => (why === 'service-unknown' || why === 'instance-unknown' ? null : refused(why)),
      (updated) => replyData(call, met(updated)),
    )
    call.port.updateMetadata(service, targets, { mode, metadata: metadataOf(call.parameters) }, write)
  }
