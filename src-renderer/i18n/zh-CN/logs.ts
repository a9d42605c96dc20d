/** Words of the logs screen, in Chinese. */

import type { logs as en } from '../en/logs.ts'
import type { Translated } from '../translated.ts'

export const logs: Translated<typeof en> = {}
