import { describe, expect, it } from 'vitest'
import { logIndex, term } from '../raft/types.ts'
import { encodeCommand } from '../state-machine/command-codec.ts'
import { createStateMachine, emptyMeta } from '../state-machine/state-machine.ts'
import type { Reply } from '../state-machine/types.ts'
import type { StateStore } from '../storage/types.ts'
import { createMachineApplier } from './machine-applier.ts'
import type { Applied, CommittedCommand } from './ports.ts'

const key = { namespace: '', group: 'G', dataId: 'a' }
const drop = encodeCommand({ kind: 'delete-config', ...key, expectedMd5: null, sourceIp: '', sourceUser: '' })
const publish = encodeCommand({
  kind: 'publish-config',
  ...key,
  content: new Uint8Array([97]),
  md5: '0cc175b9c0f1b6a831c399e269772661',
  type: 'text',
  expectedMd5: null,
  appName: '',
  description: '',
  tags: [],
  sourceIp: '',
  sourceUser: '',
  encryptedDataKey: '',
})
const command = (index: number, payload: Uint8Array | null): CommittedCommand => ({ index: logIndex(index), term: term(1), stampMs: 5, payload })

function applier(order: string[]) {
  let full = false
  const machine = createStateMachine([], emptyMeta())
  const commit = () => {
    if (full) return 'disk_full'
    order.push('store')
    return 'ok'
  }
  const store = { commit } as unknown as StateStore
  const onEffects = (effects: readonly unknown[]) => order.push(`${effects.length} effects`)
  const port = createMachineApplier({ machine, store, clock: { defer: (task) => task() }, onEffects, onLateEffects: onEffects })
  return { machine, port, setFull: (on: boolean) => (full = on) }
}

describe('machine applier', () => {
  it('puts the store first, then memory and the replies, then the effects', () => {
    const order: string[] = []
    const { machine, port } = applier(order)
    port.apply([command(1, null), command(2, publish)], (result) => {
      const { replies, afterReplies } = result as Applied<Reply>
      order.push(`${machine.size()} in memory, replies ${replies.map((reply) => reply?.kind)}`)
      afterReplies()
    })
    expect(order).toEqual(['store', '1 in memory, replies ,published', '1 effects'])
    expect(port.appliedIndex()).toBe(2)
  })

  it('keeps nothing of a run that the full disk did not take, and takes it later', () => {
    const { machine, port, setFull } = applier([])
    setFull(true)
    port.apply([command(1, publish)], (result) => expect(result).toBe('disk_full'))
    expect([machine.size(), port.appliedIndex()]).toEqual([0, 0])
    setFull(false)
    port.apply([command(1, publish), command(2, drop)], () => {})
    expect([machine.size(), port.appliedIndex()]).toEqual([0, 2])
  })

  it('bug 31: bytes that are no command are recorded and change nothing', () => {
    const { machine, port } = applier([])
    port.apply([command(1, new Uint8Array([255, 1, 2]))], (result) =>
      expect((result as Applied<Reply>).replies).toEqual([{ kind: 'invalid-command' }]),
    )
    expect([machine.size(), port.appliedIndex()]).toEqual([0, 1])
  })
})
