/** Every node of a scene is killed in turn, the leader first, and each client must go on while one is dead. */

import { agreedLeader } from '../../support/agreement.ts'
import * as configs from './config-actions.ts'
import type { Scene, Subject } from './scene.ts'
import * as services from './service-actions.ts'

const backLimitMs = 30_000

export type Problems = ReadonlyMap<string, readonly string[]>

const killed = async (scene: Scene, id: number, whileDead: (alive: readonly string[]) => Promise<void>): Promise<void> => {
  const { cluster } = scene
  const seen = cluster.events().length
  const dead = cluster.baseOf(id)
  cluster.killNode(id)
  await whileDead(scene.bases.filter((base) => base !== dead))
  await cluster.nextEvent(`node ${id} to be back`, (event) => event.event === 'node-ready' && event.id === id, backLimitMs, seen)
  await agreedLeader(scene.bases)
}

/** What went wrong, by client, in one thing that all of them are asked. */
export const problemsOfAll = async (subjects: readonly Subject[], run: (subject: Subject) => Promise<unknown>): Promise<Problems> =>
  new Map(
    await Promise.all(
      subjects.map(async (subject): Promise<[string, readonly string[]]> => {
        const problem = await run(subject).then(
          () => null,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        )
        return [subject.row.name, problem === null ? [] : [problem]]
      }),
    ),
  )

/** Who must go on with what. */
export interface Outliving {
  readonly configs: readonly Subject[]
  readonly services: readonly Subject[]
}

/** What went wrong, by client; each is asked in every turn. */
export const killInTurn = async (scene: Scene, outliving: Outliving): Promise<Readonly<Record<keyof Outliving, Problems>>> => {
  const problemsOf = (subjects: readonly Subject[]) => new Map<string, string[]>(subjects.map(({ row }) => [row.name, []]))
  const problems = { configs: problemsOf(outliving.configs), services: problemsOf(outliving.services) }
  const all = async (turn: number, run: (kind: typeof configs | typeof services, subject: Subject) => Promise<void>): Promise<void> => {
    const note = (what: keyof Outliving, kind: typeof configs | typeof services) =>
      outliving[what].map((subject) =>
        run(kind, subject).catch((error: unknown) => {
          problems[what].get(subject.row.name)?.push(`turn ${turn}: ${error instanceof Error ? error.message : String(error)}`)
        }),
      )
    await Promise.all([...note('configs', configs), ...note('services', services)])
  }
  await all(0, (kind, subject) => kind.prepareToOutlive(scene, subject))
  const leader = await agreedLeader(scene.bases)
  const order = [leader.id, ...scene.cluster.ready.nodes.map(({ id }) => id).filter((id) => id !== leader.id)]
  for (const [at, id] of order.entries()) await killed(scene, id, (alive) => all(at + 1, (kind, subject) => kind.outlive(alive, subject, at + 1)))
  return problems
}
