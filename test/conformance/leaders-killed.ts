/**
 * The whole API while leaders die by kill -9: clients that send each write under an id, to one node after another, until one of them says that it is
 * done. Each write has then happened once, in the order of its client; every listener knows the last of it. `KILLS=50` is the run by hand.
 */

import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import type { Answer } from '../support/http.ts'
import { startListeners } from '../support/listeners.ts'
import { md5, publish, read, refusalOf } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Area } from './area.ts'
import type { Subject } from './subject.ts'
import { removeWith } from './verbs.ts'

const kills = Number(process.env.KILLS ?? 2)
const clients = 6
const retryPauseMs = 20
const restartLimitMs = 30_000
const listenersLimitMs = 20_000
const perKillMs = 40_000
/** Between two deaths each client has had several answers. */
const writesBetweenKills = 60

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What must be in history of one configuration, and what is in it now; `''`: nothing. */
interface Book {
  readonly changes: string[]
  current: string
}

interface Clients {
  readonly dataIds: readonly string[]
  readonly books: ReadonlyMap<string, Book>
  written(): number
  repeats(): number
  stop(): Promise<void>
}

type Attempt = (base: string, headers: Readonly<Record<string, string>>) => Promise<Answer>

const startClients = ({ bases }: Subject): Clients => {
  const dataIds = Array.from({ length: clients }, (_, at) => `outlives-${at}`)
  const books = new Map(dataIds.map((dataId) => [dataId, { changes: [], current: '' } as Book]))
  let written = 0
  let repeats = 0
  let running = true

  const untilDone = async (start: number, attempt: Attempt): Promise<void> => {
    const id = { 'Nacos-Trio-Request-Id': randomUUID() }
    for (let at = start; ; at++) {
      const answer = await attempt(bases[at % bases.length] ?? '', id).catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined && !error.message.startsWith('no answer')) throw error
        return null
      })
      if (answer?.status === 200) break
      if (answer !== null && refusalOf(answer) === undefined) throw new Error(`${answer.status} ${answer.text}`)
      repeats++
      await pause(retryPauseMs)
    }
    written++
  }
  const write = async (dataId: string, book: Book, turn: number, start: number): Promise<void> => {
    const { current } = book
    if (turn % 5 === 4) {
      await untilDone(start, (base, id) => removeWith(base, { dataId }, id))
      book.changes.push(`D ${current}`)
      book.current = ''
    } else {
      const mine = `${dataId} ${turn}`
      // Every second one only if it finds what this client left.
      const condition: Record<string, string> = turn % 2 === 0 ? {} : current === '' ? { 'Nacos-Trio-Expect': 'absent' } : { casMd5: md5(current) }
      await untilDone(start, (base, id) => publish(base, { dataId }, mine, { ...id, ...condition }))
      book.changes.push(current === '' ? `I ${mine}` : `U ${current}`)
      book.current = mine
    }
  }
  const loops = [...books].map(async ([dataId, book], client) => {
    for (let turn = 0; running || book.current === ''; turn++) await write(dataId, book, turn, client + turn)
  })
  return {
    ...{ dataIds, books },
    written: () => written,
    repeats: () => repeats,
    stop: async () => {
      running = false
      await Promise.all(loops)
    },
  }
}

const killLeader = async ({ cluster, bases }: Subject): Promise<void> => {
  const { id } = await agreedLeader(bases)
  const seen = cluster.events().length
  cluster.killNode(id)
  await cluster.nextEvent(`node ${id} to be back`, (event) => event.event === 'node-ready' && event.id === id, restartLimitMs, seen)
}

export const leadersKilled: Area = (subject) => {
  describe('under killed leaders', () => {
    it(`(${kills} of them) every write happens once, in its order, and every listener knows the last`, {
      timeout: 60_000 + kills * perKillMs,
    }, async () => {
      const { cluster, bases, tables } = subject()
      const writing = startClients(subject())
      const observe = async ({ http }: { readonly http: string }, dataId: string): Promise<string> =>
        String((await read(http, { dataId })).headers['content-md5'] ?? '')
      const listeners = startListeners({ nodes: cluster.ready.nodes, keys: writing.dataIds, observe })
      try {
        for (let kill = 0; kill < kills; kill++) {
          const before = writing.written()
          await waitUntil('the clients to be under way', () => writing.written() >= before + writesBetweenKills, perKillMs)
          await killLeader(subject())
        }
        await writing.stop()
        await agreedState(bases)
        const lastOf = new Map([...writing.books].map(([dataId, { current }]) => [dataId, md5(current)]))
        expect(await listeners.settle(lastOf, listenersLimitMs)).toEqual([])
      } finally {
        await writing.stop()
        await listeners.stop()
      }
      for (const place of tables) {
        const rows = await place.history('DEFAULT_GROUP')
        for (const [dataId, { changes }] of writing.books) {
          const found = rows.filter((row) => row.dataId === dataId).map(({ operation, content }) => `${operation} ${content}`)
          expect(found, `${dataId} in ${place.name}`).toEqual(changes)
        }
      }
      console.log(`${kills} leaders killed: ${writing.written()} writes, ${writing.repeats()} sent again, ${listeners.notices()} notices`)
    })
  })
}
