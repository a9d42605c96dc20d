/**
 * The linearizable reads that wait at this node, each until exactly one answer. All that wait ask the leader one question a drain;
 * once its index is confirmed and applied here they are safe. A question whose term has passed, or that got no answer, is asked
 * again: reads change nothing, so that is always allowed.
 */

import type { RaftView } from '../raft/raft.ts'
import type { LogIndex, SafeRead, Term } from '../raft/types.ts'
import type { Life } from './envelope.ts'
import type { DriverOptions } from './options.ts'
import type { ReadOutcome, ReadRefusal } from './ports.ts'

interface Reader {
  readonly sinceMs: number
  readonly done: (outcome: ReadOutcome) => void
}
/** Asked once, or several times under new numbers: the first answer to any of them counts. */
interface Question {
  term: Term
  askedMs: number
  contexts: number[]
  readers: readonly Reader[]
}

export interface WaitingReads {
  add(nowMs: number, done: (outcome: ReadOutcome) => void): void
  /** Puts the questions that are due to `put`, by their numbers; none if nobody waits, or nobody could answer. */
  ask(nowMs: number, put: (context: number) => void): void
  /** The leader answered. */
  confirmed(read: SafeRead, applied: LogIndex): void
  applied(index: LogIndex): void
  expire(nowMs: number): void
  /** All of them, whatever has been asked: a read changes nothing. */
  refuse(code: ReadRefusal): void
}

/** Numbers of this life's questions begin here: an answer to an earlier life's question, late on its way, must meet none of ours. */
const firstContext = (life: Life): number => new DataView(life.buffer, life.byteOffset).getUint32(0) * 2 ** 20

export function createWaitingReads(view: RaftView, options: DriverOptions, life: Life): WaitingReads {
  let queued: Reader[] = []
  let questions: Question[] = []
  const asked = new Map<number, Question>()
  /** Confirmed, and waiting for this node to apply so far. */
  let behind: { readonly index: LogIndex; readonly readers: readonly Reader[] }[] = []
  let waiting = 0
  let lastContext = firstContext(life)

  const settle = (readers: readonly Reader[], outcome: ReadOutcome) => {
    waiting -= readers.length
    for (const reader of readers) reader.done(outcome)
  }
  const forget = (question: Question) => {
    for (const context of question.contexts) asked.delete(context)
    question.contexts = []
  }
  const drop = (question: Question) => {
    forget(question)
    questions = questions.filter((each) => each !== question)
  }
  const putAgain = (question: Question, nowMs: number, put: (context: number) => void) => {
    // No leader of a later term knows it.
    if (question.term !== view.term) forget(question)
    question.term = view.term
    question.askedMs = nowMs
    question.contexts.push(++lastContext)
    asked.set(lastContext, question)
    put(lastContext)
  }

  return {
    add(nowMs, done) {
      if (waiting >= options.readsMax) {
        done({ kind: 'refused', code: 'overloaded' })
        return
      }
      waiting++
      queued.push({ sinceMs: nowMs, done })
    },
    ask(nowMs, put) {
      if (waiting === 0 || view.leaderId === null) return
      for (const question of questions) {
        if (question.term !== view.term || nowMs - question.askedMs >= options.readAgainMs) putAgain(question, nowMs, put)
      }
      if (queued.length === 0) return
      const question: Question = { term: view.term, askedMs: nowMs, contexts: [], readers: queued }
      queued = []
      questions.push(question)
      putAgain(question, nowMs, put)
    },
    confirmed({ context, index }, applied) {
      const question = asked.get(context)
      if (question === undefined) return
      drop(question)
      if (index <= applied) settle(question.readers, { kind: 'safe' })
      else behind.push({ index, readers: question.readers })
    },
    applied(index) {
      if (behind.length === 0) return
      const safe = behind.filter((each) => each.index <= index)
      behind = behind.filter((each) => each.index > index)
      for (const { readers } of safe) settle(readers, { kind: 'safe' })
    },
    expire(nowMs) {
      if (waiting === 0) return
      const isDue = ({ sinceMs }: Reader) => nowMs - sinceMs >= options.leaderWaitMs
      const refuseOld = (readers: readonly Reader[], code: 'no_quorum' | 'overloaded'): Reader[] => {
        settle(readers.filter(isDue), { kind: 'refused', code })
        return readers.filter((reader) => !isDue(reader))
      }
      queued = refuseOld(queued, 'no_quorum')
      for (const question of [...questions]) {
        question.readers = refuseOld(question.readers, 'no_quorum')
        if (question.readers.length === 0) drop(question)
      }
      behind = behind.map(({ index, readers }) => ({ index, readers: refuseOld(readers, 'overloaded') })).filter(({ readers }) => readers.length > 0)
    },
    refuse(code) {
      if (waiting === 0) return
      const all = [queued, ...[...questions, ...behind].map(({ readers }) => readers)].flat()
      queued = []
      questions = []
      asked.clear()
      behind = []
      settle(all, { kind: 'refused', code })
    },
  }
}
