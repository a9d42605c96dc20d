/**
 * How many gRPC clients each node has, and evening that out (nacos-http 11.2, 14.2). A node that does not
 * answer is left out, and the answer says that it is not complete.
 */

import type { ServerResponse } from 'node:http'
import { availableParallelism, loadavg } from 'node:os'
import { askPeers } from '../ask-peers.ts'
import { caused, excerpt, refuse, send, textType } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import { peerPaths } from '../peer-paths.ts'
import type { ConnectionTable, HttpParts } from '../ports.ts'
import { jsonAnswer, resultAnswer, sendIfThere, sendResult } from '../result.ts'
import type { Handler, Routes } from '../router.ts'
import { answerLater } from '../v1/answer-later.ts'
import { httpAddress } from '../v1/raft-state.ts'
import { placeOf, shed } from './loader.ts'

/** One node's, as it tells it: texts, as Nacos has them. */
interface NodeLoad {
  readonly address: string
  readonly metric: Readonly<Record<'conCount' | 'sdkConCount' | 'load' | 'cpu', string>>
}

/** Ours: what the nodes ask each other. */
const ownPath = '/v2/core/loader/own'
const factorUsual = 0.1

const ownLoad = (parts: HttpParts, table: ConnectionTable): NodeLoad => {
  const own = parts.members.find(({ id }) => id === parts.nodeId)
  const [load = 0] = loadavg()
  const count = String(table.size())
  const metric = { sdkConCount: count, conCount: count, load: load.toFixed(2), cpu: Math.min(1, load / availableParallelism()).toFixed(4) }
  return { address: own === undefined ? '' : httpAddress(own), metric }
}

const countOf = ({ metric }: NodeLoad): number => Number(metric.sdkConCount)

const loadOf = (body: Buffer): NodeLoad | null => {
  try {
    const { address, metric } = JSON.parse(body.toString()) as Partial<NodeLoad>
    return typeof address === 'string' && /^\d{1,9}$/.test(String(metric?.sdkConCount)) ? ({ address, metric } as NodeLoad) : null
  } catch {
    // A node that answers something else has told nothing.
    return null
  }
}

const gather = (parts: HttpParts, table: ConnectionTable, response: ServerResponse, done: (loads: readonly NodeLoad[]) => void): void =>
  askPeers(parts, { response, path: peerPaths.ownLoad, fields: {} }, (bodies) =>
    done([ownLoad(parts, table), ...bodies.flatMap((body) => loadOf(body) ?? [])]),
  )

type Detail = (load: NodeLoad) => object

const asTold: Detail = (load) => load
/** The class of v3's own API has no level between, and counts in numbers. */
const flat: Detail = ({ address, metric }) => ({
  ...{ address, sdkConCount: Number(metric.sdkConCount), conCount: Number(metric.conCount), load: metric.load, cpu: metric.cpu },
})

const summary = (parts: HttpParts, loads: readonly NodeLoad[], detail: Detail): object => {
  const counts = loads.map(countOf)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const avg = Math.floor(total / counts.length)
  return {
    detail: loads.toSorted((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true })).map(detail),
    ...{ memberCount: parts.members.length, metricsCount: loads.length, completed: loads.length === parts.members.length },
    ...{ max: Math.max(...counts), min: Math.min(...counts), avg, threshold: String(avg * (1 + factorUsual)), total },
  }
}

const factorOf = (parameters: Parameters): number => {
  const text = limitedText(parameters, 'loaderFactor', 32)
  if (text === '') return factorUsual
  const factor = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  return factor >= 0 && factor <= 1 ? factor : refuse(caused(400, `loaderFactor is no number from 0 to 1: ${excerpt(text)}`))
}

/** Each node keeps as many as the average and the factor allow, and sends the rest to the one that has the fewest. */
const even =
  (parts: HttpParts, table: ConnectionTable, say: (response: ServerResponse, done: boolean) => void): Handler =>
  (_request, response, parameters) => {
    const factor = factorOf(parameters)
    gather(parts, table, response, (loads) => {
      const total = loads.reduce((sum, load) => sum + countOf(load), 0)
      const count = Math.ceil((total / loads.length) * (1 + factor))
      const [least] = loads.toSorted((a, b) => countOf(a) - countOf(b))
      const redirectAddress = least?.address ?? ''
      askPeers(parts, { response, path: peerPaths.reload, fields: { count: String(count), redirectAddress } }, (bodies) => {
        const all = bodies.length === parts.members.length - 1 && loads.length === parts.members.length
        shed(parts, table, { count, place: placeOf(redirectAddress) }).then(
          () => say(response, all),
          (error: unknown) =>
            answerLater(parts, response, () => {
              throw error
            }),
        )
      })
    })
  }

const inWords = (response: ServerResponse, done: boolean): void => {
  if (!response.destroyed) send(response, { status: 200, headers: ['Content-Type', textType], body: done ? 'Ok' : 'Fail' })
}

export const loaderClusterRoutes = (parts: HttpParts): Routes => {
  const { connections: table } = parts
  const cluster =
    (answer: typeof jsonAnswer, detail: Detail): Handler =>
    (_request, response) =>
      gather(parts, table, response, (loads) => sendIfThere(response, answer(summary(parts, loads, detail))))
  return {
    [ownPath]: { access: 'admin', GET: (_request, response) => send(response, jsonAnswer(ownLoad(parts, table))) },
    '/v2/core/loader/cluster': { access: 'admin', GET: cluster(jsonAnswer, asTold) },
    '/v2/core/loader/smartReloadCluster': { access: 'admin', GET: even(parts, table, inWords) },
    '/v3/admin/core/loader/cluster': { access: 'admin', GET: cluster(resultAnswer, flat) },
    '/v3/admin/core/loader/smartReloadCluster': {
      access: 'admin',
      POST: even(parts, table, (response, done) => sendResult(response, done ? 'Ok' : 'Fail')),
    },
  }
}
