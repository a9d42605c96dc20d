/**
 * The areas of this version, by name, as the rest of a node reads them. A new one: its number in types.ts if it is new there, its words in
 * area-words.ts, a line in `Areas` and one in `createAreas`.
 */

import type { Area } from './area.ts'
import { createNamingArea, type NamingArea } from './naming-area.ts'

export interface Areas {
  readonly naming: NamingArea
}

export const createAreas = (): Areas => ({ naming: createNamingArea() })

export const areaList = (areas: Areas): readonly Area[] => Object.values(areas)
