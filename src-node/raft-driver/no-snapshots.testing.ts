/** A state that is never copied and never received, for tests of what has nothing to do with snapshots. */

import type { StateSnapshots } from './ports.ts'

export const noSnapshots: StateSnapshots = {
  durableIndex: () => 0,
  checkpoint: () => {},
  copyOut: () => {
    throw new Error('nobody asks for a snapshot here')
  },
  copying: () => false,
  receive: () => {
    throw new Error('nobody sends a snapshot here')
  },
}
