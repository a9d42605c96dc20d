/** Which format a name suggests. */

import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'

const byExtension = new Map<string, ConfigTypeName>([
  ['json', 'json'],
  ['xml', 'xml'],
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['html', 'html'],
  ['htm', 'html'],
  ['properties', 'properties'],
  ['toml', 'toml'],
  ['txt', 'text'],
])

/** The format of a dataId's extension; null if it suggests none. */
export const typeOfName = (dataId: string): ConfigTypeName | null => byExtension.get(/\.([a-z]+)$/i.exec(dataId)?.[1]?.toLowerCase() ?? '') ?? null
