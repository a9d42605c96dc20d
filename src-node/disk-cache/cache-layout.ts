/**
 * Where the file of a configuration stands, and whose file stands at a place (nacos-storage 3): `config-data/GROUP/DATAID` for the default
 * namespace, `tenant-config-data/NAMESPACE/GROUP/DATAID` for others; below the node's `data` folder, with `/` on every system.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import { decodeName, encodeName, isPlainName, type UsualCase } from './file-names.ts'

export interface CacheLayout {
  pathOf(key: ConfigKey): string
  /** Null: no configuration has its file there. */
  keyOf(path: string): ConfigKey | null
}

const defaultFolder = 'config-data'
const namespacesFolder = 'tenant-config-data'
/** All that is ours below `data`. */
export const cacheFolders = [defaultFolder, namespacesFolder] as const

/** As people write them: `DEFAULT_GROUP`, `app.yaml`, a UUID. */
const usualCases = { namespace: 'lower', group: 'upper', dataId: 'lower' } as const satisfies Record<keyof ConfigKey, UsualCase>

export const createCacheLayout = (foldsCase: boolean): CacheLayout => {
  const pathOfName = (name: string, usual: UsualCase): string =>
    !foldsCase && isPlainName(name) ? name : encodeName(name, usual, foldsCase).join('/')
  const keyOf = (path: string): ConfigKey | null => {
    const [root, ...parts] = path.split('/')
    let rest: readonly string[] = parts
    const next = (part: keyof ConfigKey): string | null => {
      const found = decodeName(rest, usualCases[part], foldsCase)
      if (found === null) return null
      rest = rest.slice(found.used)
      return found.name
    }
    if (root !== defaultFolder && root !== namespacesFolder) return null
    const namespace = root === defaultFolder ? '' : next('namespace')
    // The default one has no folder among the others.
    if (namespace === null || (namespace === '') !== (root === defaultFolder)) return null
    const group = next('group')
    const dataId = group === null ? null : next('dataId')
    return group === null || dataId === null || rest.length > 0 ? null : { namespace, group, dataId }
  }
  return {
    pathOf: ({ namespace, group, dataId }) => {
      const inGroup = `${pathOfName(group, usualCases.group)}/${pathOfName(dataId, usualCases.dataId)}`
      return namespace === '' ? `${defaultFolder}/${inGroup}` : `${namespacesFolder}/${pathOfName(namespace, usualCases.namespace)}/${inGroup}`
    },
    keyOf,
  }
}
