/**
 * The commands that look at a shared database, move everything into it or out of it, and compare. A password comes from a file or the
 * environment; one that stands in the typed URL is taken, and never repeated.
 */

import { resolve } from 'node:path'
import type { Words } from '../cluster/quorum-words.ts'
import type { MoveOrder, PlanResult } from '../cluster/storage-move.ts'
import { mysqlStartOf, readStorage } from '../cluster/storage-options.ts'
import type { Cluster } from '../cluster/types.ts'
import type { MoveState } from '../contract/storage-move.ts'
import type { CommandAnswer, Tell } from './commands.ts'

/** A line as it may be shown and logged. */
export const withoutPassword = (line: string): string => line.replace(/(mysql:\/\/[^:/@\s]*):[^\s]*@/gi, '$1:***@')

const sayEveryMs = 1_000

type Read = { readonly ok: true; readonly order: MoveOrder } | { readonly ok: false; readonly answer: CommandAnswer }

const bad = (detail: string): Read => ({ ok: false, answer: { ok: false, code: 'invalid', detail } })

/** `target`: `sqlite`, or a URL; `more`: LEAVE for the one, a file with the password for the other. */
const orderOf = (target: string, more: string): Read => {
  if (target === 'sqlite')
    return more === '' || more === 'LEAVE' ? { ok: true, order: { to: 'sqlite', leave: more === 'LEAVE' } } : bad('only LEAVE may follow sqlite')
  const line = readStorage({ storage: 'mysql', url: target, passwordFile: more === '' ? undefined : resolve(more), adopt: false }, process.cwd())
  if (!line.ok || line.storage.kind !== 'mysql') return bad(line.ok ? 'sqlite, or mysql://user@host:port/database' : line.sentence.en)
  const start = mysqlStartOf(line.storage, process.env)
  return start.ok ? { ok: true, order: { to: 'mysql', mysql: start.mysql } } : bad(start.sentence.en)
}

const answerOf = (result: PlanResult): CommandAnswer =>
  result.ok ? { ok: true, facts: { move: result.plan } } : { ok: false, code: result.refusal.code, detail: result.refusal.detail }

export const planCommand = async ({ storageMove }: Cluster, target: string, more: string): Promise<CommandAnswer> => {
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

export const moveCommand = async ({ storageMove }: Cluster, target: string, more: string, tell: Tell): Promise<CommandAnswer> => {
  const read = orderOf(target, more)
  if (!read.ok) return read.answer
  let [phase, saidMs] = ['', 0]
  const result = await storageMove.run(read.order, (state) => {
    if (state.kind !== 'running') return
    if (state.phase === phase && performance.now() - saidMs < sayEveryMs) return
    ;[phase, saidMs] = [state.phase, performance.now()]
    tell(stateWords(state), 'progress')
  })
  if (result.ok) return { ok: true, facts: result.plan === null ? {} : { move: result.plan } }
  const { code, detail } = result.refusal
  return { ok: false, code, detail, ...(result.plan === null ? {} : { facts: { move: result.plan } }) }
}
