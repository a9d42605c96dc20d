/**
 * The books of clients that share a few keys: what they asked and saw, kept so that it can be judged. Writes and linearizable reads are judged as
 * registers, default reads as sessions of one life of one node.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRecorder, type OpenOperation, splitByKey } from '../linear/history.ts'
import { drawHistory } from '../linear/picture.ts'
import { describeRegister, judgeRegister, type RegisterInput, type RegisterOutput, wordsOf } from '../linear/register-model.ts'
import { judgeSessions, type SessionEvent } from '../linear/session-checker.ts'
import type { Answer } from './http.ts'
import { md5, read, readLinearizable } from './nacos.ts'

export interface RegisterNode {
  readonly id: number
  readonly http: string
}
export interface RegisterVerdict {
  readonly problems: readonly string[]
  readonly undecided: number
  readonly operations: number
  readonly unknown: number
  readonly conflicts: number
  /** Default reads. */
  readonly reads: number
  readonly linearizableReads: number
  /** Time to judge all keys. */
  readonly judgedMs: number
}

export const indexOf = (answer: Answer): number => Number(answer.headers['nacos-trio-index'] ?? 0)

/** What happened to a write: an outcome, certainly nothing, or nobody knows. */
export type Fate = RegisterOutput | 'failed' | 'unknown'

/** @param timeoutMs after which a client gives a request up */
export function createBooks(nodes: readonly RegisterNode[], timeoutMs: number) {
  const now = () => performance.now()
  const recorder = createRecorder<RegisterInput, RegisterOutput>(now)
  const events: SessionEvent[] = []
  const lives = new Map(nodes.map(({ id }) => [id, 1]))
  const sessionOf = ({ id }: RegisterNode) => `node ${id} life ${lives.get(id) ?? 0}`
  const shownMd5 = (answer: Answer): string | null => (answer.status === 200 ? md5(answer.body) : answer.status === 404 ? '' : null)
  return {
    ...{ recorder, events, sessionOf, now },
    nodeDies: (id: number): void => void lives.set(id, (lives.get(id) ?? 0) + 1),
    /** The md5 that the node shows; null if it showed nothing that could be trusted. */
    async read(node: RegisterNode, key: string): Promise<string | null> {
      const session = sessionOf(node)
      const callAt = now()
      const answer = await read(node.http, { dataId: key }, { timeoutMs })
      const shown = shownMd5(answer)
      if (shown === null || session !== sessionOf(node)) return null
      events.push({ kind: 'read', session, key, md5: shown, index: shown === '' ? 0 : indexOf(answer), callAt, returnAt: now() })
      return shown
    },
    /** A read that belongs to the register; gives the whole answer. What got none, or was refused, saw nothing. */
    async readLinearizable(client: number, node: RegisterNode, key: string): Promise<Answer> {
      const open = recorder.begin({ client, key, input: { kind: 'read' } })
      let shown: string | null = null
      try {
        const answer = await readLinearizable(node.http, { dataId: key }, { timeoutMs })
        shown = shownMd5(answer)
        return answer
      } finally {
        if (shown === null) open.failed()
        else open.returned({ kind: 'value', md5: shown })
      }
    },
    /** Books one write's end, in both books. */
    end(open: OpenOperation<RegisterOutput>, fate: Fate, asked: Omit<Extract<SessionEvent, { kind: 'write' }>, 'index' | 'returnAt'>): void {
      if (fate === 'failed') open.failed()
      else if (fate === 'unknown') open.unknown()
      else open.returned(fate)
      if (fate === 'unknown') events.push({ ...asked, index: null, returnAt: Number.POSITIVE_INFINITY })
      else if (fate !== 'failed' && fate.kind === 'applied') events.push({ ...asked, index: fate.index ?? 0, returnAt: now() })
    },
  }
}
export type Books = ReturnType<typeof createBooks>

/** `pictures`: folder for the pictures of illegal histories. */
export function judgeBooks({ recorder, events }: Books, pictures: string): RegisterVerdict {
  const startedMs = performance.now()
  const operations = recorder.operations()
  const problems = [...judgeSessions(events)]
  let undecided = 0
  for (const [key, history] of splitByKey(operations)) {
    const { verdict, order } = judgeRegister(history)
    if (verdict === 'undecided') undecided++
    if (verdict !== 'illegal') continue
    const title = `${key} is not linearizable`
    mkdirSync(pictures, { recursive: true })
    writeFileSync(join(pictures, `${key}.html`), drawHistory(history, { title, order, textOf: wordsOf }))
    problems.push(`${describeRegister(title, history, order).slice(0, 20_000)}\npicture: ${join(pictures, `${key}.html`)}`)
  }
  return {
    ...{ problems, undecided, operations: operations.length, reads: events.filter(({ kind }) => kind === 'read').length },
    linearizableReads: operations.filter(({ input }) => input.kind === 'read').length,
    unknown: operations.filter(({ output }) => output === null).length,
    conflicts: operations.filter(({ output }) => output?.kind === 'cas-conflict').length,
    judgedMs: performance.now() - startedMs,
  }
}

/** A read of a node that has applied everything: it belongs to the register's history too. */
export async function readForRegister(books: Books, node: RegisterNode, key: string): Promise<void> {
  const open = books.recorder.begin({ client: -node.id, key, input: { kind: 'read' } })
  const seen = await books.read(node, key)
  if (seen === null) throw new Error(`node ${node.id} does not show ${key}`)
  open.returned({ kind: 'value', md5: seen })
}

/** What a cluster whose nodes agree shows for each key; `''` for an absent one. */
export async function shownAtLast(nodes: readonly RegisterNode[], keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const base = nodes[0]?.http ?? ''
  const shown = await Promise.all(
    keys.map(async (dataId) => {
      const answer = await read(base, { dataId })
      return [dataId, answer.status === 404 ? '' : md5(answer.body)] as const
    }),
  )
  return new Map(shown)
}
