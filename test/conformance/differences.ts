/**
 * What is not the same in both modes, all of it, by name: each is looked at in each mode. What is not listed here is held against both alike, by the
 * other areas.
 */

import { describe, expect, it } from 'vitest'
import { publish, raftState, read, refusalOf } from '../support/nacos.ts'
import { signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Area } from './area.ts'
import type { ModeName, Subject } from './subject.ts'
import { everywhere, publishFields, put, putFields, readsBack } from './verbs.ts'

interface Difference {
  readonly name: string
  /** What is so in each mode, and its proof. */
  readonly modes: Readonly<Record<ModeName, readonly [what: string, proof: (subject: Subject) => Promise<void>]>>
}

const states = (subject: Subject): Promise<Record<string, unknown>[]> =>
  everywhere(subject, async (base) => ({ ...(await raftState(base)) }) as Record<string, unknown>)

const longest = { dataId: 'd'.repeat(256), group: 'DEFAULT_GROUP', content: 'x' }
/** The promise is 1 s; a busy machine may add its own. */
const refusalLimitMs = 4_000
const againLimitMs = 10_000

const all: readonly Difference[] = [
  {
    name: 'where rows are kept',
    modes: {
      sqlite: [
        'in each node’s own store alone, as raft/state says',
        async (subject) => {
          for (const state of await states(subject)) expect(state.storage).toEqual({ kind: 'sqlite' })
        },
      ],
      mysql: [
        'in the shared database too, to which each node knows how far it is',
        async (subject) => {
          const has = async (): Promise<boolean> =>
            (await states(subject)).every(({ storage, appliedIndex }) => {
              const { kind, available, queueLength, storeAppliedIndex } = storage as Record<string, unknown>
              return kind === 'mysql' && available === true && queueLength === 0 && storeAppliedIndex === appliedIndex
            })
          await waitUntil('every node to know that the database has all', has)
        },
      ],
    },
  },
  {
    name: 'a dataId of 256 characters, one more than Nacos’s column has',
    modes: {
      sqlite: [
        'is taken',
        async (subject) => {
          await putFields(subject.bases[0] ?? '', longest)
          await everywhere(subject, (base) => readsBack(base, { dataId: longest.dataId }, 'x'))
        },
      ],
      mysql: [
        'is refused, with the column and its limit',
        async (subject) => {
          for (const base of subject.bases) {
            const answer = await publishFields(base, longest)
            expect(answer.status).toBe(400)
            expect(answer.text).toMatch(/data_id.* 255/)
            expect((await read(base, { dataId: longest.dataId })).status).toBe(404)
          }
        },
      ],
    },
  },
  {
    name: 'a database that is away',
    modes: {
      sqlite: [
        'cannot be: there is none, and no write is refused for it',
        async (subject) => {
          expect(subject.server).toBeNull()
          for (const base of subject.bases) await put(base, { dataId: 'no-database' }, 'x')
        },
      ],
      mysql: [
        'lets reads go on, refuses writes with storage_unavailable, and is found again by itself',
        async (subject) => {
          const key = { dataId: 'database-away' }
          const pid = subject.server?.pid() ?? 0
          await put(subject.bases[0] ?? '', key, 'before')
          await everywhere(subject, (base) => readsBack(base, key, 'before'))
          signal(pid, 'SIGSTOP')
          try {
            const refused = async (base: string): Promise<boolean> =>
              refusalOf(await publish(base, { dataId: 'meanwhile' }, 'x')) === 'storage_unavailable'
            await everywhere(subject, (base) => waitUntil(`a write at ${base} to be refused`, () => refused(base), refusalLimitMs))
            await everywhere(subject, async (base) => expect((await read(base, key)).text).toBe('before'))
          } finally {
            signal(pid, 'SIGCONT')
          }
          await everywhere(subject, (base) =>
            waitUntil('writes to go on', async () => (await publish(base, key, 'after')).status === 200, againLimitMs),
          )
          await everywhere(subject, (base) => readsBack(base, key, 'after'))
        },
      ],
    },
  },
]

/** Called once for each mode: `subject` is known only when its tests run. */
export const differences =
  (mode: ModeName): Area =>
  (subject) => {
    describe('what differs by mode:', () => {
      for (const { name, modes } of all) {
        const [what, proof] = modes[mode]
        it(`${name} ${what}`, () => proof(subject()))
      }
    })
  }
