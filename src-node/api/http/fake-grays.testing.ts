/** For tests: gray versions by the real area, with records and history in maps. */

import type { ListenedChange } from '../../notify/chosen-version.ts'
import { listenedChange } from '../../notify/chosen-version.ts'
import { logIndex } from '../../raft/types.ts'
import type { WriteOutcome } from '../../raft-driver/ports.ts'
import { createAreaHost } from '../../state-machine/areas/area-host.ts'
import { createGrayArea } from '../../state-machine/areas/gray-area.ts'
import { encodeGray, grayRecordKey, readGrayRecord } from '../../state-machine/areas/gray-codec.ts'
import type { GrayCommand } from '../../state-machine/areas/gray-words.ts'
import type { ConfigKey, Reply, RowWrite } from '../../state-machine/types.ts'
import type { StoredHistoryRow } from '../../storage/types.ts'
import type { GrayPort } from './ports.ts'

export interface FakeGraysParts {
  nextIndex(): number
  readonly history: StoredHistoryRow[]
  find(key: ConfigKey): { readonly md5: string } | undefined
  told(change: ListenedChange): void
}

export const createFakeGrays = ({ nextIndex, history, find, told }: FakeGraysParts) => {
  const area = createGrayArea()
  const host = createAreaHost([area])
  const records = new Map<string, Uint8Array>()
  const proposed: GrayCommand[] = []
  let nextOutcome: WriteOutcome<Reply> | null = null

  const contentOf = (content: Extract<RowWrite, { kind: 'history-besides' }>['content']): Uint8Array =>
    content instanceof Uint8Array ? content : (records.get(content.key)?.slice(-content.bytes) ?? new Uint8Array())
  const carryOut = (write: RowWrite): void => {
    if (write.kind === 'put-record') records.set(write.key, write.value)
    else if (write.kind === 'drop-record') records.delete(write.key)
    else if (write.kind === 'history-besides') {
      const { atMs, content, ...row } = write
      history.push({ ...row, id: 0, createdMs: atMs, modifiedMs: atMs, publishType: 'gray', content: contentOf(content) })
    }
  }
  const grays: GrayPort = {
    of: area.of,
    readContent: (row) => {
      const key = grayRecordKey(row)
      const value = records.get(key)
      return value && readGrayRecord({ key, value })?.content
    },
    propose: (command, done) => {
      proposed.push(command)
      const refused = nextOutcome
      nextOutcome = null
      if (refused !== null) return void setImmediate(() => done(refused))
      const index = nextIndex()
      const at = { index, timeMs: 1_714_532_645_000, sum: { high: 0, low: 0 } }
      const { writes, reply, effects } = host.apply(encodeGray(command), at, () => history.length + 1)
      for (const write of writes) carryOut(write)
      host.publish()
      for (const effect of effects) {
        const change = listenedChange({ grays, find }, effect)
        if (change !== null) told(change)
      }
      setImmediate(() => done({ kind: 'applied', reply, index: logIndex(index) }))
    },
  }
  const refuseNextGray = (outcome: WriteOutcome<Reply>) => {
    nextOutcome = outcome
  }
  return { grays, proposed, refuseNextGray, records }
}
