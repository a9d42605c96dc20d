/**
 * What may be typed or piped into a headless cluster, one command a line: a table with one entry per command, and the reading of a line. Its
 * entries call the cluster as the console does; it must not print, and must not know how an answer is shown.
 */

import { resolve } from 'node:path'
import type { MemberResult } from '../cluster/member-changes.ts'
import type { OrderResult } from '../cluster/node-orders.ts'
import type { Words } from '../cluster/quorum-words.ts'
import type { ActionResult, Cluster } from '../cluster/types.ts'
import { compareNodes } from '../console/compare-nodes.ts'
import type { Comparison } from '../contract/cluster.ts'
import type { MoveCount, MovePlan } from '../contract/storage-move.ts'
import type { Disk } from '../faults/node-faults.ts'
import type { FaultsOfNode } from './fault-words.ts'
import { type SnapshotFacts, snapshotCommands } from './snapshot-commands.ts'
import { abortCommand, compareCommand, moveCommand, planCommand } from './storage-commands.ts'
import { exportCommand, importCommand, importPolicies, type ZipFacts } from './zip-commands.ts'

export interface Facts {
  /** The node that came or went. */
  readonly id?: number
  /** It has come for this one, which was rebuilt. */
  readonly inPlaceOf?: number
  /** Usages, one a command. */
  readonly commands?: readonly string[]
  readonly faults?: readonly FaultsOfNode[]
  readonly comparison?: Comparison
  readonly zip?: ZipFacts
  readonly snapshot?: SnapshotFacts
  /** What a move would do, or how nodes and database stand. */
  readonly move?: MovePlan
  /** What a move has made of each kind. */
  readonly moved?: readonly MoveCount[]
  /** What was found or done. */
  readonly words?: string
}

/** One line's outcome; `facts` are for programs. */
export type CommandAnswer =
  | { readonly ok: true; readonly facts?: Facts }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly facts?: Facts }

/** Something to be said before a command is carried out, or how far one has come. */
export type Tell = (words: Words, event?: 'progress') => void

interface Command {
  /** Words as typed: capitals stand for values. */
  readonly usage: string
  readonly run: (cluster: Cluster, values: Values, tell: Tell) => CommandAnswer | Promise<CommandAnswer>
}

/** Values of one line, read by position; the first that does not fit ends the command with a sentence. */
interface Values {
  readonly id: (at: number) => number
  readonly number: (at: number, byDefault?: number) => number
  readonly word: (at: number, byDefault?: string) => string
  readonly oneOf: <T extends string>(at: number, words: readonly T[], byDefault?: T) => T
}

/** What stands for values in a usage; what is in brackets may be left out. */
const placesOf = (name: string, usage: string): readonly string[] => {
  const rest = usage.slice(name.length).trim()
  return rest === '' ? [] : rest.split(' ')
}

const misfit = (words: string): Error => Object.assign(new Error(words), { name: 'Misfit' })

/** @param places what the usage calls each value */
const valuesOf = (words: readonly string[], places: readonly string[]): Values => {
  const given = (at: number): string => {
    const word = words[at]
    if (word === undefined) throw misfit(`${places[at] ?? 'a value'} is missing`)
    return word
  }
  const number: Values['number'] = (at, byDefault) => {
    if (words[at] === undefined && byDefault !== undefined) return byDefault
    const word = given(at)
    if (!/^-?\d{1,15}(\.\d{1,6})?$/.test(word)) throw misfit(`"${word}" is no number`)
    return Number(word)
  }
  return {
    number,
    id: (at) => number(at),
    word: (at, byDefault) => words[at] ?? byDefault ?? given(at),
    oneOf: (at, allowed, byDefault) => {
      if (words[at] === undefined && byDefault !== undefined) return byDefault
      const word = given(at)
      const found = allowed.find((each) => each === word)
      if (found === undefined) throw misfit(`"${word}" is none of ${allowed.join(', ')}`)
      return found
    },
  }
}

const told = (result: ActionResult): CommandAnswer =>
  result.ok ? { ok: true } : { ok: false, code: result.refusal.code, detail: result.refusal.detail }

/** The first refusal, if there is one; what was done before it stays done. */
const all = (results: readonly ActionResult[]): CommandAnswer => told(results.find((result) => !result.ok) ?? { ok: true })

const member = async (change: Promise<MemberResult>): Promise<CommandAnswer> => {
  const result = await change
  if (!result.ok) return told(result)
  const { id, inPlaceOf } = result
  return { ok: true, facts: inPlaceOf === undefined ? { id } : { id, inPlaceOf } }
}

const ordered = async (order: Promise<OrderResult>): Promise<CommandAnswer> => {
  const result = await order
  return result.ok ? { ok: true, facts: { words: result.words } } : told(result)
}

const bothWays = (act: (from: number, to: number) => ActionResult, values: Values): CommandAnswer => {
  const [one, other] = [values.id(0), values.id(1)]
  return all([act(one, other), act(other, one)])
}

const comparison = async ({ places }: Cluster, values: Values): Promise<CommandAnswer> => {
  const result = await compareNodes(places, { first: values.id(0), second: values.id(1) })
  return result.ok ? { ok: true, facts: { comparison: result.comparison } } : told(result)
}

const disks: Readonly<Record<'log' | 'state', Disk>> = { log: 'raftLog', state: 'stateStore' }
const diskOf = (values: Values): Disk => disks[values.oneOf(1, ['log', 'state'])]

const isolate = ({ faults, places }: Cluster, id: number): CommandAnswer =>
  all(places.filter((place) => place.id !== id).flatMap((place) => [faults.cut(id, place.id), faults.cut(place.id, id)]))

const killAll = ({ places, killNode }: Cluster): CommandAnswer => {
  const results = places.map(({ id }) => killNode(id))
  return results.some(({ ok }) => ok) ? { ok: true } : all(results)
}

const commands: Readonly<Record<string, Command>> = {
  start: { usage: 'start ID', run: (cluster, values) => told(cluster.startNode(values.id(0))) },
  stop: { usage: 'stop ID', run: (cluster, values) => told(cluster.stopNode(values.id(0))) },
  restart: { usage: 'restart ID', run: (cluster, values) => told(cluster.restartNode(values.id(0))) },
  'kill all': { usage: 'kill all', run: (cluster) => killAll(cluster) },
  kill: { usage: 'kill ID', run: (cluster, values) => told(cluster.killNode(values.id(0))) },
  pause: { usage: 'pause ID MS', run: (cluster, values) => told(cluster.pauseNode(values.id(0), values.number(1))) },
  resume: { usage: 'resume ID', run: (cluster, values) => told(cluster.resumeNode(values.id(0))) },
  block: { usage: 'block ID MS', run: (cluster, values) => told(cluster.blockNode(values.id(0), values.number(1))) },
  transfer: { usage: 'transfer ID', run: async (cluster, values) => told(await cluster.transferTo(values.id(0))) },
  add: { usage: 'add', run: (cluster, _values, tell) => member(cluster.addNode(tell)) },
  remove: { usage: 'remove ID', run: (cluster, values, tell) => member(cluster.removeNode(values.id(0), tell)) },
  replace: { usage: 'replace ID', run: (cluster, values, tell) => member(cluster.replaceNode(values.id(0), tell)) },
  rebuild: { usage: 'rebuild ID', run: (cluster, values, tell) => member(cluster.rebuildNode(values.id(0), tell)) },
  compare: { usage: 'compare ID ID', run: comparison },
  export: { usage: 'export FILE [NAMESPACE]', run: (cluster, values, tell) => exportCommand(cluster, values.word(0), values.word(1, ''), tell) },
  import: {
    usage: 'import FILE [POLICY] [NAMESPACE]',
    run: (cluster, values, tell) =>
      importCommand(cluster, { file: values.word(0), policy: values.oneOf(1, importPolicies, 'ABORT'), namespace: values.word(2, '') }, tell),
  },
  snapshot: { usage: 'snapshot NAME', run: (cluster, values) => snapshotCommands.take(cluster, values.word(0)) },
  snapshots: { usage: 'snapshots', run: (cluster) => snapshotCommands.list(cluster) },
  restore: {
    usage: 'restore NAME [ACCOUNTS]',
    run: (cluster, values) =>
      snapshotCommands.restore(cluster, values.word(0), values.word(1, '') !== '' && values.oneOf(1, ['ACCOUNTS']) === 'ACCOUNTS'),
  },
  undo: { usage: 'undo', run: (cluster) => snapshotCommands.undo(cluster) },
  'delete-snapshot': { usage: 'delete-snapshot NAME', run: (cluster, values) => snapshotCommands.remove(cluster, values.word(0)) },
  'storage plan': {
    usage: 'storage plan TARGET [PASSWORD_FILE|LEAVE] [ABORT|SKIP|OVERWRITE]',
    run: (cluster, values) => planCommand(cluster, values.word(0), [values.word(1, ''), values.word(2, '')]),
  },
  'storage move': {
    usage: 'storage move TARGET [PASSWORD_FILE|LEAVE] [ABORT|SKIP|OVERWRITE]',
    run: (cluster, values, tell) => moveCommand(cluster, values.word(0), [values.word(1, ''), values.word(2, '')], tell),
  },
  'storage abort': { usage: 'storage abort', run: (cluster) => abortCommand(cluster) },
  'storage compare': { usage: 'storage compare', run: (cluster) => compareCommand(cluster) },
  auth: {
    usage: 'auth on|off',
    run: async (cluster, values) => told(await cluster.auth.switchTo(values.oneOf(0, ['on', 'off']) === 'on')),
  },
  check: { usage: 'check ID', run: (cluster, values) => ordered(cluster.checkNode(values.id(0))) },
  backup: { usage: 'backup ID FOLDER', run: (cluster, values) => ordered(cluster.backupNode(values.id(0), resolve(values.word(1)))) },
  'fault cut': { usage: 'fault cut ID ID', run: (cluster, values) => bothWays(cluster.faults.cut, values) },
  'fault cut-from': { usage: 'fault cut-from ID ID', run: (cluster, values) => told(cluster.faults.cut(values.id(0), values.id(1))) },
  'fault mend': { usage: 'fault mend ID ID', run: (cluster, values) => bothWays(cluster.faults.mend, values) },
  'fault isolate': { usage: 'fault isolate ID', run: (cluster, values) => isolate(cluster, values.id(0)) },
  'fault delay': {
    usage: 'fault delay ID ID MS [JITTER_MS]',
    run: (cluster, values) => {
      const delay = { delayMs: values.number(2), jitterMs: values.number(3, 0) }
      return bothWays((from, to) => cluster.faults.slowLine(from, to, delay), values)
    },
  },
  'fault loss': {
    usage: 'fault loss ID ID PERCENT',
    run: (cluster, values) => {
      const percent = values.number(2)
      if (percent < 0 || percent > 100) throw misfit('PERCENT is 0 to 100')
      const loss = percent / 100
      return bothWays((from, to) => cluster.faults.slowLine(from, to, { loss }), values)
    },
  },
  'fault disk-slow': {
    usage: 'fault disk-slow ID log|state MS',
    run: (cluster, values) => told(cluster.faults.setDisk(values.id(0), diskOf(values), { slowMs: values.number(2) })),
  },
  'fault disk-full': {
    usage: 'fault disk-full ID log|state on|off',
    run: (cluster, values) => told(cluster.faults.setDisk(values.id(0), diskOf(values), { full: values.oneOf(2, ['on', 'off']) === 'on' })),
  },
  'fault clock': { usage: 'fault clock ID MS', run: (cluster, values) => told(cluster.faults.setClock(values.id(0), values.number(1))) },
  'fault heal': { usage: 'fault heal', run: (cluster) => told(cluster.faults.heal()) },
  'fault list': {
    usage: 'fault list',
    run: (cluster) => ({ ok: true, facts: { faults: cluster.places.map(({ id }) => ({ id, ...cluster.faults.of(id) })) } }),
  },
  console: {
    usage: 'console',
    run: () => ({ ok: false, code: 'wrong_state', detail: 'there is no console: it was not wanted, or could not be started' }),
  },
  help: { usage: 'help', run: () => ({ ok: true, facts: { commands: Object.values(commands).map(({ usage }) => usage) } }) },
}

const longCommands: ReadonlySet<string> = new Set([
  ...['add', 'remove', 'replace', 'rebuild', 'check', 'backup', 'compare', 'export', 'import'],
  ...['snapshot', 'restore', 'undo'],
])

/** Takes as long as a node needs to learn or to read all of its data, or a file to go through; others need not wait for it. */
export const takesLong = (line: string): boolean => {
  const [first = '', second] = line.trim().split(/\s+/)
  // One that ends another must not wait behind it.
  return first === 'storage' ? second !== 'abort' : longCommands.has(first)
}

/** A number that was a node's before it was rebuilt; null: none of the values is one. */
const rebuiltOne = ({ places }: Cluster, usages: readonly string[], values: readonly string[]): CommandAnswer | null => {
  for (const [at, value] of values.entries()) {
    const id = usages[at] === 'ID' ? Number(value) : Number.NaN
    const successor = places.some((place) => place.id === id) ? undefined : places.find((place) => place.inPlaceOf === id)
    if (successor !== undefined)
      return { ok: false, code: 'not_found', detail: `there is no node ${id} any more: node ${successor.id} has come in its place` }
  }
  return null
}

/** Carries one line out. Never throws; a line that is no command is refused with what there is. */
export const runCommand = async (line: string, cluster: Cluster, tell: Tell = () => undefined): Promise<CommandAnswer> => {
  const words = line.trim().split(/\s+/)
  const name = [2, 1].map((count) => words.slice(0, count).join(' ')).find((each) => Object.hasOwn(commands, each))
  const command = name === undefined ? undefined : commands[name]
  if (name === undefined || command === undefined) return { ok: false, code: 'invalid', detail: 'no such command; help names them' }
  const places = placesOf(name, command.usage)
  const values = words.slice(name.split(' ').length)
  try {
    if (values.length > places.length) throw misfit(`"${values.slice(places.length).join(' ')}" is too much`)
    return rebuiltOne(cluster, places, values) ?? (await command.run(cluster, valuesOf(values, places), tell))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const misfits = error instanceof Error && error.name === 'Misfit'
    return misfits ? { ok: false, code: 'invalid', detail: `${words}; usage: ${command.usage}` } : { ok: false, code: 'internal', detail: words }
  }
}
