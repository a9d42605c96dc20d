/** Which effects concern whom: configurations are told to long polls, files and notices, services to their subscribers. */

import type { ServiceChanged } from './areas/naming-words.ts'
import type { ConfigChanged, Effect } from './types.ts'

const isConfigChange = (effect: Effect): effect is ConfigChanged => effect.kind === 'config-changed'
const isServiceChange = (effect: Effect): effect is ServiceChanged => effect.kind === 'service-changed'

/** In the same order; the very same list where nothing else stands in it, the usual case. */
const only = <E extends Effect>(effects: readonly Effect[], isOf: (effect: Effect) => effect is E): readonly E[] =>
  effects.every(isOf) ? effects : effects.filter(isOf)

export const configChangesOf = (effects: readonly Effect[]): readonly ConfigChanged[] => only(effects, isConfigChange)
export const serviceChangesOf = (effects: readonly Effect[]): readonly ServiceChanged[] => only(effects, isServiceChange)
