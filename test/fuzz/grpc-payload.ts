/**
 * gRPC messages as bytes, made from requests that clients send: right to begin with, and then up to two things about each are not, in its JSON, in its
 * protocol buffer or in its frame. The number of a payload and the seed decide all of it.
 */

import { encodePlain } from '../../src-node/api/grpc/client.testing.ts'
import { createDice, type Dice } from '../sim/world.ts'
import { bent, oddValue } from './odd-values.ts'

export interface FuzzPayload {
  readonly number: number
  readonly what: string
  /** One frame, or what lies of being one. */
  readonly bytes: Buffer
  /** Its frame is no frame: the stream may end without an answer. */
  readonly lies: boolean
}

const named = { dataId: 'fuzz', group: 'DEFAULT_GROUP', tenant: '' }
const service = { namespace: 'public', serviceName: 'fuzz', groupName: 'DEFAULT_GROUP' }
const instance = { ip: '10.0.0.5', port: 8080, weight: 1, healthy: true, enabled: true, ephemeral: true, clusterName: 'DEFAULT', metadata: {} }
const contexts = (count: number) => Array.from({ length: count }, (_, at) => ({ ...named, dataId: `fuzz-${at}`, md5: '' }))

const requests: readonly (readonly [type: string, body: object])[] = [
  ['ServerCheckRequest', {}],
  ['HealthCheckRequest', {}],
  ['ConfigPublishRequest', { ...named, content: 'a=1', casMd5: '', additionMap: { type: 'properties', config_tags: 'a,b', betaIps: '' } }],
  ['ConfigQueryRequest', { ...named, notify: false }],
  ['ConfigRemoveRequest', named],
  ['ConfigBatchListenRequest', { listen: true, configListenContexts: contexts(3) }],
  ['ConfigBatchListenRequest', { listen: false, configListenContexts: contexts(3) }],
  ['ConfigFuzzyWatchRequest', { groupKeyPattern: 'public>>*>>fuzz*', receivedGroupKeys: ['fuzz+G+public'], watchType: 'WATCH', initializing: true }],
  ['ConfigFuzzyWatchRequest', { groupKeyPattern: 'public>>*>>fuzz*', receivedGroupKeys: [], watchType: 'CANCEL_WATCH', initializing: false }],
  [
    'NamingFuzzyWatchRequest',
    { groupKeyPattern: 'public>>*>>*', receivedGroupKeys: [], watchType: 'WATCH', initializing: true, namespace: 'public' },
  ],
  ['InstanceRequest', { ...service, type: 'registerInstance', instance }],
  ['InstanceRequest', { ...service, type: 'deregisterInstance', instance }],
  ['PersistentInstanceRequest', { ...service, serviceName: 'kept', type: 'registerInstance', instance: { ...instance, ephemeral: false } }],
  ['PersistentInstanceRequest', { ...service, serviceName: 'kept', type: 'deregisterInstance', instance: { ...instance, ephemeral: false } }],
  ['BatchInstanceRequest', { ...service, serviceName: 'batch', type: 'batchRegisterInstance', instances: [instance, { ...instance, port: 8081 }] }],
  ['ServiceListRequest', { ...service, pageNo: 1, pageSize: 10, selector: '' }],
  ['ServiceQueryRequest', { ...service, cluster: '', healthyOnly: false, udpPort: 0 }],
  ['SubscribeServiceRequest', { ...service, subscribe: true, clusters: '' }],
  ['SubscribeServiceRequest', { ...service, subscribe: false, clusters: '' }],
]
const otherTypes = [
  '',
  'NoSuchRequest',
  'DistroDataRequest',
  'MemberReportRequest',
  'ConnectionSetupRequest',
  '__proto__',
  'constructor',
  'PushAckRequest',
  'a'.repeat(5_000),
]

const oddJson = (dice: Dice): unknown =>
  dice.pick([
    null,
    -1,
    1e300,
    1.5,
    '',
    [],
    {},
    true,
    'x'.repeat(3_000),
    [[[[]]]],
    '\u0000',
    '\ud800',
    '../..',
    { __proto__: 1 },
    2 ** 53,
    '1',
    decodeURIOr(oddValue(dice).slice(0, 2_000)),
  ])

const decodeURIOr = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

interface Draft {
  type: string
  body: Record<string, unknown>
  /** In place of the body. */
  text: string | null
  bend: ((bytes: Buffer, dice: Dice) => Buffer) | null
  lies: boolean
}

const bends: Readonly<Record<string, (draft: Draft, dice: Dice) => void>> = {
  'a member is odd': (draft, dice) => {
    draft.body[dice.pick([...Object.keys(draft.body), 'headers', 'requestId', 'module'])] = oddJson(dice)
  },
  'a member is gone': (draft, dice) => void delete draft.body[dice.pick([...Object.keys(draft.body), 'module'])],
  'another type': (draft, dice) => {
    draft.type = dice.pick([...otherTypes, ...requests.map(([type]) => type)])
  },
  'the JSON is damaged': (draft, dice) => {
    draft.text = bent(JSON.stringify(draft.body), dice)
  },
  'the JSON is deep': (draft, dice) => {
    draft.text = dice.pick(['[', '{"a":']).repeat(dice.between(100, 30_000))
  },
  'ten thousand listens': (draft) => {
    draft.type = 'ConfigBatchListenRequest'
    draft.body = { listen: true, configListenContexts: contexts(10_000) }
  },
  'the message is damaged': (draft) => {
    draft.bend = (bytes, dice) => {
      const copy = Buffer.from(bytes)
      for (let more = dice.between(1, 8); more > 0; more--) copy[dice.between(0, copy.length - 1)] = dice.between(0, 255)
      return copy
    }
  },
  'the message is cut': (draft) => {
    draft.bend = (bytes, dice) => bytes.subarray(0, dice.between(0, bytes.length))
  },
  'the frame is a lie': (draft) => {
    draft.lies = true
  },
}
const bendNames = Object.keys(bends)

const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const lying = (frame: Buffer, dice: Dice): Buffer => {
  const copy = Buffer.from(frame)
  switch (dice.between(0, 3)) {
    case 0:
      copy.writeUInt32BE(dice.pick([0, 1, copy.length + 10, 0x7fffffff, 0xffffffff]), 1)
      return copy
    case 1:
      copy[0] = dice.pick([1, 2, 255])
      return copy
    case 2:
      return copy.subarray(0, dice.between(0, copy.length - 1))
    default:
      return Buffer.concat([copy, copy])
  }
}

export const payloadNumber = (seed: number, number: number): FuzzPayload => {
  const dice = createDice((seed ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0)
  const [type, body] = dice.pick(requests)
  const draft: Draft = { type, body: { headers: {}, ...structuredClone(body) }, text: null, bend: null, lies: false }
  const done = Array.from({ length: dice.between(0, 2) }, () => {
    // Ten thousand of anything are a second's work for nobody, but not each time.
    const name = dice.pick(dice.chance(0.02) ? bendNames : bendNames.filter((each) => each !== 'ten thousand listens'))
    bends[name]?.(draft, dice)
    return name
  })
  const plain = encodePlain(draft.type, draft.text ?? JSON.stringify(draft.body))
  const frame = framed(draft.bend === null ? plain : draft.bend(plain, dice))
  return { number, what: [type, ...done].join('; '), bytes: draft.lies ? lying(frame, dice) : frame, lies: draft.lies }
}
