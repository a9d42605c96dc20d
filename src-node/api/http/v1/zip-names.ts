/** What the generations of Nacos's API call the same things of an export and an import, and how they wrap an answer (nacos-http 2.1, 14). */

import type { ConfigNames } from '../config-names.ts'
import { errorCodes } from '../error-codes.ts'

interface Told {
  readonly code: number
  readonly message: string
}

/** What an import and a clone say of a target namespace that is not there (nacos-http 2.3). */
export const v1NoNamespace: Told = { code: 100_001, message: 'the target namespace does not exist: create it first' }
export const v3NoNamespace: Told = { code: errorCodes['namespace not exist'], message: 'namespace not exist' }

export interface ZipNames {
  /** Parameter of the namespace: of the export, of the import. */
  readonly exportNamespace: ConfigNames['namespace']
  readonly importNamespace: 'namespace' | 'namespaceId'
  readonly group: string
  readonly success: Told
  readonly noNamespace: Told
  /** v1 answers other things on the same path: `export=true`, `exportV2=true` and `import=true` say what is meant. */
  readonly asked: boolean
}

export const v1Names: ZipNames = {
  ...{ exportNamespace: 'tenant', importNamespace: 'namespace', group: 'group', asked: true },
  success: { code: 200, message: 'import success' },
  noNamespace: v1NoNamespace,
}

export const v3Names: ZipNames = {
  ...{ exportNamespace: 'namespaceId', importNamespace: 'namespaceId', group: 'groupName', asked: false },
  success: { code: 0, message: 'success' },
  noNamespace: v3NoNamespace,
}
