/** One configuration key as one string, for maps. */

import type { ConfigKey } from '../state-machine/types.ts'

/** \x02 stands in no valid name. */
export const keyText = (key: ConfigKey): string => `${key.namespace}\x02${key.group}\x02${key.dataId}`
