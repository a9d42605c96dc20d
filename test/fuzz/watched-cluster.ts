/** The cluster that is fuzzed: what it was before, and whether it is that again afterwards. */

import { agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { publishOnce } from '../support/nacos.ts'
import { isAlive, residentBytes } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Caches that have their limits fill up once; what grows beyond that grows for ever. */
const growthAllowed = 1.25
const growthBytesAllowed = 48 * 1024 * 1024
/** How often memory is looked at: often enough to see what a burst of large bodies needs. */
const lookEveryMs = 200
const calmLimitMs = 60_000
const agreeLimitMs = 60_000

export interface WatchedCluster {
  readonly cluster: HeadlessCluster
  /** Call in the middle of what will be sent: the most that each node has held so far is its base, since a heap that was grown for a burst stays grown. */
  takeBase(): void
  /** In MB. */
  base(): string
  /** Resident memory of each node, now, in MB. */
  memory(): string
  /** What is not as it was, in words. Call when nothing is sent any more. */
  problems(): Promise<readonly string[]>
  stop(): Promise<void>
}

const inMegabytes = (sizes: readonly number[]): string => sizes.map((bytes) => Math.round(bytes / 2 ** 20)).join(', ')

export const startWatched = async (): Promise<WatchedCluster> => {
  const cluster = await startHeadless({ args: ['--no-console'] })
  const pids = cluster.ready.nodes.map(({ pid }) => pid)
  let bases: readonly number[] = []
  let most: readonly number[] = pids.map(() => 0)
  const memoryOf = (pid: number): number => {
    try {
      return isAlive(pid) ? residentBytes(pid) : 0
    } catch (error) {
      // It ended between the two questions.
      if (isAlive(pid)) throw error
      return 0
    }
  }
  const memory = (): readonly number[] => pids.map(memoryOf)
  const looks = setInterval(() => {
    const now = memory()
    most = most.map((bytes, at) => Math.max(bytes, now[at] ?? 0))
  }, lookEveryMs)
  const tooLarge = (): readonly string[] =>
    memory().flatMap((bytes, at) => {
      const limit = Math.max((bases[at] ?? 0) * growthAllowed, (bases[at] ?? 0) + growthBytesAllowed)
      return bytes <= limit
        ? []
        : [`node ${at + 1} holds ${Math.round(bytes / 2 ** 20)} MB, ${Math.round((bases[at] ?? 0) / 2 ** 20)} MB at its base`]
    })
  return {
    cluster,
    memory: () => inMegabytes(memory()),
    base: () => inMegabytes(bases),
    takeBase: () => {
      bases = most
    },
    stop: async () => {
      clearInterval(looks)
      await cluster.stop()
    },
    problems: async () => {
      const ended = cluster.events().filter(({ event }) => event === 'node-exit')
      if (ended.length > 0) return ended.map(({ id, code, reason }) => `node ${id} ended with ${code}: ${reason}`)
      const found: string[] = []
      const note = (error: unknown): void => void found.push(error instanceof Error ? error.message : String(error))
      for (const base of cluster.bases) await publishOnce(base, { dataId: 'after-all-of-it' }, base).catch(note)
      await agreedState(cluster.bases, agreeLimitMs).catch(note)
      await waitUntil('memory to come back to its base', () => tooLarge().length === 0, calmLimitMs).catch(() => found.push(...tooLarge()))
      return found
    },
  }
}
