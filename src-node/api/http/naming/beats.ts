/**
 * Beats of instances that registered over HTTP (nacos-http 8.4, 14.1). Read here, kept by the port. A full beat registers an instance that is unknown:
 * clients that ignore the code would otherwise be lost after a restart.
 */

import type { Beat, BeatAnswer, InstanceSpec, ServiceKey } from '../../../naming/naming-port.ts'
import { refusal, refuse, resultFailure } from '../errors.ts'
import { answerLater } from '../v1/answer-later.ts'
import { type PlainAct, type PlainCall, refuseCall, reply, replyBare, replyOk } from './dialect.ts'
import { judgedSpec, keyOf } from './instance-fields.ts'
import { register } from './instance-writes.ts'
import { clusterOf, defaultCluster, judgedAddress, judgedCluster, optionalIp, optionalPort, serviceAsInV1, serviceOf, textOf } from './names.ts'
import { refusedFor } from './refusals.ts'
import { flagOf, isObject, metadataFromObject, objectFrom, scalarText, weightFrom } from './values.ts'

const beatOk = 10_200
const beatUnknown = 20_404

const badBeat = (why: string): never => refuseCall(400, 'parameter validate error', `Param 'beat' is illegal: ${why}`)

/** The instance as its beat describes it; what it leaves out is what a register would take. */
const specIn = (beat: Readonly<Record<string, unknown>>, cluster: string): InstanceSpec => {
  const { ip, port } = judgedAddress(scalarText(beat, 'ip') ?? badBeat('it names no ip'), scalarText(beat, 'port') ?? badBeat('it names no port'))
  const given = Object.hasOwn(beat, 'metadata') ? beat.metadata : null
  const metadata = isObject(given) ? (metadataFromObject(given) ?? badBeat('its metadata is no map of texts')) : {}
  const weight = scalarText(beat, 'weight')
  return judgedSpec({ ip, port, cluster, weight: weight === undefined ? 1 : weightFrom(weight), enabled: true, healthy: true, metadata })
}

const beatOf = (call: PlainCall): Beat => {
  const { parameters } = call
  const text = textOf(parameters, 'beat')
  const cluster = clusterOf(parameters, 'clusterName', 'cluster')
  if (text === '') return { ip: optionalIp(parameters, 'ip'), port: optionalPort(parameters, 'port'), cluster, spec: null }
  const beat = objectFrom(text) ?? badBeat('it is no JSON object')
  const spec = specIn(beat, judgedCluster(scalarText(beat, 'cluster') ?? '') || (cluster === '' ? defaultCluster : cluster))
  return { ip: spec.ip, port: spec.port, cluster: spec.cluster, spec }
}

/** A full beat of an instance whose registration was refused, or of which nobody knows. */
const failed = (call: PlainCall, service: ServiceKey, cluster: string, answer: Extract<BeatAnswer, { kind: 'failed' }>): void => {
  const { outcome } = answer
  if (outcome.kind !== 'applied') refuse(refusal(outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
  else if (outcome.reply.kind === 'naming-refused') reply(call, refusedFor(service, cluster)(outcome.reply.why))
}

const heard = (call: PlainCall, service: ServiceKey, cluster: string, answer: BeatAnswer): void => {
  if (answer.kind === 'failed') {
    failed(call, service, cluster, answer)
    return
  }
  const code = answer.kind === 'taken' ? beatOk : beatUnknown
  replyBare(call, `{"clientBeatInterval":${answer.intervalMs},"code":${code},"lightBeatEnabled":${answer.lightBeat}}`)
}

export const beatOfService = (call: PlainCall, service: ServiceKey): void => {
  const given = beatOf(call)
  call.port.beat(service, given, (answer) => answerLater(call.parts, call.response, () => heard(call, service, given.cluster, answer)))
}

/** v1's, which v2 took over unwrapped. */
export const beat: PlainAct = (call) => beatOfService(call, serviceAsInV1(call))

/** Always a light one. */
const beatV3: PlainAct = (call) => {
  const service = serviceOf(call)
  const key = keyOf(call, 'form')
  call.port.beat(service, { ...key, spec: null }, (answer) =>
    answerLater(call.parts, call.response, () => {
      if (answer.kind === 'failed') failed(call, service, key.cluster, answer)
      else if (answer.kind === 'taken') replyOk(call)
      else reply(call, resultFailure(200, 'instance not found', null))
    }),
  )
}

/** 3.x clients beat at the place where they register. */
export const registerOrBeat: PlainAct = (call) => (flagOf(call, 'heartBeat', false) ? beatV3(call) : register(call))
