/**
 * Writers that share a few keys and fight for them with compare-and-set while nodes die, and take down exactly what they saw. Afterwards the
 * history is judged: writes as linearizable registers, default reads as sessions of one life of one node.
 */

import type { RegisterInput } from '../linear/register-model.ts'
import { createDice, type Dice } from '../sim/world.ts'
import type { Answer } from './http.ts'
import { md5, publish, refusalOf, remove } from './nacos.ts'
import {
  type Books,
  createBooks,
  type Fate,
  indexOf,
  judgeBooks,
  type RegisterNode,
  type RegisterVerdict,
  readForRegister,
} from './register-books.ts'

export interface RegisterWritersOptions {
  readonly nodes: readonly RegisterNode[]
  readonly writers: number
  /** Clients that only read, linearizably; none by default. */
  readonly readers?: number
  readonly keys: readonly string[]
  /** Folder for the pictures of illegal histories. */
  readonly pictures: string
  /** Of what the clients choose, though never of the moments at which the world answers. */
  readonly seed?: number
  /** A client gives a request up after so long: its outcome is unknown then. */
  readonly timeoutMs?: number
}
export interface RegisterWriters {
  acknowledged(): number
  /** Call right before a node is killed: what it answers afterwards belongs to another life. */
  nodeDies(id: number): void
  /** A default read whose answer is judged with all others; null: none that could be trusted. */
  observe(node: RegisterNode, key: string): Promise<string | null>
  stop(): Promise<void>
  /** The last word of every node on every key. Call after `stop`, when the nodes have agreed. */
  readAtLast(): Promise<void>
  verdict(): RegisterVerdict
  /** Refusal codes and socket errors met, with their counts. */
  troubles(): Readonly<Record<string, number>>
}

const pauseMaxMs = 8
const defaultTimeoutMs = 15_000
/** Readers' names in the history: writers count from 1. */
const firstReader = 1_001
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function fateOf(answer: Answer): Fate {
  if (answer.status === 200) return { kind: 'applied', index: indexOf(answer) }
  if (answer.status === 500 && answer.text.includes('Cas publish fail')) return { kind: 'cas-conflict' }
  return answer.status === 503 ? 'failed' : 'unknown'
}

function send(http: string, dataId: string, made: { input: RegisterInput; content: string }, timeoutMs: number): Promise<Answer> {
  const { input, content } = made
  if (input.kind === 'delete') return remove(http, { dataId }, { timeoutMs })
  const expected = input.kind === 'publish' ? input.expectedMd5 : null
  const demand: Record<string, string> = expected === null ? {} : expected === '' ? { 'nacos-trio-expect': 'absent' } : { casmd5: expected }
  return publish(http, { dataId }, content, demand, { timeoutMs })
}

/** Mostly read, change, write back if nobody else did; now and then a write that asks for nothing, or a delete. */
function drawInput(dice: Dice, readMd5: string, content: string): RegisterInput {
  if (dice.chance(0.05)) return { kind: 'delete', expectedMd5: null }
  return { kind: 'publish', md5: md5(content), expectedMd5: dice.chance(0.85) ? readMd5 : null }
}

/** Counts what went wrong on the way, by code. */
const createTroubles = () => {
  const met: Record<string, number> = {}
  const note = (trouble: string): void => {
    met[trouble] = (met[trouble] ?? 0) + 1
  }
  return {
    met,
    answer: (answer: Answer): void => note(refusalOf(answer) ?? `status ${answer.status}: ${answer.text.slice(0, 80)}`),
    error: (error: unknown): string => {
      const code = (error as NodeJS.ErrnoException).code ?? String(error).replace(/from .* in/, 'in')
      note(code)
      return code
    },
  }
}
type Troubles = ReturnType<typeof createTroubles>

interface Turn {
  readonly client: number
  readonly node: RegisterNode
  readonly key: string
}

/** One linearizable read. */
const readOnce = async (books: Books, troubles: Troubles, { client, node, key }: Turn): Promise<void> => {
  const answer = await books.readLinearizable(client, node, key).catch((error: unknown) => {
    troubles.error(error)
    return null
  })
  if (answer !== null && answer.status !== 200 && answer.status !== 404) troubles.answer(answer)
}

/** Starts the clients. */
export function startRegisterWriters(options: RegisterWritersOptions): RegisterWriters {
  const { nodes, keys, seed = 0, timeoutMs = defaultTimeoutMs } = options
  const books = createBooks(nodes, timeoutMs)
  const troubles = createTroubles()
  let acknowledged = 0
  let running = true

  const attempt = async ({ client, node, key }: Turn, made: { input: RegisterInput; content: string }): Promise<void> => {
    const { input } = made
    const open = books.recorder.begin({ client, key, input })
    const asked = { kind: 'write', session: books.sessionOf(node), key, md5: input.kind === 'publish' ? input.md5 : '', callAt: books.now() } as const
    let fate: Fate = 'unknown'
    try {
      const answer = await send(node.http, key, made, timeoutMs)
      fate = fateOf(answer)
      if (typeof fate === 'string') troubles.answer(answer)
    } catch (error) {
      // A connection that was never made carried no write.
      if (troubles.error(error) === 'ECONNREFUSED') fate = 'failed'
    }
    books.end(open, fate, asked)
    if (typeof fate !== 'string' && fate.kind === 'applied') acknowledged++
  }
  const writeOnce = async (turn: Turn, dice: Dice, content: string): Promise<void> => {
    const seen = await books.read(turn.node, turn.key).catch((error: unknown) => {
      troubles.error(error)
      return null
    })
    if (seen !== null) await attempt(turn, { input: drawInput(dice, seen, content), content })
  }
  const loop = async (client: number, act: (turn: Turn, dice: Dice, content: string) => Promise<void>): Promise<void> => {
    const dice = createDice(seed + client)
    for (let turn = 1; running; turn++) {
      await act({ client, node: dice.pick(nodes), key: dice.pick(keys) }, dice, `writer ${client} turn ${turn}`)
      await pause(dice.float(0, pauseMaxMs))
    }
  }
  const loops = [
    ...Array.from({ length: options.writers }, (_, i) => loop(i + 1, writeOnce)),
    ...Array.from({ length: options.readers ?? 0 }, (_, i) => loop(i + firstReader, (turn) => readOnce(books, troubles, turn))),
  ]

  return {
    acknowledged: () => acknowledged,
    nodeDies: books.nodeDies,
    observe: books.read,
    async stop() {
      running = false
      await Promise.all(loops)
    },
    async readAtLast() {
      for (const node of nodes) for (const key of keys) await readForRegister(books, node, key)
    },
    verdict: () => judgeBooks(books, options.pictures),
    troubles: () => troubles.met,
  }
}
