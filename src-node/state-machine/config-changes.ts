/** Which effects concern configurations: what long polls, files and notices are about. */

import type { ConfigChanged, Effect } from './types.ts'

const isConfigChange = (effect: Effect): effect is ConfigChanged => effect.kind === 'config-changed'

/** In the same order; the very same list where nothing else stands in it, the usual case. */
export const configChangesOf = (effects: readonly Effect[]): readonly ConfigChanged[] =>
  effects.every(isConfigChange) ? effects : effects.filter(isConfigChange)
