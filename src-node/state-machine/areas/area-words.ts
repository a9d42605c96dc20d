/** Replies and effects of all areas, one line an area: what they mean stands in each area's own file of words. */

import type { AccountReply } from './account-words.ts'
import type { CapacityReply } from './capacity-words.ts'
import type { GrayChanged, GrayReply } from './gray-words.ts'
import type { NamespaceReply } from './namespace-words.ts'
import type { NamingReply, ServiceChanged } from './naming-words.ts'
import type { SharedReply } from './shared-words.ts'

export type AreaReply = NamingReply | NamespaceReply | AccountReply | GrayReply | CapacityReply | SharedReply
export type AreaEffect = ServiceChanged | GrayChanged
