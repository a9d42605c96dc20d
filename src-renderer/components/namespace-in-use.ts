/** The namespace that somebody works in: that of the address while configurations are shown, else the last one. Kept for this window's next start. */

import { useLocalStorage } from '@mantine/hooks'
import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { configsSearch } from '../search.ts'
import { storageKeys } from '../theme/storage-keys.ts'

export interface NamespaceInUse {
  /** `''`: the default one. */
  readonly id: string
  /** What stands behind the `?` of the configurations of it. */
  readonly configs: { readonly ns?: string }
  readonly keep: (id: string) => void
}

/** As the address of the configurations names it. */
export const addressOf = (id: string): NamespaceInUse['configs'] => (id === '' ? {} : { ns: id })

export function useNamespaceInUse(): NamespaceInUse {
  const [kept, keep] = useLocalStorage({ key: storageKeys.namespace, defaultValue: '', getInitialValueInEffect: false })
  const shown = useRouterState({
    select: ({ location }) => (location.pathname === '/configs' ? (configsSearch(location.search).ns ?? '') : null),
  })
  useEffect(() => {
    if (shown !== null) keep(shown)
  }, [shown, keep])
  const id = shown ?? kept
  return { id, configs: addressOf(id), keep }
}
