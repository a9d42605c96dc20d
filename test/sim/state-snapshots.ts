/** Snapshots of a simulated state store: real bytes with a real hash, so that the driver cuts, sends and checks them as in the product. */

import { createHash } from 'node:crypto'
import type { AreaRecord, ConfigRow, MachineMeta, NamedSnapshot, RequestRow } from '../../src-node/state-machine/types.ts'
import type { KeptMembership, ReceivedState, SnapshotInfo, StateStore } from '../../src-node/storage/types.ts'
import type { FakeStateDisk, HistoryRow, StateHooks } from './state-disk.ts'
import { SimFailure } from './world.ts'

interface Image {
  readonly meta: MachineMeta
  readonly history: readonly (readonly [number, HistoryRow])[]
  readonly rows: readonly (readonly [number, ConfigRow])[]
  readonly requests: readonly (readonly [number, RequestRow])[]
  readonly snapshots: readonly (readonly [number, NamedSnapshot])[]
  readonly records: readonly (readonly [string, AreaRecord])[]
  readonly queue?: FakeStateDisk['queue']
  readonly queueAfter?: number
}

export interface FakeSnapshotSlot extends Pick<StateStore, 'copyOut' | 'receive'> {
  copying(): boolean
  moveIn(received: ReceivedState): void
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

const written = (row: ConfigRow): object => ({ ...row, content: Buffer.from(row.content).toString('latin1') })
const read = (row: ConfigRow): ConfigRow => ({ ...row, content: new Uint8Array(Buffer.from(`${row.content}`, 'latin1')) })

const encode = ({ meta, history, rows, requests, snapshots, records, queues, queue, queueAfter }: FakeStateDisk): Uint8Array => {
  const image = {
    meta,
    history: [...history].map(([nid, each]) => [nid, { ...each, row: written(each.row) }]),
    rows: [...rows].map(([id, row]) => [id, written(row)]),
    requests: [...requests],
    snapshots: [...snapshots],
    records: [...records].map(([key, record]) => [key, { ...record, value: Buffer.from(record.value).toString('latin1') }]),
    ...(queues ? { queue, queueAfter } : {}),
  }
  return new TextEncoder().encode(JSON.stringify(image))
}
const decode = (bytes: Uint8Array): Image => {
  const image = JSON.parse(new TextDecoder().decode(bytes)) as Image
  const rows = image.rows.map(([id, row]) => [id, read(row)] as const)
  const history = image.history.map(([nid, each]) => [nid, { ...each, row: read(each.row) }] as const)
  const records = image.records.map(([key, record]) => [key, { ...record, value: new Uint8Array(Buffer.from(`${record.value}`, 'latin1')) }] as const)
  return { ...image, rows, history, records }
}

export function createSnapshotSlot(disk: FakeStateDisk, hooks: StateHooks): FakeSnapshotSlot {
  const images = new Map<ReceivedState, Image & { readonly membership: KeptMembership | null }>()

  const receive = (info: SnapshotInfo, membership: KeptMembership | null) => {
    const pieces: Uint8Array[] = []
    let over = false
    const received = (image: Image): ReceivedState => {
      const state: ReceivedState = {
        meta: () => image.meta,
        loadIndex: () => image.rows.map(([, row]) => row).values() as IterableIterator<ConfigRow>,
        loadRequests: () =>
          image.requests
            .map(([, row]) => row)
            .toSorted((a, b) => a.index - b.index)
            .values() as IterableIterator<RequestRow>,
        loadSnapshots: () => image.snapshots.map(([, snapshot]) => snapshot).toSorted((a, b) => a.index - b.index),
        loadRecords: () => image.records.map(([, record]) => record).values() as IterableIterator<AreaRecord>,
        discard: () => void images.delete(state),
      }
      images.set(state, { ...image, membership })
      return state
    }
    return {
      write(bytes: Uint8Array) {
        if (hooks.full()) return 'disk_full' as const
        pieces.push(bytes)
        return 'ok' as const
      },
      finish(done: (result: ReceivedState | 'damaged' | 'disk_full') => void) {
        hooks.after(() => {
          if (over) return
          const bytes = new Uint8Array(Buffer.concat(pieces))
          const whole = bytes.length === info.bytes && Buffer.compare(sha256(bytes), info.sha256) === 0
          if (!whole) throw new SimFailure('a snapshot came in damaged, though no wire damages bytes')
          if (hooks.chance(0.05)) {
            hooks.mark('snapshot/damaged')
            done('damaged')
          } else done(received(decode(bytes)))
        })
      },
      discard: () => {
        over = true
      },
    }
  }

  let copying = false
  return {
    copying: () => copying,
    copyOut(done) {
      copying = true
      const bytes = encode(disk)
      const { appliedIndex: index, appliedTerm: term } = disk.meta
      const failure = hooks.full() ? 'disk_full' : hooks.chance(0.05) ? 'failed' : null
      hooks.after(() => {
        copying = false
        if (failure !== null) return done(failure)
        const info = { index, term, bytes: bytes.length, sha256: sha256(bytes) }
        done({ info, read: (offset, length) => bytes.slice(offset, offset + length), discard: () => {} })
      })
    },
    receive,
    moveIn(received) {
      const image = images.get(received)
      if (image === undefined) throw new SimFailure('a snapshot is installed that was thrown away')
      images.clear()
      disk.rows = new Map(image.rows)
      disk.requests = new Map(image.requests)
      disk.meta = image.meta
      disk.history = new Map(image.history)
      disk.snapshots = new Map(image.snapshots)
      disk.records = new Map(image.records)
      disk.queue = image.queue ?? []
      disk.queueAfter = image.queueAfter ?? 0
      disk.installed = { index: image.meta.appliedIndex, membership: image.membership }
    },
  }
}
