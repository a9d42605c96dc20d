/** Every request type that this node answers, one file each. */

import type { Watcher } from '../../notify/config-watches.ts'
import { createConfigBatchListen } from './config/batch-listen.ts'
import { createConfigQuery } from './config/query.ts'
import { createConfigWrites } from './config/write.ts'
import type { Connection } from './connection.ts'
import { healthCheck } from './internal/health-check.ts'
import { createNamingHandlers } from './naming/handlers.ts'
import type { GrpcParts } from './ports.ts'
import type { RequestHandler } from './requests.ts'

/** @param watcherOf the listener that stands for a connection, null once that is gone */
export const handlersOf = (parts: GrpcParts, watcherOf: (connection: Connection) => Watcher | null): readonly RequestHandler[] => [
  healthCheck,
  createConfigQuery(parts),
  ...createConfigWrites(parts),
  createConfigBatchListen(parts, watcherOf),
  ...createNamingHandlers(parts.naming, parts.clock),
]
