/** The formats as values; the contract's own list would bring the whole schema library into the window. */

import type { ConfigTypeName } from '../../../src-main/contract/index.ts'

/** Every format once: a missing one is a type error. */
const known: Record<ConfigTypeName, true> = { text: true, json: true, xml: true, yaml: true, html: true, properties: true, toml: true }

export const configTypes = Object.keys(known) as readonly ConfigTypeName[]

/** The format of that name; null if there is none. */
export const configTypeOf = (name: unknown): ConfigTypeName | null => configTypes.find((type) => type === name) ?? null
