/** What the service makes of the log (invariants 22-25 of reliability 3): replies, rows, history and what listeners hear, against the model. */

import { isDeepStrictEqual } from 'node:util'
import type { CommittedCommand } from '../../../src-node/raft-driver/ports.ts'
import type { SeenInstance } from '../../../src-node/state-machine/areas/naming-words.ts'
import { configChangesOf } from '../../../src-node/state-machine/effect-kinds.ts'
import { decodePrune } from '../../../src-node/state-machine/prune-codec.ts'
import { decodeSnapshotCommand } from '../../../src-node/state-machine/snapshot-codec.ts'
import type { Command, Effect, NamedSnapshot, PruneHistory, Reply, SnapshotCommand, StateMachine } from '../../../src-node/state-machine/types.ts'
import { keptNewest } from '../housekeeping.ts'
import type { FakeStateDisk } from '../state-disk.ts'
import { createAreasJudge, namespaceOf } from './areas-judge.ts'
import type { AreaCommand } from './areas-model.ts'
import { type Facts, textOf } from './facts.ts'
import { createNamingJudge, namingIn } from './naming-judge.ts'
import type { Registration } from './naming-model.ts'
import { createServiceModel, type ModelRow, type ModelStep } from './service-model.ts'

export interface ServiceJudge {
  registration(seen: SeenInstance): Registration | undefined
  /** A client means this by these bytes. */
  onMeant(payload: Uint8Array, command: Command): void
  onMeantArea(payload: Uint8Array, command: AreaCommand): void
  /** A node is about to apply: the model goes first. */
  onCommittedRun(run: readonly CommittedCommand[]): void
  /** A node has applied a run: its replies, memory and disk. */
  onServed(node: number, run: readonly CommittedCommand[], replies: readonly (Reply | null)[], machine: StateMachine, disk: FakeStateDisk): void
  /** A listener of everything connects to a node that has just started. */
  onListen(node: number, appliedIndex: number): void
  /** Its memory was made of what a store or a snapshot holds: all areas are in it, not only in the hash. */
  onLoaded(node: number, machine: StateMachine): void
  /** A snapshot was installed under a listener, who is still owed what it was before. */
  onOvertaken(node: number, appliedIndex: number): void
  onEffects(node: number, effects: readonly Effect[]): void
  /** The node's memory is about to become that of a snapshot. */
  beforeInstall(node: number, machine: StateMachine): void
  /** Told because of a snapshot: each key as it is now, whatever happened to it meanwhile. */
  onSnapshotEffects(node: number, effects: readonly Effect[], machine: StateMachine): void
  /** Everything of it is told. */
  onSettledInstall(node: number, machine: StateMachine): void
  /** After a turn: what is applied was told. */
  onTold(node: number, appliedIndex: number): void
  /** Told because of a restore: each configuration as it is now. */
  onRestoreEffects(node: number, effects: readonly Effect[], machine: StateMachine): void
  /** Nothing happens any more: no listener is owed anything. */
  onRest(node: number): void
}

export function createServiceJudge(facts: Facts, idsMax: number): ServiceJudge {
  const { world, fail } = facts
  const naming = createNamingJudge(facts)
  const model = createServiceModel(idsMax, {
    services: naming,
    onRepeat: (isKnown) => world.mark(isKnown ? 'write/repeated' : 'write/id-forgotten'),
    onPruned: (nid, newer) => {
      world.mark('history/pruned')
      if (newer < keptNewest) fail(`24: row ${nid} of the history goes, with ${newer} newer ones of its configuration`)
    },
    onSnapshot: (what) => world.mark(`named-snapshot/${what}`),
  })
  const areas = createAreasJudge(facts, { hasConfigs: (namespace) => model.holds(`${namespace} `), hasServices: naming.holds })
  const meant = new Map<string, Command>()
  const meantAreas = new Map<string, AreaCommand>()
  const areaCommand = (payload: Uint8Array | null) => (payload === null || meantAreas.size === 0 ? undefined : meantAreas.get(textOf(payload)))
  /** By node: what a restore has changed there, and its listener has not heard. */
  const owed = new Map<number, Set<string>>()
  /** By node: the last index whose change its listener has heard. */
  const heard = new Map<number, number>()
  /** By node: what its listener knows of each key, while a snapshot is being installed. */
  const known = new Map<number, Map<string, string>>()
  const md5s = (machine: StateMachine) => new Map([...machine.all()].map(({ dataId, md5 }) => [dataId, md5]))

  const commandOf = (payload: Uint8Array | null): Command | PruneHistory | SnapshotCommand | null => {
    if (payload === null) return null
    const known = decodePrune(payload) ?? decodeSnapshotCommand(payload) ?? meant.get(textOf(payload))
    return known ?? fail('a command is committed that nobody meant')
  }
  /** What the model knows no better way to is left out: the state's hash holds it, and every restore proves it. */
  const plain = (reply: Reply | null): Reply | null =>
    reply?.kind === 'snapshot-taken' ? { ...reply, snapshot: { ...reply.snapshot, contentBytes: 0, contentHash: '' } } : reply

  const checkRow = (node: number, what: string, row: ModelRow | undefined, should: ModelRow | undefined) => {
    if (row === undefined || should === undefined) {
      if (row !== should) fail(`24: ${what} of node ${node} holds ${row?.md5 ?? 'no row'} where ${should?.md5 ?? 'none'} belongs`)
      return
    }
    for (const field of ['id', 'md5', 'createdMs', 'modifiedMs', 'index'] as const)
      if (row[field] !== should[field]) fail(`24: ${what} of node ${node} has ${field} ${row[field]}, not ${should[field]}`)
  }

  const checkHistory = (node: number, before: ModelStep, after: ModelStep, disk: FakeStateDisk) => {
    if (disk.history.size !== after.historyCount) fail(`24: node ${node} has ${disk.history.size} rows of history, not ${after.historyCount}`)
    for (let nid = before.lastNid + 1; nid <= after.lastNid; nid++) checkHistoryRow(node, nid, after, disk)
    for (const nid of model.prunedBetween(before, after)) checkHistoryRow(node, nid, after, disk)
  }
  const checkHistoryRow = (node: number, nid: number, after: ModelStep, disk: FakeStateDisk) => {
    const { row: _, ...row } = disk.history.get(nid) ?? { row: null }
    const should = model.history(nid, after) ?? {}
    if (!isDeepStrictEqual(row, should)) fail(`24: row ${nid} of node ${node}'s history is ${JSON.stringify(row)}, not ${JSON.stringify(should)}`)
  }
  const checkSnapshots = (node: number, what: string, snapshots: readonly NamedSnapshot[], after: ModelStep) => {
    const [has, should] = [snapshots, after.snapshots].map((list) =>
      list.map(({ index, kind, name, takenMs, historyFrom, configs }) => [index, kind, name, takenMs, historyFrom, configs].join(' ')).join(', '),
    )
    if (has !== should) fail(`24: ${what} of node ${node} has the snapshots ${has}, not ${should}`)
  }

  /** The next change after `index`, up to `to`; 0: there is none. */
  const nextChange = (index: number, to: number): number => {
    for (let i = index + 1; i <= to; i++) if (model.at(i).told !== null) return i
    return 0
  }

  return {
    registration: naming.registration,
    onMeant(payload, command) {
      const text = textOf(payload)
      // A repeat means the same.
      if (!meant.has(text)) meant.set(text, command)
    },
    onMeantArea: (payload, command) => void meantAreas.set(textOf(payload), command),
    onCommittedRun(run) {
      for (const { index, stampMs, payload } of run) {
        if (index !== model.last() + 1) continue
        const command = namingIn(payload)
        const area = areaCommand(payload)
        if (area !== undefined) {
          const { reply, history } = areas.take(area, { index, timeMs: model.timeAt(stampMs) })
          model.pass(reply, stampMs, history)
        } else if (command === null) model.take(commandOf(payload), stampMs)
        else model.pass(naming.take(command, index, model.timeAt(stampMs)), stampMs)
      }
    },
    onServed(node, run, replies, machine, disk) {
      const first = run[0]!.index
      const last = run.at(-1)!.index
      const latest = new Map<string, ModelRow | undefined>()
      for (const [at, { index }] of run.entries()) {
        const step = model.at(index)
        if (!isDeepStrictEqual(plain(replies[at] ?? null), step.reply))
          fail(`23: node ${node} answers ${index} with ${JSON.stringify(replies[at])}, not ${JSON.stringify(step.reply)}`)
        if (step.dataId !== '') latest.set(step.dataId, step.row)
        for (const { dataId, row } of step.restored) {
          latest.set(dataId, row)
          owed.get(node)!.add(dataId)
        }
      }
      for (const [dataId, should] of latest) {
        const row = machine.find({ namespace: namespaceOf(dataId), group: 'G', dataId })
        checkRow(node, 'the memory', row, should)
        if (should !== undefined) checkRow(node, 'the disk', disk.rows.get(should.id), should)
      }
      const isRestore = replies.some((reply) => reply?.kind === 'snapshot-restored')
      if (isRestore || run.some(({ payload }) => namingIn(payload) !== null)) naming.served(node, machine, last)
      if (isRestore) naming.restored(node, last)
      if (run.some(({ payload }) => areaCommand(payload) !== undefined)) areas.served(node, machine, last)
      checkHistory(node, model.at(first - 1), model.at(last), disk)
      checkSnapshots(node, 'the memory', machine.snapshots(), model.at(last))
      checkSnapshots(
        node,
        'the disk',
        [...disk.snapshots.values()].toSorted((a, b) => a.index - b.index),
        model.at(last),
      )
      const { lastTimeMs } = machine.meta()
      if (lastTimeMs !== model.at(last).timeMs) fail(`24: log time of node ${node} is ${lastTimeMs} at ${last}, not ${model.at(last).timeMs}`)
    },
    onListen(node, appliedIndex) {
      naming.forget(node)
      naming.listen(node, appliedIndex)
      areas.listen(node, appliedIndex)
      heard.set(node, appliedIndex)
      owed.set(node, new Set())
    },
    onLoaded(node, machine) {
      naming.loaded(node, machine)
      areas.loaded(node, machine)
    },
    onOvertaken(node, appliedIndex) {
      heard.set(node, appliedIndex)
      naming.listen(node, appliedIndex)
      areas.listen(node, appliedIndex)
    },
    onEffects(node, effects) {
      naming.effects(node, effects)
      areas.effects(node, effects)
      for (const { dataId, md5, index } of configChangesOf(effects)) {
        const due = nextChange(heard.get(node)!, index)
        if (due !== index) fail(`25: a listener at node ${node} hears of ${index} after ${heard.get(node)}, not of ${due}`)
        const step = model.at(index)
        if (step.told !== md5 || step.dataId !== dataId) fail(`25: a listener at node ${node} hears ${dataId} ${md5} at ${index}, not ${step.told}`)
        heard.set(node, index)
        world.mark('listener/told')
      }
    },
    beforeInstall: (node, machine) => void known.set(node, md5s(machine)),
    onSnapshotEffects(node, effects, machine) {
      for (const { namespace, group, dataId, md5 } of configChangesOf(effects)) {
        const now = machine.find({ namespace, group, dataId })?.md5 ?? ''
        if (now !== md5) fail(`25: a snapshot tells a listener at node ${node} of ${md5} for ${dataId}, it is ${now}`)
        known.get(node)!.set(dataId, md5)
        world.mark('listener/told-by-snapshot')
      }
    },
    onSettledInstall(node, machine) {
      const now = md5s(machine)
      for (const [dataId, md5] of known.get(node)!)
        if ((now.get(dataId) ?? '') !== md5) fail(`25: after a snapshot a listener at node ${node} knows ${md5} for ${dataId}`)
      for (const [dataId, md5] of now) if (known.get(node)!.get(dataId) !== md5) fail(`25: after a snapshot node ${node} did not tell of ${dataId}`)
      known.delete(node)
    },
    onRestoreEffects(node, effects, machine) {
      naming.restoreEffects(node, effects)
      for (const { namespace, group, dataId, md5, index } of configChangesOf(effects)) {
        const now = machine.find({ namespace, group, dataId })
        if ((now?.md5 ?? '') !== md5) fail(`25: a restore tells a listener at node ${node} of ${md5} for ${dataId}, it is ${now?.md5}`)
        if (index < (now?.index ?? 0)) fail(`25: a restore tells a listener at node ${node} of ${dataId} at ${index}, it is at ${now?.index}`)
        owed.get(node)!.delete(dataId)
        world.mark('listener/told-by-restore')
      }
    },
    onRest(node) {
      naming.rest(node)
      const open = [...(owed.get(node) ?? [])]
      if (open.length > 0) fail(`25: a listener at node ${node} has never heard that ${open} was restored`)
    },
    onTold(node, appliedIndex) {
      naming.told(node, appliedIndex)
      areas.told(node, appliedIndex)
      const after = heard.get(node)!
      if (after >= appliedIndex) return
      const missed = nextChange(after, appliedIndex)
      if (missed !== 0) fail(`25: node ${node} has applied ${appliedIndex}, its listener has not heard of ${missed}`)
      heard.set(node, appliedIndex)
    },
  }
}
