/** What the clients of simulated clusters saw, judged: writes are linearizable, default reads keep the promises of a node's life. */

import { describe, expect, it } from 'vitest'
import type { WriteOutcome } from '../../src-node/raft-driver/ports.ts'
import { requestIdsMax } from '../../src-node/state-machine/request-table.ts'
import type { Reply } from '../../src-node/state-machine/types.ts'
import { runSchedule } from '../sim/schedule.ts'
import type { Sight, Witness } from '../sim/witness.ts'
import { createSimWitness, type SimWitness } from './sim-witness.ts'

const firstSeed = 2001
const seeds = 60
const liesWanted = 10

type Row = Parameters<Witness['read']>[1]
const nameOf = ({ node, run, dataId }: Sight) => `${node}/${run}/${dataId}`

/** Once, late in a life, a node shows the first value that it ever showed, after it has shown a newer one. */
const withStaleRead = (honest: SimWitness, told: () => void): Witness => {
  const first = new Map<string, NonNullable<Row>>()
  const newest = new Map<string, number>()
  let reads = 0
  let lied = false
  return {
    ...honest,
    read(sight, row) {
      const name = nameOf(sight)
      const old = first.get(name)
      if (row !== undefined && old === undefined) first.set(name, row)
      // The first sight of a newer value may come late: not to have it yet is no lie.
      const lies = ++reads > 30 && !lied && old !== undefined && row !== undefined && (newest.get(name) ?? 0) > old.index
      if (row !== undefined) newest.set(name, row.index)
      if (lies) told()
      lied ||= lies
      honest.read(sight, lies ? old : row)
    },
  }
}

/**
 * In the end a node has lost a key's last value: an unknown delete may explain that, but not that one node still had it before and another has
 * it after.
 */
const withLostWrite = (honest: SimWitness, told: () => void): Witness => {
  const shown = new Set<string>()
  let lostKey: string | null = null
  let isCertain = false
  return {
    ...honest,
    readAtLast(sight, row) {
      const lies = lostKey === null && row !== undefined && shown.has(sight.dataId)
      if (lies) lostKey = sight.dataId
      else if (row !== undefined && lostKey === sight.dataId && !isCertain) {
        isCertain = true
        told()
      }
      if (row !== undefined) shown.add(sight.dataId)
      honest.readAtLast(sight, lies ? undefined : row)
    },
  }
}

/** A restore brings values back, and a witness judges unique ones. */
const overrides = { snapshotMs: 0 }
/** Short lives of clients of configurations alone: a lie among what they saw is as good as any, and they are judged from their first event on. */
const briefly = { ...overrides, tenants: 0, namingMs: 0, areasMs: 0, events: 2_000, requestIdsMax }

/**
 * Once, a compare-and-set that lost is told that it won. Only against a rival whose place in the log was told: what a rival that is still open
 * did may as well have happened afterwards; and no demand for absence, which an open delete would have met.
 */
const withFalseWin = (honest: SimWitness, told: () => void): Witness => {
  const placed = new Set<string>()
  let lied = false
  const isLost = (outcome: WriteOutcome<Reply>): boolean =>
    outcome.kind === 'applied' && outcome.reply.kind === 'cas-conflict' && placed.has(outcome.reply.currentMd5)
  return {
    ...honest,
    write(client, sight, command) {
      const tell = honest.write(client, sight, command)
      return (outcome, from) => {
        if (outcome.kind === 'applied' && outcome.reply.kind === 'published') placed.add(outcome.reply.md5)
        const lies = !lied && command.kind === 'publish-config' && command.expectedMd5 !== '' && isLost(outcome)
        if (!lies || outcome.kind !== 'applied') return tell(outcome, from)
        lied = true
        told()
        tell({ ...outcome, reply: { kind: 'published', md5: command.md5, index: outcome.index, created: false } }, from)
      }
    },
  }
}

describe('the history of simulated clients', () => {
  it(`is legal in ${seeds} lives`, { timeout: 60_000 }, () => {
    const sum = { keys: 0, operations: 0, reads: 0, undecided: 0 }
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const witness = createSimWitness()
      expect({ seed, failure: runSchedule(seed, { witness, overrides }).failure }).toEqual({ seed, failure: null })
      const verdict = witness.verdict()
      for (const name of ['keys', 'operations', 'reads', 'undecided'] as const) sum[name] += verdict[name]
    }
    console.log(
      `${seeds} simulated lives: ${sum.keys} histories, ${sum.operations} operations, ${sum.reads} default reads, ${sum.undecided} undecided`,
    )
    expect(sum.undecided).toBe(0)
    expect(sum.operations).toBeGreaterThan(3_000)
  })

  it('is recorded without a trace in the life itself', { timeout: 30_000 }, () => {
    for (let seed = firstSeed; seed < firstSeed + 5; seed++)
      expect(runSchedule(seed, { witness: createSimWitness(), overrides }).hash).toBe(runSchedule(seed, { overrides }).hash)
  })

  for (const [name, lie] of Object.entries({ 'a stale read': withStaleRead, 'a lost write': withLostWrite, 'a false win': withFalseWin })) {
    it(`shows every planted lie: ${name}`, { timeout: 30_000 }, () => {
      const counts = { planted: 0, found: 0 }
      // Not every life has a moment for it: as many lives as it takes, whatever the dials draw.
      for (let seed = firstSeed; seed < firstSeed + 200 && counts.planted < liesWanted; seed++) {
        const honest = createSimWitness()
        let isPlanted = false
        const witness = lie(honest, () => {
          isPlanted = true
        })
        const { failure } = runSchedule(seed, { witness, overrides: briefly })
        if (isPlanted) counts.planted++
        if (isPlanted && failure?.message.startsWith('21: ')) counts.found++
      }
      console.log(`${name}: planted in ${counts.planted} lives, found in ${counts.found}`)
      expect(counts.found).toBe(counts.planted)
      expect(counts.planted).toBe(liesWanted)
    })
  }
})
