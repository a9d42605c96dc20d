/** The `code` and `message` of answers of v2 and v3, and of zip answers of v1 (nacos-http 2.3). Owns the table and nothing else. */

export const errorCodes = {
  'parameter missing': 10_000,
  'access denied': 10_001,
  'data access error': 10_002,
  "'tenant' parameter error": 20_001,
  'parameter validate error': 20_002,
  'MediaType Error': 20_003,
  'resource not found': 20_004,
  'resource conflict': 20_005,
  'config listener is null': 20_006,
  'config listener error': 20_007,
  'invalid dataId': 20_008,
  'parameter mismatch': 20_009,
  'config gray version version over max count': 20_010,
  'config gray rule format invalid': 20_011,
  'config gray rule version invalid': 20_012,
  'config gray name not recognized': 20_013,
  'cluster capacity reach quota': 5031,
  'group capacity reach quota': 5032,
  'tenant capacity reach quota': 5033,
  'config content size is over limit': 5034,
  'service name error': 21_000,
  'weight error': 21_001,
  'instance metadata error': 21_002,
  'instance not found': 21_003,
  'instance error': 21_004,
  'service metadata error': 21_005,
  'selector error': 21_006,
  'service already exist': 21_007,
  'service not exist': 21_008,
  'service delete failure': 21_009,
  'healthy param miss': 21_010,
  'health check still running': 21_011,
  'illegal namespace': 22_000,
  'namespace not exist': 22_001,
  'namespace already exist': 22_002,
  'illegal state': 23_000,
  'node info error': 23_001,
  'node down failure': 23_002,
  'server error': 30_000,
  'API deprecated.': 40_000,
  'API function disabled.': 40_001,
} as const

/** The text of a code is its name: it stands in `message`, and names the code in ours. */
export type ErrorName = keyof typeof errorCodes

/** For a failure that says nothing nearer than its HTTP status. */
export const nameOfStatus = (status: number): ErrorName => {
  switch (status) {
    case 400:
    case 413:
      return 'parameter validate error'
    case 401:
    case 403:
      return 'access denied'
    case 404:
      return 'resource not found'
    case 409:
      return 'resource conflict'
    default:
      return 'server error'
  }
}
