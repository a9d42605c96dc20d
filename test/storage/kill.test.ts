import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logIndex } from '../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { createStateMachine, emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import { commandOf, openStores } from './stores.ts'

const kills = 20
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kill-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Runs the writer until it has acknowledged `count` entries, kills it, and adds all that it said to `acknowledged`. */
const writeAndKill = async (count: number, acknowledged: Map<number, number>): Promise<void> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./kill-writer.ts', import.meta.url)), dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  let lines = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    lines += text.split('\n').length - 1
    if (lines >= count) child.kill('SIGKILL')
  })
  const [code, signal] = await once(child, 'close')
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  // The last line may be cut by the kill.
  for (const line of said.split('\n').slice(0, -1)) {
    const [index = 0, term = 0] = line.split(' ').map(Number)
    acknowledged.set(index, term)
  }
}

/** The state hash that the log alone gives at `last`. */
const replayedHash = (log: RaftLogStore, last: number): string => {
  const machine = createStateMachine([], emptyMeta())
  machine.begin()
  for (const { kind, index, term, data } of log.entries(logIndex(1), logIndex(last), Number.MAX_SAFE_INTEGER)) {
    if (kind === 'command') machine.apply({ index, term, stampMs: index, payload: data })
    else machine.skip(index, term)
  }
  machine.publish()
  return machine.meta().stateHash
}

describe('kill -9 of a writer', () => {
  it(`${kills} times loses nothing that was acknowledged`, { timeout: 90_000 }, async () => {
    const acknowledged = new Map<number, number>()
    for (let kill = 0; kill < kills; kill++) {
      await writeAndKill(1 + ((kill * 37) % 150), acknowledged)
      // Every other time the next writer itself finds the files as the kill left them.
      if (kill % 2 === 0) continue
      const { log, store } = openStores(dir)
      for (const [index, term] of acknowledged) {
        const [entry] = log.entries(logIndex(index), logIndex(index), 0)
        if (entry?.term !== term) expect.fail(`kill ${kill}: entry ${index} of term ${term} is ${entry ? `of term ${entry.term}` : 'lost'}`)
        if (entry.kind === 'command') expect(Buffer.compare(entry.data, commandOf(index, term))).toBe(0)
      }
      const meta = store.meta()
      expect(meta.appliedIndex).toBeGreaterThanOrEqual(Math.max(...acknowledged.keys()))
      expect(meta.appliedIndex).toBeLessThanOrEqual(log.lastIndex())
      expect(log.hardState().term).toBeGreaterThanOrEqual(Math.max(...acknowledged.values()))
      expect(createStateMachine(store.loadIndex(), meta, { requests: store.loadRequests(), records: store.loadRecords() }).meta()).toEqual(meta)
      expect(replayedHash(log, meta.appliedIndex)).toBe(meta.stateHash)
      log.close()
      store.close()
    }
    expect(acknowledged.size).toBeGreaterThan(kills * 20)
  })
})
