/**
 * Clones configurations, by their ids, into a namespace and under other names if those are given (nacos-http 5.9, 14): the policies, the answer and the
 * writes are those of an import. Owns what may be asked for in one go.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { isStorageFailure } from '../../../storage/storage-failure.ts'
import { socketIpOf } from '../client-ip.ts'
import { caused, excerpt, refusal, refuse } from '../errors.ts'
import { limitedText, listedName, optionalNamespace, type Parameters, sourceUserOf } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { refuseOthers } from '../resources.ts'
import { jsonAnswer, sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { type CloneItem, cloneSource } from './clone-items.ts'
import { outcomePieces } from './import-answer.ts'
import { type WriteOrder, whyNotNow, writeItems } from './import-file.ts'
import { policyOf } from './import-policy.ts'
import { sendPieces } from './json-pieces.ts'
import { createScanQueue } from './scan-queue.ts'
import { v1NoNamespace, v3NoNamespace } from './zip-names.ts'

/** Each holds its rows and its list; a console sends a page of ids. */
const clonesMax = 2
const itemsMax = 10_000
/** So many items with the longest names. */
export const cloneBytesMax = 8 * 1024 * 1024

interface Asked {
  readonly id: number
  readonly dataId: string
  readonly group: string
}

interface Told {
  readonly code: number
  readonly message: string
}

export interface CloneNames {
  /** Of the target namespace; the first that is given counts. */
  readonly target: readonly ('tenant' | 'targetNamespaceId' | 'namespaceId')[]
  readonly success: Told
  readonly noNamespace: Told
}
export const v1CloneNames: CloneNames = {
  target: ['tenant'],
  success: { code: 200, message: 'Clone Completed Successfully' },
  noNamespace: v1NoNamespace,
}
export const v3CloneNames: CloneNames = {
  target: ['targetNamespaceId', 'namespaceId'],
  success: { code: 0, message: 'success' },
  noNamespace: v3NoNamespace,
}

/** The codes of imports (nacos-http 2.3). */
const nothingSelected = { code: 100_006, message: 'No configuration selected', data: { succCount: 0 } }
const nothingThere = { code: 100_005, message: 'none of the selected configurations is there', data: { succCount: 0 } }

const unreadable = (words: string): never => refuse(caused(400, `the list of what is to be cloned cannot be read: ${words}`))

const parsed = (json: Buffer): unknown => {
  try {
    return JSON.parse(json.toString())
  } catch {
    return unreadable('it is no JSON')
  }
}

const textIn = (object: Record<string, unknown>, ...names: readonly string[]): string => {
  for (const name of names) {
    const value = object[name]
    if (typeof value === 'string') return value.trim()
    if (value !== undefined && value !== null) unreadable(`${name} is no text`)
  }
  return ''
}

/** Consoles send ids as numbers or as the strings they got. */
const askedOf = (value: unknown): Asked => {
  if (typeof value !== 'object' || value === null) return unreadable('an entry is no object')
  const object = value as Record<string, unknown>
  const id = object.cfgId ?? object.configId
  if (!/^\d{1,15}$/.test(String(id))) return unreadable(`cfgId ${excerpt(String(id))} is no number`)
  return { id: Number(id), dataId: textIn(object, 'dataId', 'targetDataId'), group: textIn(object, 'group', 'targetGroupName') }
}

const listOf = (parameters: Parameters): readonly Asked[] => {
  const json = parameters.json()
  if (json === null) return []
  const list = parsed(json)
  if (!Array.isArray(list)) return unreadable('it is no list')
  if (list.length > itemsMax) return unreadable(`it has over ${itemsMax} entries`)
  return list.filter((entry: unknown) => entry !== null).map(askedOf)
}

export const createClone = (parts: HttpParts): ((names: CloneNames) => Handler) => {
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)
  let running = 0

  const orderOf = (request: IncomingMessage, parameters: Parameters, { target }: CloneNames): WriteOrder => {
    const name = target.find((each) => parameters.has(each)) ?? target[0] ?? ''
    return {
      ...{ namespace: optionalNamespace(parameters, name), policy: policyOf(limitedText(parameters, 'policy', 32)) },
      ...{ sourceUser: sourceUserOf(parameters, 'src_user'), sourceIp: socketIpOf(request) },
    }
  }

  const carryOut = async (response: ServerResponse, clones: readonly CloneItem[], order: WriteOrder, names: CloneNames): Promise<void> => {
    const refused = await whyNotNow(parts)
    if (refused !== null) return sendIfThere(response, refused)
    const source = cloneSource(parts, clones)
    const outcome = await writeItems(parts, source, order, () => undefined)
    const pieces = outcomePieces({ outcome, items: source.items, unrecognized: { count: 0, names: [] } }, names)
    if (!response.destroyed) sendPieces(parts, response, pieces)
  }

  const cloneRows = (response: ServerResponse, clones: readonly CloneItem[], order: WriteOrder, names: CloneNames): void => {
    if (clones.length === 0) {
      sendIfThere(response, jsonAnswer(nothingThere))
      return
    }
    if (running >= clonesMax) refuse(refusal('overloaded', `this node clones ${clonesMax} times already; try again`))
    running++
    carryOut(response, clones, order, names)
      .catch((error: unknown) =>
        answerLater(parts, response, () => {
          if (!isStorageFailure(error)) parts.failed('cloning configurations', error)
          throw error
        }),
      )
      .finally(() => {
        running--
      })
  }

  return (names) => (request, response, parameters) => {
    const asked = listOf(parameters)
    const order = orderOf(request, parameters, names)
    for (const { dataId, group } of asked) listedName(dataId, group)
    if (asked.length === 0) return sendIfThere(response, jsonAnswer(nothingSelected))
    if (order.namespace !== '' && parts.namespaces.find(order.namespace) === undefined)
      return sendIfThere(response, jsonAnswer({ ...names.noNamespace, data: { succCount: 0 } }))
    // The first of two entries for one id counts, as in Nacos.
    const byId = new Map(asked.toReversed().map((each) => [each.id, each]))
    const clones: CloneItem[] = []
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        const to = byId.get(row.id)
        if (to !== undefined)
          clones.push({ row, to: { dataId: to.dataId === '' ? row.dataId : to.dataId, group: to.group === '' ? row.group : to.group } })
      },
      done: () =>
        answerLater(parts, response, () => {
          refuseOthers(
            parameters,
            'r',
            clones.map(({ row }) => row),
          )
          cloneRows(response, clones, order, names)
        }),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
  }
}
