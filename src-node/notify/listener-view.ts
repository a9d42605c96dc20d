/** Who listens at this node, and to what: one view for each way of listening. Walked within one turn; bounded by the limits of what is viewed. */

import type { ConfigKey } from '../state-machine/types.ts'

export interface ListenerView {
  /** The clients of a configuration, by address, with the md5 of what each has. */
  ofKey(key: ConfigKey): Iterable<{ readonly ip: string; readonly md5: string }>
  /** What the clients of an address listen to. */
  ofIp(ip: string): Iterable<{ readonly key: ConfigKey; readonly md5: string }>
}
