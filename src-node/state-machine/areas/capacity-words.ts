/** The words of capacities (nacos-storage 1.5): what a group or a namespace may hold, as an operator has set it. Nothing is enforced by them. */

/** `tenant` is a namespace. */
export type CapacityScope = 'group' | 'tenant'

/** 0 stands for the default of Nacos. */
export interface CapacityLimits {
  readonly quota: number
  readonly maxSize: number
  readonly maxAggrCount: number
  readonly maxAggrSize: number
}

export interface CapacityRow extends CapacityLimits {
  readonly scope: CapacityScope
  readonly name: string
  /** Raft index of the entry that made it. */
  readonly id: number
  readonly createdMs: number
  readonly modifiedMs: number
}

/** What is not given stays as it is, or is the default of a new one. */
export interface PutCapacity {
  readonly kind: 'put-capacity'
  readonly scope: CapacityScope
  readonly name: string
  readonly limits: Partial<CapacityLimits>
}

export type CapacityReply =
  | { readonly kind: 'capacity-done'; readonly index: number }
  /** Changed nothing. */
  | { readonly kind: 'capacity-too-many'; readonly rowsMax: number }
