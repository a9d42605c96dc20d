/** For tests: what a cache says that has nothing to do. */

import type { CacheStatus } from './types.ts'

export const emptyCacheStatus: CacheStatus = {
  ...{ state: 'current', folder: '/data', configs: 0, index: 0, dirty: 0, filesWritten: 0, filesRemoved: 0 },
  ...{ problem: null, dumpDue: false, running: null, last: null },
}
