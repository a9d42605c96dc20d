/** Words of the Configs screen, in Chinese. */

import type { configs as en } from '../en/configs.ts'
import type { Translated } from '../translated.ts'

export const configs: Translated<typeof en> = {}
