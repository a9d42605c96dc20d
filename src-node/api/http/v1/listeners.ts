/**
 * Who listens to a configuration, and what a client listens to (nacos-http 5.11, 14): gathered from all nodes, each of which tells its own. Every way of
 * listening is in it.
 */

import type { ConfigKey } from '../../../state-machine/types.ts'
import { askPeers, type PeerQuestion } from '../ask-peers.ts'
import { type ConfigNames, v1ConfigNames, v3ConfigNames } from '../config-names.ts'
import { missingParameter, refuse } from '../errors.ts'
import { escapedKeyPart, groupKey } from '../group-key.ts'
import { configKey, limitedText, optionalNamespace, type Parameters } from '../parameters.ts'
import { peerPaths } from '../peer-paths.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, resultAnswer, sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'

/** Client to md5, or configuration to md5. */
type Status = Map<string, string>

/** Of one answer; more than a person looks through, less than a turn of the loop. */
const entriesMax = 50_000
const ipCharactersMax = 128

const fill = <T>(status: Status, entries: Iterable<T>, read: (entry: T) => readonly [string, string]): void => {
  for (const entry of entries) {
    if (status.size >= entriesMax) return
    const [name, md5] = read(entry)
    status.set(name, md5)
  }
}

const shown = (status: Status): object => ({ collectStatus: 200, lisentersGroupkeyStatus: Object.fromEntries(status) })

const takeAnswer = (status: Status, body: Buffer): void => {
  try {
    const answer: unknown = JSON.parse(body.toString())
    const theirs = typeof answer === 'object' && answer !== null && 'lisentersGroupkeyStatus' in answer ? answer.lisentersGroupkeyStatus : null
    if (typeof theirs !== 'object' || theirs === null) return
    fill(status, Object.entries(theirs), ([name, md5]: [string, unknown]) => [name, String(md5)])
  } catch {
    // A node that answers something else has told nothing.
  }
}

interface Question extends PeerQuestion {
  readonly own: Status
}

export interface Listeners {
  /** Of a configuration. */
  readonly v1: Handler
  readonly v3: Handler
  /** Of a client. */
  readonly byIpV1: Handler
  readonly byIpV3: Handler
  /** What the nodes ask each other. */
  readonly watchers: Handler
  readonly watched: Handler
}

export const createListeners = (parts: HttpParts): Listeners => {
  const ofKey = (key: ConfigKey): Status => {
    const status: Status = new Map()
    for (const view of parts.listenerViews) fill(status, view.ofKey(key), ({ ip, md5 }) => [ip, md5])
    return status
  }
  const ofIp = (ip: string): Status => {
    const status: Status = new Map()
    for (const view of parts.listenerViews) fill(status, view.ofIp(ip), ({ key, md5 }) => [groupKey(key), md5])
    return status
  }

  const gather = (question: Question, done: (status: Status) => void): void =>
    askPeers(parts, question, (bodies) => {
      for (const body of bodies) takeAnswer(question.own, body)
      done(question.own)
    })

  const byKey =
    (names: ConfigNames): Handler =>
    (_request, response, parameters) => {
      const key = configKey(parameters, names)
      const fields = { dataId: key.dataId, group: key.group, tenant: key.namespace }
      gather({ response, path: peerPaths.watchers, fields, own: ofKey(key) }, (status) => {
        const listenersStatus = Object.fromEntries(status)
        sendIfThere(response, names.enveloped ? resultAnswer({ queryType: 'config', listenersStatus }) : jsonAnswer(shown(status)))
      })
    }

  const ipOf = (parameters: Parameters): string => {
    if (!parameters.has('ip')) refuse(missingParameter('ip', 'String'))
    return limitedText(parameters, 'ip', ipCharactersMax)
  }
  const byIp =
    (names: ConfigNames): Handler =>
    (_request, response, parameters) => {
      const ip = ipOf(parameters)
      const namespace = optionalNamespace(parameters, names.namespace)
      const all = limitedText(parameters, 'all', 8) === 'true'
      gather({ response, path: peerPaths.watched, fields: { ip }, own: ofIp(ip) }, (status) => {
        const wanted = [...status].filter(([key]) => {
          const inNamespace = key.split('+')[2]
          return all || inNamespace === undefined || (namespace !== '' && inNamespace === escapedKeyPart(namespace))
        })
        const listenersStatus = Object.fromEntries(wanted)
        sendIfThere(response, names.enveloped ? resultAnswer({ queryType: 'ip', listenersStatus }) : jsonAnswer(shown(new Map(wanted))))
      })
    }

  return {
    ...{ v1: byKey(v1ConfigNames), v3: byKey(v3ConfigNames), byIpV1: byIp(v1ConfigNames), byIpV3: byIp(v3ConfigNames) },
    watchers: (_request, response, parameters) => sendIfThere(response, jsonAnswer(shown(ofKey(configKey(parameters))))),
    watched: (_request, response, parameters) => sendIfThere(response, jsonAnswer(shown(ofIp(ipOf(parameters))))),
  }
}
