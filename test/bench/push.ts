/** From "your publish is done" to "your configuration changed": one writer, one waiting listener at each node. */

import { createHash } from 'node:crypto'
import type { HeadlessCluster } from '../support/headless.ts'
import { connectRaw, exchange, type RawConnection } from './raw-http.ts'
import { contentOf, pollRequest, publishRequest, readRequest } from './requests.ts'

const dataId = 'bench-watched'
const minRounds = 100

export interface PushFigures {
  /** Milliseconds from the publish's answer to the listener's; 0 if the listener was told first. */
  readonly allMs: readonly number[]
  readonly byNode: readonly { readonly node: number; readonly samplesMs: readonly number[] }[]
}

interface Watcher {
  readonly node: number
  readonly poll: RawConnection
  readonly probe: RawConnection
}

const md5 = (content: string): string => createHash('md5').update(content).digest('hex')

const ok = async (connection: RawConnection, request: string): Promise<string> => {
  const answer = await exchange(connection, request)
  if (answer?.status !== 200) throw new Error(`push: answered ${answer?.status ?? 'nothing'} ${answer?.body ?? ''}`)
  return answer.body
}

const told = async (watcher: Watcher, known: string): Promise<number> => {
  const body = await ok(watcher.poll, pollRequest(dataId, known))
  const atMs = performance.now()
  if (!body.includes(dataId)) throw new Error(`node ${watcher.node} answered a poll without a change`)
  return atMs
}

const seesContent = async (watcher: Watcher, content: string): Promise<void> => {
  const endMs = performance.now() + 5_000
  while ((await exchange(watcher.probe, readRequest(dataId)))?.body !== content) {
    if (performance.now() > endMs) throw new Error(`node ${watcher.node} does not see the last content`)
  }
}

/** Rounds until the time is over, 100 at least; the writer goes round the nodes. */
export const measurePush = async (cluster: HeadlessCluster, measuredMs: number): Promise<PushFigures> => {
  const writers = await Promise.all(cluster.bases.map(connectRaw))
  const watchers = await Promise.all(
    cluster.ready.nodes.map(async ({ id, http }) => ({ node: id, poll: await connectRaw(http), probe: await connectRaw(http) })),
  )
  const byNode = watchers.map(({ node }) => ({ node, samplesMs: [] as number[] }))
  let content = contentOf('push', 0)
  await ok(writers[0] as RawConnection, publishRequest(dataId, content))
  const endMs = performance.now() + measuredMs
  for (let round = 1; round <= minRounds || performance.now() < endMs; round++) {
    await Promise.all(watchers.map((watcher) => seesContent(watcher, content)))
    const known = md5(content)
    const tellings = watchers.map((watcher) => told(watcher, known))
    // Asked after the polls and answered: by now the polls wait.
    await Promise.all(watchers.map((watcher) => seesContent(watcher, content)))
    content = contentOf('push', round)
    await ok(writers[round % writers.length] as RawConnection, publishRequest(dataId, content))
    const answeredMs = performance.now()
    for (const [at, toldMs] of (await Promise.all(tellings)).entries()) byNode[at]?.samplesMs.push(Math.max(0, toldMs - answeredMs))
  }
  for (const { poll, probe } of watchers) for (const connection of [poll, probe]) connection.close()
  for (const writer of writers) writer.close()
  return { allMs: byNode.flatMap(({ samplesMs }) => samplesMs), byNode }
}
