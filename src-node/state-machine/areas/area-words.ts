/** Replies and effects of all areas, one line an area: what they mean stands in each area's own file of words. */

import type { NamingReply, ServiceChanged } from './naming-words.ts'

export type AreaReply = NamingReply
export type AreaEffect = ServiceChanged
