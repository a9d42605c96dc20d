/** Sabotages of snapshots and of the log's begin: what is cut, what is installed, what is still to follow. */

import type { Sabotage } from './sabotages.ts'

export const snapshotSabotages: readonly Sabotage[] = [
  {
    name: 'log cut beyond what is durable',
    file: 'src-node/raft-driver/compaction.ts',
    find: 'Math.min(snapshots.durableIndex(), ',
    instead: 'Math.min(applied, ',
    breaks: 'the log is cut only up to what a synced checkpoint of the state holds (design 5)',
  },
  {
    name: 'write inside a snapshot proposed again',
    file: 'src-node/raft-driver/waiting-writes.ts',
    find: 'outTerm !== 0 && outTerm <= lastTerm',
    instead: 'outTerm !== 0 && outTerm < 0',
    breaks: 'what a snapshot skips over has an unknown outcome',
  },
  {
    name: 'snapshot without the configuration',
    file: 'src-node/raft/snapshot.ts',
    find: '  restoreConfigurations(s, place.membership)\n',
    instead: '',
    breaks: 'a node goes by the latest configuration of its log, or of the snapshot before it',
  },
  {
    name: 'install not completed at a start',
    file: 'src-node/raft-driver/complete-install.ts',
    find: 'if (mark.index === appliedIndex',
    instead: 'if (mark.index === -1',
    breaks: 'a crash between state and log of an install loses nothing (catalogue 19)',
  },
  {
    name: 'memory of the old state kept',
    file: 'src-node/raft-driver/machine-snapshots.ts',
    find: '        changes = load.takeOver(meta)\n',
    instead: '',
    breaks: 'store and memory become those of the snapshot at once (catalogue 19)',
  },
  {
    name: 'replies lost in a snapshot',
    file: 'src-node/raft-driver/machine-snapshots.ts',
    find: ' || slice(requests, load.addRequest)',
    instead: '',
    breaks: 'remembered replies are part of every snapshot (catalogue 22)',
  },
]
