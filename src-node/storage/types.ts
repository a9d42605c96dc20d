/** Where applied state lives. One implementation per store; rows are the state machine's. */

import type { ConfigIndexRow, ConfigKey, ConfigRow, MachineMeta, RequestRow, RowWrite } from '../state-machine/types.ts'

export interface StateStore {
  meta(): MachineMeta
  /** Every row without content, for the machine's memory at start. */
  loadIndex(): IterableIterator<ConfigIndexRow>
  /** Every remembered reply, oldest first, for the machine's memory at start. */
  loadRequests(): IterableIterator<RequestRow>
  /** One transaction: all writes in order, then the meta. `'disk_full'`: rolled back, nothing changed. */
  commit(writes: readonly RowWrite[], meta: MachineMeta): 'ok' | 'disk_full'
  readContent(id: number): Uint8Array | undefined
  readConfig(key: ConfigKey): ConfigRow | undefined
  historyCount(): number
  close(): void
}
