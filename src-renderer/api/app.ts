/** Hook of the app itself. */

import { useQuery } from '@tanstack/react-query'
import { useApi } from './provider.tsx'

/** Version, shell, data folder, system locale; read once. */
export function useAppInfo() {
  const { orpc } = useApi()
  return useQuery(orpc.app.info.queryOptions({ staleTime: Number.POSITIVE_INFINITY }))
}
