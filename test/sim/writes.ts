/**
 * Writes of simulated clients, and what becomes of them: a task is one write as its client means it, sent once or, under a request id, again
 * and again. Every attempt goes to the judge; the witness, if there is one, hears of a task once.
 */

import { createHash } from 'node:crypto'
import { logIndex } from '../../src-node/raft/types.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import type { WriteOutcome } from '../../src-node/raft-driver/ports.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { requestIdsMax } from '../../src-node/state-machine/request-table.ts'
import type { Command, Reply } from '../../src-node/state-machine/types.ts'
import type { Cluster } from './cluster.ts'
import type { Attempt } from './judge/write-judge.ts'
import type { SimNode } from './node.ts'
import type { Sight, Witness } from './witness.ts'
import { SimFailure } from './world.ts'

export interface Task {
  readonly command: Command
  readonly payload: Uint8Array
  readonly told: ReturnType<Witness['write']> | undefined
  /** The client knows what became of it. */
  isAnswered: boolean
  attempts: number
  /** Attempts that certainly did not and will not write. */
  refusals: number
}

export interface Writes {
  /** What a client writes next; `node` is where it goes first. */
  draw(node: SimNode, client: number): Task
  /** One attempt, at a node that runs. */
  send(node: SimNode, task: Task, done: (outcome: string) => void): void
}

const slackMs = 20
const content = (id: number) => new TextEncoder().encode(`value ${id}`)

/** 28: whoever hears of a success has it in the shared database, with all that came before it. */
function checkStored({ database }: Cluster, { id, stateDisk }: SimNode, index: number): void {
  if (database === null) return
  const nid = Math.max(0, ...[...stateDisk.history].filter(([, row]) => row.index <= index).map(([at]) => at))
  if (nid > 0 && !database.history.has(nid) && !database.forgotten.has(nid))
    throw new SimFailure(`28: node ${id} acknowledges entry ${index}, the database lacks history ${nid}`)
}

export function createWrites(cluster: Cluster, witness: Witness | null): Writes {
  const { world, dials, judge } = cluster
  const { dice } = world
  const lastMd5 = new Map<string, string>()
  const casWon = new Set<string>()
  /** Values are then no longer unique: a write whose id was forgotten happens twice, and a restore brings back what was. */
  const comesAgain = dials.requestIdsMax < requestIdsMax || dials.snapshotMs > 0
  const options = { ...driverDefaults, ...dials.options }
  /** By a node's own clock, which looks at its waiting writes now and then. */
  const storeMs = cluster.database === null ? 0 : dials.storeLimits.undecidedMs + dials.storeLimits.writeTimeoutMs + 2 * dials.storeLimits.repeatMs
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs + storeMs
  let values = 0

  const drawCommand = (dataId: string, expectedMd5: string | null): Command => {
    const bytes = content(++values)
    const md5 = createHash('md5').update(bytes).digest('hex')
    const requestId = dice.chance(dials.retries) ? { requestId: `request-id-${String(values).padStart(9, '0')}` } : {}
    const common = { namespace: '', group: 'G', dataId, expectedMd5, sourceIp: `${++values}`, sourceUser: '', ...requestId }
    const fields = { type: 'text', appName: '', description: '', tags: [], encryptedDataKey: '' } as const
    if (dice.chance(0.1)) return { kind: 'delete-config', ...common }
    return { kind: 'publish-config', ...common, content: bytes, md5, ...fields }
  }
  /** Values are unique, so a md5 can be replaced only once (invariant 23). */
  const checkCasWon = (expectedMd5: string) => {
    if (casWon.has(expectedMd5)) throw new SimFailure(`23: two compare-and-set writes replaced ${expectedMd5}`)
    casWon.add(expectedMd5)
    world.mark('write/cas-won')
  }

  const onPublished = ({ dataId, expectedMd5, ...command }: Command) => {
    if (command.kind === 'publish-config') lastMd5.set(dataId, command.md5)
    if (expectedMd5 && !comesAgain) checkCasWon(expectedMd5)
  }

  /** What the client learns for the task as a whole: a success, the refusal of all attempts, or, of a single one, that nobody knows. */
  const tell = (task: Task, outcome: WriteOutcome<Reply>, { attempt, sight }: { attempt: Attempt; sight: Sight }) => {
    if (outcome.kind === 'applied') {
      if (!task.isAnswered && outcome.reply.kind === 'published') onPublished(task.command)
      task.isAnswered = true
      // A repeat tells of its first entry, which is where it took effect.
      task.told?.({ ...outcome, index: logIndex(attempt.write.indexes[0] ?? outcome.index) }, sight)
      return
    }
    if (outcome.kind === 'refused') task.refusals++
    const isOpen = outcome.kind === 'refused' ? task.refusals < task.attempts : task.command.requestId !== undefined
    if (task.isAnswered || isOpen) return
    task.isAnswered = true
    task.told?.(outcome, sight)
  }

  return {
    draw(node, client) {
      const dataId = `key ${dice.between(1, dials.keys)}`
      const expectedMd5 = dice.chance(0.3) ? (lastMd5.get(dataId) ?? '') : null
      const command = drawCommand(dataId, expectedMd5)
      const told = witness?.write(client, { node: node.id, run: node.run, dataId }, command)
      return { command, payload: encodeCommand(command), told, isAnswered: false, attempts: 0, refusals: 0 }
    },
    send(node, task, done) {
      const { command, payload } = task
      const sight: Sight = { node: node.id, run: node.run, dataId: command.dataId }
      const look = () => witness?.read(sight, node.machine()?.find(command))
      look()
      judge.onMeant(payload, command)
      const dueMs = world.now() + answerMs / node.rate + slackMs
      const attempt = judge.begin(payload, { repeatable: command.requestId !== undefined, node: node.id, run: node.run, dueMs })
      task.attempts++
      world.trace(() => `${node.id} write ${attempt.write.id}${task.attempts === 1 ? '' : `, attempt ${task.attempts}`}`)
      cluster.guarded(node, () =>
        node.write(payload, (outcome) => {
          world.trace(() => `${node.id} write ${attempt.write.id}: ${JSON.stringify(outcome)}`)
          judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)
          if (outcome.kind === 'applied') checkStored(cluster, node, outcome.index)
          if (outcome.kind === 'refused') world.mark(`write/refused: ${outcome.code}`)
          tell(task, outcome, { attempt, sight })
          look()
          done(outcome.kind)
        }),
      )
    },
  }
}
