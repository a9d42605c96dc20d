/** Which faults a life has and how strong, and how small the limits are: all drawn from the seed (swarm testing). */

import type { RaftTuning } from '../../src-node/raft/options.ts'
import type { LongLimits } from '../../src-node/raft-driver/long-apply.ts'
import type { DriverOptions } from '../../src-node/raft-driver/options.ts'
import type { StoreLimits } from '../../src-node/raft-driver/store-limits.ts'
import { requestIdsMax } from '../../src-node/state-machine/request-table.ts'
import { createDice, type Dice } from './world.ts'

/** Each life draws half of these; a name here is a case in nemesis.ts. */
export const nemeses = [
  'crash',
  'crash-all',
  'crash-leader',
  'pause',
  'slow',
  'partition',
  'leader-alone',
  'depose',
  'one-way',
  'ring',
  'clog',
  'reset',
  'tear',
  'disk-slow',
  'disk-full',
  'state-full',
  'leader-state-full',
  'log-write-error',
  'log-sync-error',
  'bit-flip',
  'wipe',
  'wall-jump',
  'sleep-all',
  'transfer',
  'transfer-and-crash',
  'transfer-and-deafen',
] as const
export type Nemesis = (typeof nemeses)[number] | 'heal'

export interface Dials {
  readonly nodes: number
  readonly clients: number
  readonly keys: number
  /** Share of linearizable reads among what the clients ask. */
  readonly reads: number
  /** Chance that a client gives its write an id, and sends it again elsewhere until it knows what became of it. */
  readonly retries: number
  /** How many ids the nodes remember; a small table forgets some between two attempts, which are then two writes. */
  readonly requestIdsMax: number
  readonly events: number
  readonly delayMinMs: number
  readonly delayMaxMs: number
  readonly loss: number
  readonly duplicate: number
  readonly reorder: boolean
  /** Chance that a forwarded write, and all that follow it on its link, arrive a good while later. */
  readonly forwardLate: number
  /** Chance that a refused pre-vote arrives as a granted one: a pre-vote is advice, safety must come from the votes alone. */
  readonly preVoteLie: number
  /** Chance that an append arrives cut short before it arrives whole: batches end anywhere (reliability 4.6). */
  readonly cutShort: number
  readonly closeNotice: boolean
  /** 0: persist returns only when synced, as the product's does. */
  readonly diskMs: number
  /** Chance of a crash at each persist, send and state commit. */
  readonly crashPoint: number
  /** The same between the steps of the install of a snapshot, which are few. */
  readonly installCrash: number
  readonly skew: number
  readonly nemesisMs: number
  readonly nemeses: readonly Nemesis[]
  /** Share of strikes that heal every wire instead. */
  readonly heals: number
  readonly thinkMs: number
  readonly tuning: Partial<RaftTuning>
  readonly options: Partial<DriverOptions>
  /** Nodes that stand outside at first; 0: nobody changes the members. Pause between changes, mean. */
  readonly outsiders: number
  readonly changeMs: number
  /** Chance of a crash at each persist and send of a node whose configuration is not committed yet. */
  readonly changeCrash: number
  /** MySQL mode: chance that a call to the shared database goes wrong. Below 0, and unless it is asked for: SQLite mode. */
  readonly databaseTrouble: number
  readonly storeLimits: StoreLimits
  /** Share of the safety phase before any node may be lost for good; 1: none is. */
  readonly lossesFrom: number
  /** How often a leader looks for old history; 0: never. */
  readonly historyRoundMs: number
  /** How often somebody takes, restores or drops a named snapshot, mean; 0: never. And how much of one is done in a turn. */
  readonly snapshotMs: number
  readonly longLimits: LongLimits
  /** How often somebody registers an instance or takes one away, mean; 0: never. */
  readonly namingMs: number
  /** Clients of services, whom the nodes' real naming serves; 0: nobody, and no node runs it. */
  readonly tenants: number
  /** So many times faster than Raft lives naming, whose times are seconds: else a life of seconds would see none of them pass. */
  readonly namingSpeed: number
  /** How often somebody administers namespaces, accounts, gray versions and capacities, mean; 0: never. */
  readonly areasMs: number
}

function drawTuning(dice: Dice): Partial<RaftTuning> {
  if (dice.chance(0.15)) return {}
  const heartbeatTicks = dice.pick([1, 2, 3, 4, 4, 10])
  const electionTicksMin = heartbeatTicks * dice.between(3, 5)
  return {
    heartbeatTicks,
    electionTicksMin,
    electionTicksMax: electionTicksMin * 2,
    appendEntriesMax: dice.between(1, 4),
    appendBytesMax: dice.pick([1, 300, 4096]),
    inflightAppendsMax: dice.between(1, 4),
    pendingReadsMax: dice.pick([1, 2, 100]),
    windowEntriesMax: dice.between(1, 8),
    windowBytesMax: dice.pick([1, 1024, 65536]),
    hintDelayTicks: dice.between(1, 3),
    promoteLagMax: dice.pick([1, 10, 1000]),
  }
}

function drawOptions(dice: Dice): Partial<DriverOptions> {
  if (dice.chance(0.15)) return {}
  return {
    leaderWaitMs: dice.between(20, 400),
    writeTimeoutMs: dice.between(400, 600),
    expiryMs: dice.between(5, 50),
    writesMax: dice.pick([2, 4, 64]),
    unappliedEntriesMax: dice.pick([3, 8, 100]),
    forwardBytesMax: dice.pick([1, 500, 100_000]),
    applyEntriesMax: dice.between(1, 4),
    applyBytesMax: dice.pick([1, 1000]),
    // Room for one word of every other node: a limit below that would always drop the same one's.
    inputsMax: dice.pick([8, 32, 1000]),
    diskFullRetryMs: dice.between(5, 50),
    forwardRetryMs: dice.between(5, 25),
    readsMax: dice.pick([1, 100]),
    readAgainMs: dice.between(5, 100),
    transferWaitMs: dice.between(100, 1000),
    peerBacklogBytesMax: dice.pick([100, 100_000]),
    changeTimeoutMs: dice.between(50, 600),
  }
}

const drawMembers = (dice: Dice) => ({
  outsiders: dice.chance(0.35) ? dice.between(1, 3) : 0,
  changeMs: dice.pick([40, 100, 300]),
  changeCrash: dice.pick([0, 0.01, 0.1]),
})

/** Dial 26: the log is cut every few entries, and a node that was away for a moment needs a snapshot. */
function drawCompaction(dice: Dice): Partial<DriverOptions> {
  if (dice.chance(0.25)) return {}
  return {
    compactEntries: dice.between(5, 30),
    compactKeptEntries: dice.between(0, 10),
    compactHeldEntriesMax: dice.pick([0, 5, 10, 30]),
    compactSliceEntries: dice.between(1, 10),
    compactRetryMs: dice.between(5, 50),
    snapshotChunkBytes: dice.pick([50, 200, 2000]),
    // Half a megabyte of state, 50 bytes a round trip, took longer than a liveness phase lasts (seed 495).
    snapshotWindowBytes: dice.pick([200, 400, 4000]),
    snapshotStallMs: dice.between(20, 100),
    snapshotRetryMs: dice.between(5, 50),
    snapshotKeptMs: dice.pick([1, 200]),
  }
}

/** No more pieces on their way than a drain has room for: else most of every window is dropped, and a snapshot of some kilobytes takes a quarter of a minute. */
const withRoomForPieces = (options: Partial<DriverOptions>): Partial<DriverOptions> => {
  const { snapshotChunkBytes = 0, snapshotWindowBytes = 0, inputsMax = Number.POSITIVE_INFINITY } = options
  if (snapshotWindowBytes <= snapshotChunkBytes) return options
  return { ...options, snapshotWindowBytes: Math.min(snapshotWindowBytes, (snapshotChunkBytes * inputsMax) / 2) }
}

/** As fast as the rest of a simulated life. */
const smallStoreLimits: StoreLimits = {
  ...{ batchRowsMax: 3, batchBytesMax: 1_000, stallMs: 40, retryMs: 5, retryMaxMs: 40, refusedRetryMs: 50, repeatMs: 10 },
  ...{ trimMs: 20, trimRowsMax: 5, fillBehindMax: 20, heldMax: 64, undecidedMs: 200, writeTimeoutMs: 500, syncMs: 0, idleLookMs: 30 },
}

/** By dice of their own: a life without snapshots stays the one that it was before there were any. */
const drawSnapshots = (dice: Dice): Pick<Dials, 'snapshotMs' | 'longLimits'> => ({
  snapshotMs: dice.pick([0, 0, 20, 60]),
  longLimits: { heads: dice.between(1, 4), walked: dice.between(1, 3), changed: 1, bytes: 1 },
})

export function drawDials(dice: Dice): Dials {
  const drawn = drawOthers(dice)
  return {
    ...drawn,
    ...drawSnapshots(createDice(drawn.events)),
    namingMs: drawNaming(createDice(drawn.events + 1)),
    ...drawTenants(createDice(drawn.events + 2)),
    areasMs: drawAreas(createDice(drawn.events + 3)),
  }
}

/** As above, each. */
const drawNaming = (dice: Dice): number => dice.pick([0, 0, 15, 50])
const drawAreas = (dice: Dice): number => dice.pick([0, 0, 8, 25])
const drawTenants = (dice: Dice): Pick<Dials, 'tenants' | 'namingSpeed'> => ({
  tenants: dice.pick([0, 0, 0, 3, 5]),
  namingSpeed: dice.pick([30, 50, 80]),
})

function drawOthers(dice: Dice): Omit<Dials, 'snapshotMs' | 'longLimits' | 'namingMs' | 'tenants' | 'namingSpeed' | 'areasMs'> {
  const delayMinMs = dice.float(0.05, 1)
  const retries = dice.pick([0, 0.3, 1])
  return {
    nodes: dice.pick([1, 3, 3, 3, 3, 3, 3, 3, 3, 5]),
    clients: dice.between(1, 8),
    keys: dice.between(1, 4),
    reads: dice.pick([0, 0.1, 0.6, 0.9]),
    retries,
    requestIdsMax: retries === 0 ? requestIdsMax : dice.pick([requestIdsMax, requestIdsMax, requestIdsMax, 1, 4]),
    events: dice.between(2000, 7500),
    delayMinMs,
    delayMaxMs: delayMinMs + dice.pick([0.1, 1, 5, 20]),
    loss: dice.pick([0, 0, 0.01, 0.05, 0.2]),
    duplicate: dice.pick([0, 0, 0.02, 0.2]),
    reorder: dice.chance(0.5),
    forwardLate: dice.pick([0, 0, 0.1]),
    preVoteLie: dice.pick([0, 0, 0.2, 1]),
    cutShort: dice.pick([0, 0, 0.05, 0.4]),
    closeNotice: dice.chance(0.8),
    diskMs: dice.pick([0, 0, 0.3, 3, 20]),
    crashPoint: dice.pick([0, 0, 0.0005, 0.003]),
    skew: dice.pick([0, 0, 0.1, 0.5]),
    nemesisMs: dice.pick([20, 60, 150, 400]),
    nemeses: nemeses.filter(() => dice.chance(0.5)),
    heals: dice.pick([0.15, 0.3, 0.5]),
    thinkMs: dice.pick([0.5, 5, 30]),
    tuning: drawTuning(dice),
    options: withRoomForPieces({ ...drawOptions(dice), ...drawCompaction(dice) }),
    ...drawMembers(dice),
    installCrash: dice.pick([0, 0.2, 0.4]),
    databaseTrouble: -1,
    storeLimits: smallStoreLimits,
    // Late, if at all: with a node less there is less that can still go wrong.
    lossesFrom: dice.pick([1, 0.8, 0.9]),
    historyRoundMs: dice.pick([0, 0, 50, 200]),
  }
}
