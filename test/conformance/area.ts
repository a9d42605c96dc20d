/** One part of the suite: tests that are told what they are held against once it has started. Written once, run in each mode. */

import type { Subject } from './subject.ts'

export type Area = (subject: () => Subject) => void
