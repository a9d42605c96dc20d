/** The limits of a content, and how large one is. */

import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'

/** What the nodes take, UTF-8 bytes. */
export const maxContentBytes = 10 * 1_048_576
/** Above it a text opens without grammar and checks: both run on the thread that draws. */
export const largeBytes = 2 * 1_048_576

/** YAML parses at some 3 MB a second: above this the check would hold up typing. */
export const largeYamlBytes = 512 * 1_024

/** True if a content of this format and size is checked while somebody types. */
export const isChecked = (type: ConfigTypeName, bytes: number): boolean =>
  type !== 'text' && type !== 'html' && bytes <= (type === 'yaml' ? largeYamlBytes : largeBytes)

const encoder = new TextEncoder()

/** Bytes of the content as UTF-8. */
export const utf8Bytes = (content: string): number => encoder.encode(content).length
