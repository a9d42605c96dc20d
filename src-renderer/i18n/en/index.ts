/** All words of the console in one language, a file an area. */

import { configs } from './configs.ts'
import { frame } from './frame.ts'
import { health } from './health.ts'
import { logs } from './logs.ts'
import { move } from './move.ts'
import { namespaces } from './namespaces.ts'
import { overview } from './overview.ts'
import { security } from './security.ts'
import { snapshots } from './snapshots.ts'
import { storage } from './storage.ts'

export const en = { frame, health, overview, logs, configs, snapshots, storage, move, namespaces, security } as const
