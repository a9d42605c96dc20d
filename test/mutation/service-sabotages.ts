/** Sabotages of what stands around the core: the driver loop, waiting callers, applying, the state machine. */

import { configsAlone, restoredServices } from './lives.ts'
import type { Sabotage } from './sabotages.ts'

const raft = 'src-node/raft/raft.ts'
const driver = 'src-node/raft-driver/raft-driver.ts'
const forwarded = 'src-node/raft-driver/forwarded-writes.ts'
const applyLoop = 'src-node/raft-driver/apply-loop.ts'
const envelope = 'src-node/raft-driver/envelope.ts'
const waiting = 'src-node/raft-driver/waiting-writes.ts'
const applier = 'src-node/raft-driver/machine-applier.ts'
const machine = 'src-node/state-machine/state-machine.ts'
const longRun = 'src-node/state-machine/long-run.ts'
const keptRun = 'src-node/state-machine/kept-run.ts'
const longApply = 'src-node/raft-driver/long-apply.ts'

const callers: readonly Sabotage[] = [
  {
    name: 'deposed while writes gather, and never at rest',
    file: driver,
    find: '    if (!gathering.holds(gathers, openEntries(), startMs)) {\n',
    instead: "    if (view.role !== 'leader' || !gathering.holds(gathers, openEntries(), startMs)) {\n",
    breaks: 'a node that has nothing to do takes no turns (invariant 30)',
    lives: configsAlone,
  },
  {
    name: 'double answer',
    file: waiting,
    find: '    leaveSlot(waiter)\n    bytes -= waiter.payload.length\n',
    instead: '    bytes -= waiter.payload.length\n',
    breaks: 'exactly one answer reaches a caller',
  },
  {
    name: 'reproposal without proof',
    file: driver,
    find: 'const count = writes.lostBefore(apply.appliedTerm())',
    instead: 'const count = writes.lostBefore(view.term)',
    breaks: 'a write is repeated only once it is lost for certain',
  },
  {
    name: 'forward accepted in any term',
    file: forwarded,
    find: "const leads = view.role === 'leader' && view.term === frame.term",
    instead: "const leads = view.role === 'leader'",
    breaks: 'a forward is taken only in the term that its sender means',
    lives: configsAlone,
  },
  {
    name: 'refused although appended',
    file: forwarded,
    find: "sendBack(from, proposals.slice(room), 'overloaded')",
    instead: "sendBack(from, proposals, 'overloaded')",
    breaks: 'only what was certainly not appended is sent back',
  },
  {
    name: 'time-out told as a refusal',
    file: waiting,
    find: "else settle(waiter, { kind: 'unknown' })",
    instead: 'else refuse(waiter, waiter.reason)',
    breaks: 'refused means: never executed',
  },
  {
    name: 'callers wait for ever',
    file: driver,
    find: '      writes.expire(nowMs)\n',
    instead: '',
    breaks: 'each caller is answered in time (catalogue 28)',
  },
  {
    name: 'stale replies to another life',
    file: envelope,
    find: 'for (let i = 0; i < lifeBytes; i++) if (bytes[lifeAt + i] !== life[i]) return false',
    instead: '',
    breaks: 'an answer never reaches a caller of another run',
  },
]

const states: readonly Sabotage[] = [
  {
    name: 'disk full ignored',
    file: driver,
    find: "      if (problem === 'disk_full') {\n        freeze()",
    instead: "      if (problem !== null && problem !== 'disk_full') {\n        freeze()",
    breaks: 'what the disk did not take is not promised',
  },
  {
    name: 'an error of the disk believed',
    file: driver,
    find: '    saveReady(log, ready, orHalt(done))\n',
    instead:
      "    try {\n      saveReady(log, ready, orHalt(done))\n    } catch (error) {\n      if (error.name !== 'DiskFailure') throw error\n      done(null)\n    }\n",
    breaks: 'any error on write or sync of the log ends the process (catalogue 24)',
  },
  {
    name: 'state disk full ignored',
    file: applier,
    find: "if (store.commit(writes, machine.pendingMeta()) === 'disk_full') {",
    instead: "if (store.commit(writes, machine.pendingMeta()) !== 'ok' && run.length === 0) {",
    breaks: 'memory never runs ahead of the state store',
  },
  {
    name: 'applied index outside of the transaction',
    file: applier,
    find: 'store.commit(writes, machine.pendingMeta())',
    instead: 'store.commit(writes, machine.meta())',
    breaks: 'rows and applied index are one transaction (catalogue 21)',
  },
  {
    name: 'applied before the own disk has it',
    file: raft,
    find: 'appliableIndex: () => logIndex(Math.min(s.commit, s.log.persistedIndex())),',
    instead: 'appliableIndex: () => s.commit,',
    breaks: 'the state never knows more than the log beside it',
  },
  {
    name: 'an entry applied twice',
    file: applyLoop,
    find: 'offer(upToOneThatFills(core.entries(logIndex(applied + 1), to,',
    instead: 'offer(upToOneThatFills(core.entries(logIndex(Math.max(1, applied)), to,',
    breaks: 'every index is applied once',
  },
  {
    name: 'state hash keeps replaced rows',
    file: machine,
    find: '  if (current) takeRow(batch.sum, current)\n  addRow(batch.sum, kept)\n  batch.rows.set(step.key, kept)\n',
    instead: '  addRow(batch.sum, kept)\n  batch.rows.set(step.key, kept)\n',
    breaks: 'the state hash is that of the rows',
  },
  {
    name: 'log time falls',
    file: machine,
    find: 'if (Number.isSafeInteger(entry.stampMs) && entry.stampMs > counters.lastTimeMs) counters.lastTimeMs = entry.stampMs',
    instead: 'if (Number.isSafeInteger(entry.stampMs)) counters.lastTimeMs = entry.stampMs',
    breaks: 'log time never falls, whatever wall clocks do',
  },
  {
    name: 'compare-and-set without the compare',
    file: machine,
    find: 'if (command.expectedMd5 !== null && command.expectedMd5 !== currentMd5)',
    instead: 'if (command.expectedMd5 !== null && current === undefined)',
    breaks: 'of writers with one md5 exactly one wins',
  },
  {
    name: 'history copied after the change',
    file: machine,
    find: '? [historyCopy(step, current, command), put]',
    instead: '? [put, historyCopy(step, current, command)]',
    breaks: 'history of an update holds the old content',
  },
  {
    name: 'history forgets deletes',
    file: machine,
    find: "const writes: RowWrite[] = [historyCopy(step, current, command), { kind: 'drop-config', id: current.id }]",
    instead: "const writes: RowWrite[] = [{ kind: 'drop-config', id: current.id }]",
    breaks: 'each change leaves its row of history',
  },
  {
    name: 'history keeps a row that was to go',
    file: machine,
    find: "{ kind: 'prune-history', nids, cutoffMs, ",
    instead: "{ kind: 'prune-history', nids: nids.slice(1), cutoffMs, ",
    breaks: 'all that a command names goes from the history of every node',
  },
  {
    name: 'listeners told before the callers',
    file: applyLoop,
    find: '    core.appliedTo(applied)\n',
    instead: '    core.appliedTo(applied)\n    result.afterReplies()\n',
    breaks: 'a listener hears of each change once, after its caller',
  },
  {
    name: 'listeners not told of deletes',
    file: machine,
    find: "effects: [{ kind: 'config-changed', namespace, group, dataId, md5: '', index }] }\n",
    instead: 'effects: noEffects }\n',
    breaks: 'a listener hears of every change',
  },
]

/** Named snapshots of the configurations. */
const goingBack: readonly Sabotage[] = [
  {
    name: 'a restore forgets deletes',
    file: longRun,
    find: 'return current === undefined ? null : remove(key, current)',
    instead: 'return null',
    breaks: 'after a restore nothing is there that was not taken',
  },
  {
    name: 'a restore of another snapshot than is meant',
    file: longRun,
    find: 'index === command.index && contentHash === command.contentHash',
    instead: 'index === command.index',
    breaks: 'a restore names by its hash what it gives',
  },
  {
    name: 'a restore goes back to the newest change',
    file: longRun,
    find: 'if (!oldest.has(key)) oldest.set(key, head)',
    instead: 'oldest.set(key, head)',
    breaks: 'a restore gives what was taken',
  },
  {
    name: 'a restore is undone to what it gave',
    file: longRun,
    find: "snapshotOf({ kind: 'before-restore', name, historyFrom }, batch, rebuild.before)",
    instead: "snapshotOf({ kind: 'before-restore', name, historyFrom: batch.counters.nextHistoryId }, batch, rebuild.before)",
    breaks: 'a restore can be undone',
  },
  {
    name: 'history goes that a snapshot needs',
    file: machine,
    find: 'command.nids.filter((nid) => nid < keptFrom)',
    instead: 'command.nids',
    breaks: 'what a snapshot needs of the history stays',
  },
  {
    name: 'a restore that leaves the services in memory',
    file: keptRun,
    find: "phase = touched.length > 0 ? 'memory' : 'over'",
    instead: "phase = 'over'",
    breaks: 'services are what a restore has written',
  },
  {
    name: 'a restore that takes the place of ephemeral instances',
    file: 'src-node/state-machine/areas/naming-keeping.ts',
    find: 'state?.ephemeral === true && state.instances.size > 0',
    instead: 'false',
    breaks: 'what clients hold stays as it is',
    lives: restoredServices,
  },
  {
    name: 'a restore beside the applied index',
    file: longApply,
    find: 'transaction.commit(machine.pendingMeta())',
    instead: 'transaction.commit(machine.meta())',
    breaks: 'all that a restore writes and the applied index are one transaction',
  },
  {
    name: 'a restore told to nobody',
    file: longApply,
    find: 'afterReplies: () => tellInSlices(run.told(), { defer: clock.defer, onEffects: onLateEffects })',
    instead: 'afterReplies: () => {}',
    breaks: 'a listener hears of every configuration that a restore changes',
  },
  {
    name: 'a command of many turns beside others',
    file: applyLoop,
    find: 'return entries.slice(0, Math.max(1, at))',
    instead: 'return entries',
    breaks: 'what takes many turns is applied alone',
  },
]

export const serviceSabotages: readonly Sabotage[] = [...callers, ...states, ...goingBack]
