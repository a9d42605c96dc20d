/** Every request type that this node answers, one file each. */

import { createConfigBatchListen } from './config/batch-listen.ts'
import { createConfigQuery } from './config/query.ts'
import { createConfigWrites } from './config/write.ts'
import { configDialect, namingDialect } from './fuzzy/dialects.ts'
import { createFuzzyWatch } from './fuzzy/fuzzy-watch.ts'
import { healthCheck } from './internal/health-check.ts'
import type { Listeners } from './listeners.ts'
import { createNamingHandlers } from './naming/handlers.ts'
import type { GrpcParts } from './ports.ts'
import type { RequestHandler } from './requests.ts'

export const handlersOf = (parts: GrpcParts, listeners: Listeners): readonly RequestHandler[] => [
  healthCheck,
  createConfigQuery(parts),
  ...createConfigWrites(parts),
  createConfigBatchListen(parts, listeners.watcherOf),
  createFuzzyWatch({ dialect: configDialect, watches: parts.fuzzy.configs, notifierOf: listeners.configPatternsOf }),
  ...createNamingHandlers(parts.naming, parts.clock),
  createFuzzyWatch({ dialect: namingDialect, watches: parts.fuzzy.services, notifierOf: listeners.servicePatternsOf }),
]
