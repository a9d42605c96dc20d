/**
 * What a look at a shared database says beside what this cluster holds: before a move, what it would do; after it, whether both are alike. Types
 * only; they go to the supervising process and from there to a console.
 */

interface NamedKey {
  readonly namespace: string
  readonly group: string
  readonly dataId: string
}

/** What one side holds, or one namespace of it. */
export interface StoreSum {
  readonly configs: number
  /** Of contents, as UTF-8. */
  readonly bytes: number
  /** 16 hex digits: the sum over all rows of the hash of what a client can ask of each. Equal rows in any order have one sum. */
  readonly hash: string
}

export interface NamespaceSums {
  readonly namespace: string
  readonly ours: StoreSum
  readonly theirs: StoreSum
}

export interface StoreDifference extends NamedKey {
  readonly heldBy: 'ours' | 'theirs' | 'both'
  /** What is not alike, if both have it. */
  readonly fields: readonly string[]
}

/**
 * One of ours that a column cannot hold. With unit `charset` a character is missing there, and `limit` is 0; with `name` it takes the name for that of
 * `taken`, by the collation in `charset`.
 */
export interface StoreExcess extends NamedKey {
  readonly column: string
  readonly limit: number
  readonly unit: 'characters' | 'bytes' | 'charset' | 'name'
  readonly charset: string
  readonly taken?: string | undefined
}

/** A row of theirs that can be no configuration, and why (`SourceRemark` of storage). */
export interface StoreLeftRow extends NamedKey {
  readonly id: string
  readonly column: string
  readonly reason: string
  readonly limit: number
}

/** History by its numbers. A row is alike if number, name, operation and content are. */
export interface HistoryLook {
  readonly ours: number
  readonly theirs: number
  /** Sums as those of configurations. */
  readonly oursHash: string
  readonly theirsHash: string
  readonly alike: number
  readonly unlike: number
  readonly oursAlone: number
  readonly theirsAlone: number
  /** Ours that a column cannot hold: they would stay in the nodes alone. */
  readonly tooBig: number
}

/** What stands beside configurations, by the tables that hold it. `roles`: their permissions. */
export type RecordAreaName = 'namespaces' | 'users' | 'roles' | 'gray' | 'capacities'

/** Of one kind; as in all of them together. */
export interface RecordAreaLook {
  readonly area: RecordAreaName
  readonly alike: number
  readonly unlike: number
  readonly oursAlone: number
  readonly theirsAlone: number
  /** Of `oursAlone`, what a column cannot hold. */
  readonly unfit: number
}

/**
 * Namespaces, users with their roles, roles with their permissions, gray versions, capacities: alike if they say the same, whatever times and numbers a
 * store gives them.
 */
export interface RecordsLook {
  readonly ours: number
  readonly theirs: number
  /** Sums as those of configurations. */
  readonly oursHash: string
  readonly theirsHash: string
  readonly alike: number
  readonly unlike: number
  readonly oursAlone: number
  readonly theirsAlone: number
  /** Ours that a column cannot hold. */
  readonly tooBig: number
  /** Ours of which the database has no table: they stay in the nodes, and count on no side. */
  readonly placeless: number
  /** Rows of theirs that can be no record: they count on no side. */
  readonly left: number
  /** By kind, all of them. */
  readonly areas: readonly RecordAreaLook[]
  /** The first of those that are not alike, in words; a password is in none. */
  readonly named: readonly string[]
}

export interface StoreLook {
  /** `host:port` that answered. */
  readonly address: string
  /** False: Nacos's tables are not there; they would be made. */
  readonly hasTables: boolean
  /** Whose it is, by the row that a cluster leaves there. */
  readonly owner: 'nobody' | 'this-cluster' | 'another-cluster'
  /** Of the owner; `''` without one. */
  readonly ownerId: string
  /** Where the database stands; null without an owner. */
  readonly storeIndex: number | null
  /** Of this node, when the look began. */
  readonly appliedIndex: number
  readonly ours: StoreSum
  readonly theirs: StoreSum
  /** By name; those with something on either side, the first of them. */
  readonly namespaces: readonly NamespaceSums[]
  /** Of configurations: in both and alike; in both; here alone; there alone. */
  readonly alike: number
  readonly unlike: number
  readonly oursAlone: number
  readonly theirsAlone: number
  /** Changed here since the moment that the database shows: neither alike nor unlike, and in no sum. */
  readonly newer: number
  /** The first of those that are not alike, of those that do not fit, of those that are left. */
  readonly differences: readonly StoreDifference[]
  readonly tooBig: number
  readonly excesses: readonly StoreExcess[]
  readonly left: number
  readonly leftRows: readonly StoreLeftRow[]
  readonly history: HistoryLook
  readonly records: RecordsLook
}
