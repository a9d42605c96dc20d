/** For tests of one area: a machine of its own, of which only this area is asked. Each command is an entry; its batch may be thrown away. */

import { createStateMachine, emptyMeta } from '../state-machine.ts'
import type { AreaRecord, Reply, RowWrite } from '../types.ts'

export const createAreaWorld = (records: readonly AreaRecord[] = []) => {
  const machine = createStateMachine([], emptyMeta(), { records })
  const stored = new Map<string, AreaRecord>(records.map((record) => [`${record.area} ${record.key}`, record]))
  let index = 0
  const store = (write: RowWrite): void => {
    if (write.kind === 'put-record') stored.set(`${write.area} ${write.key}`, write)
    if (write.kind === 'drop-record') stored.delete(`${write.area} ${write.key}`)
  }
  const apply = (payload: Uint8Array, keep = true): Reply => {
    machine.begin()
    const { reply, writes } = machine.apply({ index: ++index, term: 1, stampMs: index * 1_000, payload })
    if (keep) {
      machine.publish()
      writes.forEach(store)
    } else machine.discard()
    return reply
  }
  return { machine, apply, records: (): readonly AreaRecord[] => [...stored.values()].map(({ area, key, value }) => ({ area, key, value })) }
}
