/** Which areas of the state machine Nacos itself keeps in tables of its database: those that a shared database holds too. */

import type { AreaNumber } from '../state-machine/types.ts'

/** Gray versions, namespaces, accounts, capacities. */
export const sharedAreas: readonly AreaNumber[] = [3, 4, 5, 7]

export const isSharedArea = (area: AreaNumber): boolean => sharedAreas.includes(area)
