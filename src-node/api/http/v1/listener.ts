/**
 * `POST /v1/cs/configs/listener`: the long poll (nacos-http 5.10). Registers before it compares; the answer echoes the namespace
 * as the client wrote it. A long list is read in slices, one a turn.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Resource } from '../../../auth/permission-match.ts'
import { chosenMd5 } from '../../../notify/chosen-version.ts'
import type { PolledKey } from '../../../notify/poll-table.ts'
import type { GrayClient } from '../../../state-machine/areas/gray-choice.ts'
import { type Answer, answerOf, caused, excerpt, jsonType, noCache, refusal, refuse, send } from '../errors.ts'
import { createFormDecoder } from '../form.ts'
import { listenedKey, type Parameters, utf8Text } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler } from '../router.ts'
import { clientOf } from './version-choice.ts'

const entriesMax = 10_000
/** 10,000 entries of the longest names are 5 MiB. */
const listBytesMax = 8 * 1024 * 1024
const entriesPerTurn = 1_000
/** Nacos holds a poll half a second less than the client waits, and never less than ten seconds. */
const holdMsMin = 10_000
const holdEarlierMs = 500
/** No known client asks for more than a minute; a poll must not outlive every timeout in between. */
const holdMsMax = 300_000
/** What a header may carry of a short poll's result. */
const headerCharactersMax = 8_192
/** `Client-Version` from which a short poll has no headers; in numbers as Nacos makes them: 2.0.4 is 204. */
const headerlessFrom = 204

const headers = ['Content-Type', jsonType, ...noCache] as const
const unchanged: Answer = { status: 200, headers, body: '' }
const invalidProbe = (): never => refuse(caused(400, 'invalid probeModify'))

/** The server decodes the field once more after the form (nacos-http 5.10). */
const decodeAgain = (value: Buffer): Buffer => {
  if (!value.includes(0x25) && !value.includes(0x2b)) return value
  const decoder = createFormDecoder()
  // As a value: `&` and `=` within it are plain characters, which cannot occur in valid names anyway.
  decoder.feed(Buffer.from('v='))
  decoder.feed(value)
  const result = decoder.end()
  return result.ok && result.fields.length === 1 ? (result.fields[0]?.value ?? value) : invalidProbe()
}

const listOf = (parameters: Parameters): string[] => {
  const field = parameters.bytes('Listening-Configs')
  if (field === undefined) return invalidProbe()
  if (field.overlong || field.value.length > listBytesMax) return invalidProbe()
  const text = utf8Text(decodeAgain(field.value), 'Listening-Configs')
  if (text.trim() === '') return invalidProbe()
  const entries = text.split('\x01', entriesMax + 2)
  if (entries[entries.length - 1] === '') entries.pop()
  return entries.length > entriesMax ? invalidProbe() : entries
}

const polledKey = (entry: string): PolledKey => {
  const [dataId = '', group, md5, tenant, more] = entry.split('\x02', 5)
  if (group === undefined || md5 === undefined || more !== undefined) return invalidProbe()
  return { key: listenedKey(dataId, group, tenant ?? ''), tenant: tenant ?? '', md5: md5.length > 64 ? excerpt(md5) : md5 }
}

/** Each listened configuration stands for itself, in the namespace of its entry. Read twice where somebody is asked, and nowhere else. */
export const listenedResources = (parameters: Parameters): readonly Resource[] =>
  listOf(parameters).map((entry) => {
    const { namespace, group, dataId } = polledKey(entry).key
    return { namespace, group, kind: 'config', name: dataId }
  })

const encoded = (changed: readonly PolledKey[]): string => {
  let text = ''
  for (const { key, tenant } of changed) {
    const namespace = tenant.trim() === '' ? '' : `%02${encodeURIComponent(tenant)}`
    text += `${encodeURIComponent(key.dataId)}%02${encodeURIComponent(key.group)}${namespace}%01`
  }
  return text
}

const changedAnswer = (changed: readonly PolledKey[]): Answer => ({ status: 200, headers, body: `${encoded(changed)}\n` })

const versionNumber = (request: IncomingMessage): number => {
  const words = /^\D*(\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(String(request.headers['client-version'] ?? '2.0.0'))
  return words === null ? 200 : Number(words[1]) * 100 + Number(words[2]) * 10 + Number(words[3])
}

/** Without a timeout header: the result stands in two headers for old clients, nowhere for the others. */
const shortAnswer = (request: IncomingMessage, changed: readonly PolledKey[]): Answer => {
  if (versionNumber(request) >= headerlessFrom) return unchanged
  const plain = changed.map(({ key }) => `${key.dataId}:${key.group};`).join('')
  const full = encoded(changed)
  if (full.length > headerCharactersMax) return caused(400, 'too many changes for a short poll; send Long-Pulling-Timeout')
  return { ...unchanged, headers: [...headers, 'Probe-Modify-Response', plain, 'Probe-Modify-Response-New', full] }
}

const holdMs = (given: string): number => {
  if (!/^[+-]?\d{1,19}$/.test(given)) return refuse(caused(400, `For input string: "${excerpt(given)}"`))
  return Math.min(holdMsMax, Math.max(holdMsMin, Number(given) - holdEarlierMs))
}

interface Poll {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly timeout: string | undefined
}

export const createListener = (parts: HttpParts): Handler => {
  const chosen = { grays: parts.grays, find: parts.configs.find }
  const differing = (keys: readonly PolledKey[], client: GrayClient): PolledKey[] =>
    keys.filter(({ key, md5 }) => chosenMd5(chosen, key, client) !== md5)

  const answer = (poll: Poll, keys: readonly PolledKey[]): void => {
    const { request, response, timeout } = poll
    if (response.destroyed) return
    const client = clientOf(request)
    if (timeout === undefined) {
      send(response, shortAnswer(request, differing(keys, client)))
      return
    }
    const timeoutMs = holdMs(timeout)
    const leave = parts.polls.register({
      client,
      keys,
      timeoutMs,
      answer: (changed) => {
        if (response.destroyed) return
        if (changed !== null) parts.counters.pushes++
        send(response, changed === null ? unchanged : changedAnswer([changed]))
      },
    })
    if (leave === null) {
      send(response, refusal('overloaded', 'this node holds as many long polls as it may'))
      return
    }
    const changed = differing(keys, client)
    const hangs = request.headers['long-pulling-timeout-no-hangup'] !== 'true'
    if (changed.length === 0 && hangs) response.on('close', leave)
    else {
      leave()
      send(response, changed.length === 0 ? unchanged : changedAnswer(changed))
    }
  }

  const readOn = (poll: Poll, entries: readonly string[], keys: PolledKey[]): void => {
    try {
      const until = Math.min(entries.length, keys.length + entriesPerTurn)
      while (keys.length < until) keys.push(polledKey(entries[keys.length] ?? ''))
      if (keys.length < entries.length) setImmediate(() => readOn(poll, entries, keys))
      else answer(poll, keys)
    } catch (error) {
      const refused = answerOf(error)
      if (refused === null) parts.failed('reading a long poll', error)
      if (!poll.response.headersSent) send(poll.response, refused ?? caused(500, 'the poll could not be read'))
    }
  }

  return (request, response, parameters) => {
    const timeout = request.headers['long-pulling-timeout']
    readOn({ request, response, timeout: typeof timeout === 'string' ? timeout : undefined }, listOf(parameters), [])
  }
}
