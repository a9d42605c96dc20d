/**
 * Which version of a configuration a request is answered with (nacos-http 5.2): one that is meant for this client, else the formal one. Whoever names a
 * tag in a parameter gets that version or nothing; a tag in a header is a wish.
 */

import { chosenGray, type GrayClient } from '../../../state-machine/areas/gray-choice.ts'
import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow, ConfigKey } from '../../../state-machine/types.ts'
import { clientIpOf } from '../client-ip.ts'
import { type Parameters, tagOf } from '../parameters.ts'
import type { PlainRequest } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'

export type Version =
  | { readonly kind: 'formal'; readonly row: ConfigIndexRow }
  | { readonly kind: 'gray'; readonly row: GrayRow }
  | { readonly kind: 'missing' }

const missing: Version = { kind: 'missing' }

/** What a client says of itself in headers. */
export const clientOf = (request: PlainRequest): GrayClient => {
  const tag = request.headers['vipserver-tag']
  return { ip: clientIpOf(request), tag: typeof tag === 'string' ? tag.trim() : '' }
}

/**
 * The hot path: without versions and without a tag it is one look-up more than the formal row.
 * @param client asked only where there is something to choose
 */
export const versionOf = (parts: Pick<HttpParts, 'configs' | 'grays'>, key: ConfigKey, namedTag: string, client: () => GrayClient): Version => {
  const versions = parts.grays.of(key)
  if (versions.length > 0) {
    const gray = chosenGray(versions, namedTag === '' ? client() : { ...client(), tag: namedTag })
    if (gray !== undefined) return { kind: 'gray', row: gray }
  }
  const row = namedTag === '' ? parts.configs.find(key) : undefined
  return row === undefined ? missing : { kind: 'formal', row }
}

export const versionFor = (parts: Pick<HttpParts, 'configs' | 'grays'>, request: PlainRequest, key: ConfigKey, namedTag: string): Version =>
  versionOf(parts, key, namedTag, () => clientOf(request))

export const namedTagOf = (parameters: Parameters): string => (parameters.has('tag') ? tagOf(parameters) : '')

/** How an answer names the version it holds. */
export const grayHeaders = ({ rule }: GrayRow): readonly string[] =>
  rule.type === 'beta' ? ['isBeta', 'true'] : ['tag', encodeURIComponent(rule.expr)]
