/**
 * Writers that share a few keys and fight for them with compare-and-set while nodes die, and take down exactly what they saw. Afterwards the
 * history is judged: writes as linearizable registers, default reads as sessions of one life of one node.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRecorder, type OpenOperation, splitByKey } from '../linear/history.ts'
import { drawHistory } from '../linear/picture.ts'
import { describeRegister, judgeRegister, type RegisterInput, type RegisterOutput, wordsOf } from '../linear/register-model.ts'
import { judgeSessions, type SessionEvent } from '../linear/session-checker.ts'
import { createDice, type Dice } from '../sim/world.ts'
import type { Answer } from './http.ts'
import { md5, publish, read, refusalOf, remove } from './nacos.ts'

export interface RegisterNode {
  readonly id: number
  readonly http: string
}
export interface RegisterWritersOptions {
  readonly nodes: readonly RegisterNode[]
  readonly writers: number
  readonly keys: readonly string[]
  /** Folder for the pictures of illegal histories. */
  readonly pictures: string
}
export interface RegisterVerdict {
  readonly problems: readonly string[]
  readonly undecided: number
  readonly operations: number
  readonly unknown: number
  readonly conflicts: number
  readonly reads: number
  /** Time to judge all keys. */
  readonly judgedMs: number
}
export interface RegisterWriters {
  acknowledged(): number
  /** Call right before a node is killed: what it answers afterwards belongs to another life. */
  nodeDies(id: number): void
  stop(): Promise<void>
  /** The last word of every node on every key. Call after `stop`, when the nodes have agreed. */
  readAtLast(): Promise<void>
  verdict(): RegisterVerdict
  /** Refusal codes and socket errors met, with their counts. */
  troubles(): Readonly<Record<string, number>>
}

const pauseMaxMs = 8
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const indexOf = (answer: Answer): number => Number(answer.headers['nacos-trio-index'] ?? 0)

/** What happened to a write: an outcome, certainly nothing, or nobody knows. */
type Fate = RegisterOutput | 'failed' | 'unknown'

function fateOf(answer: Answer): Fate {
  if (answer.status === 200) return { kind: 'applied', index: indexOf(answer) }
  if (answer.status === 500 && answer.text.includes('Cas publish fail')) return { kind: 'cas-conflict' }
  return answer.status === 503 ? 'failed' : 'unknown'
}

function send(http: string, dataId: string, input: RegisterInput, content: string): Promise<Answer> {
  if (input.kind === 'delete') return remove(http, { dataId })
  const expected = input.kind === 'publish' ? input.expectedMd5 : null
  const demand: Record<string, string> = expected === null ? {} : expected === '' ? { 'nacos-trio-expect': 'absent' } : { casmd5: expected }
  return publish(http, { dataId }, content, demand)
}

/** Mostly read, change, write back if nobody else did; now and then a write that asks for nothing, or a delete. */
function drawInput(dice: Dice, readMd5: string, content: string): RegisterInput {
  if (dice.chance(0.05)) return { kind: 'delete', expectedMd5: null }
  return { kind: 'publish', md5: md5(content), expectedMd5: dice.chance(0.85) ? readMd5 : null }
}

function createBooks(nodes: readonly RegisterNode[]) {
  const now = () => performance.now()
  const recorder = createRecorder<RegisterInput, RegisterOutput>(now)
  const events: SessionEvent[] = []
  const lives = new Map(nodes.map(({ id }) => [id, 1]))
  const sessionOf = ({ id }: RegisterNode) => `node ${id} life ${lives.get(id) ?? 0}`
  return {
    ...{ recorder, events, sessionOf, now },
    nodeDies: (id: number): void => void lives.set(id, (lives.get(id) ?? 0) + 1),
    /** The md5 that the node shows; null if it showed nothing that could be trusted. */
    async read(node: RegisterNode, key: string): Promise<string | null> {
      const session = sessionOf(node)
      const callAt = now()
      const answer = await read(node.http, { dataId: key })
      if ((answer.status !== 200 && answer.status !== 404) || session !== sessionOf(node)) return null
      const value = answer.status === 404 ? { md5: '', index: 0 } : { md5: md5(answer.body), index: indexOf(answer) }
      events.push({ kind: 'read', session, key, ...value, callAt, returnAt: now() })
      return value.md5
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
type Books = ReturnType<typeof createBooks>

function judgeBooks({ recorder, events }: Books, pictures: string): RegisterVerdict {
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
    unknown: operations.filter(({ output }) => output === null).length,
    conflicts: operations.filter(({ output }) => output?.kind === 'cas-conflict').length,
    judgedMs: performance.now() - startedMs,
  }
}

/** A read of a node that has applied everything: it belongs to the register's history too. */
async function readForRegister(books: Books, node: RegisterNode, key: string): Promise<void> {
  const open = books.recorder.begin({ client: -node.id, key, input: { kind: 'read' } })
  const seen = await books.read(node, key)
  if (seen === null) throw new Error(`node ${node.id} does not show ${key}`)
  open.returned({ kind: 'value', md5: seen })
}

/** Starts the writers; writer `w` draws its choices from seed `w`, though never the moments at which the world answers. */
export function startRegisterWriters({ nodes, writers, keys, pictures }: RegisterWritersOptions): RegisterWriters {
  const books = createBooks(nodes)
  const troubles: Record<string, number> = {}
  let acknowledged = 0
  let running = true
  const note = (trouble: string): void => {
    troubles[trouble] = (troubles[trouble] ?? 0) + 1
  }
  const noteError = (error: unknown): string => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    note(code)
    return code
  }

  const attempt = async (node: RegisterNode, key: string, writer: number, made: { input: RegisterInput; content: string }): Promise<void> => {
    const { input, content } = made
    const open = books.recorder.begin({ client: writer, key, input })
    const asked = { kind: 'write', session: books.sessionOf(node), key, md5: input.kind === 'publish' ? input.md5 : '', callAt: books.now() } as const
    let fate: Fate = 'unknown'
    try {
      const answer = await send(node.http, key, input, content)
      fate = fateOf(answer)
      if (typeof fate === 'string') note(refusalOf(answer) ?? `status ${answer.status}: ${answer.text.slice(0, 80)}`)
    } catch (error) {
      // A connection that was never made carried no write.
      if (noteError(error) === 'ECONNREFUSED') fate = 'failed'
    }
    books.end(open, fate, asked)
    if (typeof fate !== 'string' && fate.kind === 'applied') acknowledged++
  }
  const turnOf = async (writer: number, turn: number, dice: Dice): Promise<void> => {
    const node = dice.pick(nodes)
    const key = dice.pick(keys)
    const seen = await books.read(node, key).catch((error: unknown) => {
      noteError(error)
      return null
    })
    const content = `writer ${writer} turn ${turn}`
    if (seen !== null) await attempt(node, key, writer, { input: drawInput(dice, seen, content), content })
    await pause(dice.float(0, pauseMaxMs))
  }
  const loops = Array.from({ length: writers }, async (_, i) => {
    const dice = createDice(i + 1)
    for (let turn = 1; running; turn++) await turnOf(i + 1, turn, dice)
  })

  return {
    acknowledged: () => acknowledged,
    nodeDies: books.nodeDies,
    async stop() {
      running = false
      await Promise.all(loops)
    },
    async readAtLast() {
      for (const node of nodes) for (const key of keys) await readForRegister(books, node, key)
    },
    verdict: () => judgeBooks(books, pictures),
    troubles: () => troubles,
  }
}
