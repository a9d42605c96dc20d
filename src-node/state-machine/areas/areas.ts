/**
 * The areas of this version, by name, as the rest of a node reads them. A new one: its number in types.ts if it is new there, its words in
 * area-words.ts, a line in `Areas` and one in `createAreas`.
 */

import type { Area } from './area.ts'

/** Each member is an `Area` and whatever its readers need besides. */
export type Areas = Readonly<Record<string, Area>>

export const createAreas = (): Areas => ({})

export const areaList = (areas: Areas): readonly Area[] => Object.values(areas)
