/** The requests about services, one file each. */

import type { NamingPort } from '../../../naming/naming-port.ts'
import type { ScanParts } from '../../http/v1/scan-queue.ts'
import type { RequestHandler } from '../requests.ts'
import { createBatchInstance, createInstance, createPersistentInstance } from './instance.ts'
import { createServiceInfoTexts } from './service-info.ts'
import { createServiceList } from './service-list.ts'
import { createServiceQuery } from './service-query.ts'
import { createSubscribe } from './subscribe.ts'

export const createNamingHandlers = (naming: NamingPort, clock: ScanParts): readonly RequestHandler[] => {
  const texts = createServiceInfoTexts(clock)
  return [
    createInstance(naming),
    createBatchInstance(naming),
    createPersistentInstance(naming),
    createServiceQuery(naming, texts),
    createServiceList(naming, clock),
    createSubscribe(naming, texts),
  ]
}
