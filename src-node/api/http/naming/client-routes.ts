/** Paths by which clients and what they publish are shown (nacos-http 9, 14.2): v2 and v3 have the same below different beginnings. */

import type { Handler, Routes } from '../router.ts'
import { listClients, listPublished, listPublishers, listSubscribed, listSubscribers, showClient } from './clients.ts'
import type { Act } from './dialect.ts'

export const clientRoutes = (on: (act: Act) => Handler, base: '/v2/ns/client' | '/v3/admin/ns/client'): Routes => ({
  [base]: { access: 'admin', GET: on(showClient) },
  [`${base}/list`]: { access: 'admin', GET: on(listClients) },
  [`${base}/publish/list`]: { access: 'admin', GET: on(listPublished) },
  [`${base}/subscribe/list`]: { access: 'admin', GET: on(listSubscribed) },
  [`${base}/service/publisher/list`]: { access: 'admin', GET: on(listPublishers) },
  [`${base}/service/subscriber/list`]: { access: 'admin', GET: on(listSubscribers) },
})
