/**
 * The areas of this version, by name, as the rest of a node reads them. A new one: its number in types.ts if it is new there, its words in
 * area-words.ts, a line in `Areas` and one in `createAreas`.
 */

import { type AccountArea, createAccountArea } from './account-area.ts'
import type { Area } from './area.ts'
import { type CapacityArea, createCapacityArea } from './capacity-area.ts'
import { createGrayArea, type GrayArea } from './gray-area.ts'
import { createKeptArea, type KeptArea } from './kept-area.ts'
import { createNamespaceArea, type NamespaceArea } from './namespace-area.ts'
import { createNamingArea, type NamingArea } from './naming-area.ts'

/** What areas may ask of the machine around them, by all that the running batch has changed. */
export interface AreaWorld {
  /** Whether a configuration stands in this namespace: a walk through all of them, for commands that are rare. */
  hasConfigs(namespace: string): boolean
}

export interface Areas {
  readonly naming: NamingArea
  readonly namespaces: NamespaceArea
  readonly accounts: AccountArea
  readonly gray: GrayArea
  readonly capacities: CapacityArea
  /** Of named snapshots. */
  readonly kept: KeptArea
}

const hasServices = (naming: NamingArea, namespace: string): boolean => {
  for (const service of naming.services()) if (service.key.namespace === namespace) return true
  return false
}

export const createAreas = ({ hasConfigs }: AreaWorld): Areas => {
  const naming = createNamingArea()
  const gray = createGrayArea()
  const namespaces = createNamespaceArea({
    hasConfigs: (namespace) => hasConfigs(namespace) || gray.hasVersionsIn(namespace),
    hasServices: (namespace) => hasServices(naming, namespace),
  })
  return { naming, namespaces, accounts: createAccountArea(), gray, capacities: createCapacityArea(), kept: createKeptArea() }
}

export const areaList = (areas: Areas): readonly Area[] => Object.values(areas)
