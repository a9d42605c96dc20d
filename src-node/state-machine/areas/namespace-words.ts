/** The words of namespaces (nacos-http 12.1): rows, commands, replies. The default one (`public`, `''`) is no row: it is always there. */

export interface NamespaceRow {
  readonly id: string
  readonly showName: string
  readonly description: string
  /** Log time, ms since 1970. */
  readonly createdMs: number
  readonly modifiedMs: number
}

type Described = Pick<NamespaceRow, 'id' | 'showName' | 'description'>

export type NamespaceCommand =
  | ({ readonly kind: 'create-namespace' } & Described)
  | ({ readonly kind: 'update-namespace' } & Described)
  /** Only an empty one goes: what stands in it would be there and nobody would see it. */
  | { readonly kind: 'delete-namespace'; readonly id: string }

export type NamespaceRefusal =
  | 'namespace-exists'
  | 'namespace-unknown'
  | 'namespace-holds-configs'
  | 'namespace-holds-services'
  | 'too-many-namespaces'

export type NamespaceReply =
  | { readonly kind: 'namespace-done'; readonly index: number }
  /** Changed nothing. */
  | { readonly kind: 'namespace-refused'; readonly why: NamespaceRefusal }
