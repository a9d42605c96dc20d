/**
 * The commands that look at a shared database, move everything into it or out of it, and compare. A password comes from a file or the
 * environment; one that stands in the typed URL is taken, and never repeated.
 */

import { resolve } from 'node:path'
import type { Words } from '../cluster/quorum-words.ts'
import type { MoveOrder, PlanResult } from '../cluster/storage-move.ts'
import { mysqlStartOf, readStorage } from '../cluster/storage-options.ts'
import type { Cluster } from '../cluster/types.ts'
import { type MovePolicy, type MoveState, movePolicies } from '../contract/storage-move.ts'
import type { CommandAnswer, Tell } from './commands.ts'

/** A line as it may be shown and logged. */
export const withoutPassword = (line: string): string => line.replace(/(mysql:\/\/[^:/@\s]*):[^\s]*@/gi, '$1:***@')

const sayEveryMs = 1_000

type Read = { readonly ok: true; readonly order: MoveOrder } | { readonly ok: false; readonly answer: CommandAnswer }

const bad = (detail: string): Read => ({ ok: false, answer: { ok: false, code: 'invalid', detail } })

const policyOf = (word: string | undefined): MovePolicy | undefined => movePolicies.find((policy) => policy.toUpperCase() === word)

/** `target`: `sqlite`, or a URL; `more`: LEAVE for the one; a file with the password, and ABORT, SKIP or OVERWRITE, for the other. */
const orderOf = (target: string, more: readonly string[]): Read => {
  const words = more.filter((word) => word !== '')
  const [first] = words
  if (target === 'sqlite')
    return words.length === 0 || (words.length === 1 && first === 'LEAVE')
      ? { ok: true, order: { to: 'sqlite', leave: first === 'LEAVE' } }
      : bad('only LEAVE may follow sqlite')
  const policy = policyOf(words.at(-1))
  const files = policy === undefined ? words : words.slice(0, -1)
  if (files.length > 1) return bad('a file with the password, then ABORT, SKIP or OVERWRITE, may follow the URL')
  const [file] = files
  const line = readStorage(
    { storage: 'mysql', url: target, passwordFile: file === undefined ? undefined : resolve(file), adopt: false },
    process.cwd(),
  )
  if (!line.ok || line.storage.kind !== 'mysql') return bad(line.ok ? 'sqlite, or mysql://user@host:port/database' : line.sentence.en)
  const start = mysqlStartOf(line.storage, process.env)
  return start.ok ? { ok: true, order: { to: 'mysql', mysql: { ...start.mysql, merge: policy } } } : bad(start.sentence.en)
}

const answerOf = (result: PlanResult): CommandAnswer =>
  result.ok ? { ok: true, facts: { move: result.plan } } : { ok: false, code: result.refusal.code, detail: result.refusal.detail }

export const planCommand = async ({ storageMove }: Cluster, target: string, more: readonly string[]): Promise<CommandAnswer> => {
  const read = orderOf(target, more)
  return read.ok ? answerOf(await storageMove.plan(read.order)) : read.answer
}

export const compareCommand = async ({ storageMove }: Cluster): Promise<CommandAnswer> => answerOf(await storageMove.compare())

export const abortCommand = ({ storageMove }: Cluster): CommandAnswer =>
  storageMove.abort() ? { ok: true } : { ok: false, code: 'wrong_state', detail: 'no move is under way' }

const phases: Readonly<Record<Extract<MoveState, { kind: 'running' }>['phase'], Words>> = {
  looking: { en: 'looking at both sides', zh: '正在检查两侧' },
  restarting: { en: 'the nodes start again', zh: '节点正在重新启动' },
  filling: { en: 'filling the database', zh: '正在写入数据库' },
  comparing: { en: 'comparing both sides', zh: '正在比较两侧' },
  'going-back': { en: 'going back to what was before', zh: '正在恢复到之前的状态' },
}

const stateWords = (state: Extract<MoveState, { kind: 'running' }>): Words => {
  const { phase, done, total, trouble, tookMs } = state
  const words = phases[phase]
  if (phase !== 'filling') return words
  const seconds = Math.round(tookMs / 1_000)
  const why = trouble === null || trouble === 'filling' ? '' : `; MySQL: ${trouble}`
  return {
    en: `${words.en}: entry ${done} of ${total} after ${seconds} s${why}`,
    zh: `${words.zh}：第 ${done} 条，共 ${total} 条，已用 ${seconds} 秒${why}`,
  }
}

export const moveCommand = async ({ storageMove }: Cluster, target: string, more: readonly string[], tell: Tell): Promise<CommandAnswer> => {
  const read = orderOf(target, more)
  if (!read.ok) return read.answer
  let [phase, saidMs] = ['', 0]
  const result = await storageMove.run(read.order, (state) => {
    if (state.kind !== 'running') return
    if (state.phase === phase && performance.now() - saidMs < sayEveryMs) return
    ;[phase, saidMs] = [state.phase, performance.now()]
    tell(stateWords(state), 'progress')
  })
  if (result.ok) return { ok: true, facts: { ...(result.plan === null ? {} : { move: result.plan }), moved: result.counts } }
  const { code, detail } = result.refusal
  return { ok: false, code, detail, ...(result.plan === null ? {} : { facts: { move: result.plan } }) }
}
