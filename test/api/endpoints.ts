/** Every endpoint of the reference of the HTTP API, in the order in which they are asked for: what one makes the next may read. */

import { configV1 } from './endpoints/config-v1.ts'
import { configV2 } from './endpoints/config-v2.ts'
import { configV3 } from './endpoints/config-v3.ts'
import { core } from './endpoints/core.ts'
import { coreV3 } from './endpoints/core-v3.ts'
import { namingV1 } from './endpoints/naming-v1.ts'
import { namingV2 } from './endpoints/naming-v2.ts'
import { namingV3 } from './endpoints/naming-v3.ts'
import type { Endpoint } from './endpoints/row.ts'
import { users } from './endpoints/users.ts'

export const endpoints: readonly Endpoint[] = [
  ...configV1,
  ...configV2,
  ...namingV1,
  ...namingV2,
  ...core,
  ...users,
  ...configV3,
  ...namingV3,
  ...coreV3,
]
