/** What the end of a life asks of each client of services. */

import type { InstanceSpec, ServiceKey } from '../../../src-node/state-machine/areas/naming-words.ts'

/** An instance that must be there, and how to know it from another one's. */
export interface Wanted {
  readonly service: ServiceKey
  readonly spec: InstanceSpec
  /** As `ownerText` of a connection, or `beat`. */
  readonly owner: string
}

export interface Tenant {
  readonly words: string
  /** After its next answer at the latest, and as long as it is left in peace. Null: it does not know yet what became of its last wish. */
  wanted(): readonly Wanted[] | null
  /** It dies without a word: connections close, beats stay away. */
  end(): void
  /** What it was last pushed of a service, if that is not what its node would say now. */
  missed(): string | null
}

export const serviceOf = (name: string): ServiceKey => ({ namespace: 'public', group: 'G', name })
