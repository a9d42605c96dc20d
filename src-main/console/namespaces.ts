/** Answers the contract's `namespaces` through the nodes' public HTTP API (nacos-http 14.3). */

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { NamespaceInput, NamespaceView } from '../contract/namespaces.ts'
import { demand, type Outcome, type ResultCalls } from './result-calls.ts'
import type { ContractBuilder } from './router.ts'

const path = '/nacos/v3/console/core/namespace'
const servicesPath = '/nacos/v3/console/ns/service/list'
const defaultId = 'public'

const rowSchema = z.object({
  namespace: z.string(),
  namespaceShowName: z.string(),
  namespaceDesc: z.string().nullish(),
  quota: z.number(),
  configCount: z.number(),
})

const viewOf = (row: z.infer<typeof rowSchema>): NamespaceView => ({
  id: row.namespace === defaultId ? '' : row.namespace,
  name: row.namespaceShowName,
  description: row.namespaceDesc ?? '',
  configs: row.configCount,
  quota: row.quota,
})

/** Results, no throw. Exported for its test against a real HTTP server. */
export const createNamespaces = (calls: ResultCalls) => ({
  list: async (): Promise<Outcome<{ nodeId: number; namespaces: NamespaceView[] }>> => {
    const found = await calls.ask(`${path}/list`, {}, z.array(rowSchema))
    return found.ok ? { ...found, value: { nodeId: found.nodeId, namespaces: found.value.map(viewOf) } } : found
  },
  contents: async (id: string): Promise<Outcome<{ configs: number; services: number }>> => {
    const namespaceId = id === '' ? defaultId : id
    const [detail, services] = await Promise.all([
      calls.ask(path, { namespaceId }, rowSchema),
      calls.ask(servicesPath, { namespaceId, pageNo: '1', pageSize: '1', ignoreEmptyService: 'false' }, z.object({ totalCount: z.number() })),
    ])
    if (!detail.ok) return detail
    return services.ok ? { ...services, value: { configs: detail.value.configCount, services: services.value.totalCount } } : services
  },
  create: async (wanted: NamespaceInput): Promise<Outcome<{ id: string }>> => {
    const id = wanted.id.trim() === '' ? randomUUID() : wanted.id.trim()
    const fields = { customNamespaceId: id, namespaceName: wanted.name, namespaceDesc: wanted.description }
    const made = await calls.order('POST', path, { fields, schema: z.literal(true) })
    return made.ok ? { ...made, value: { id } } : made
  },
  update: ({ id, name, description }: NamespaceInput): Promise<Outcome<true>> =>
    calls.order('PUT', path, { fields: { namespaceId: id, namespaceName: name, namespaceDesc: description }, schema: z.literal(true) }),
  remove: (id: string): Promise<Outcome<true>> => calls.order('DELETE', path, { fields: { namespaceId: id }, schema: z.literal(true) }),
})

export function namespaceProcedures(os: ContractBuilder, calls: ResultCalls) {
  const namespaces = createNamespaces(calls)
  const area = os.namespaces
  return {
    list: area.list.handler(async ({ errors }) => demand(await namespaces.list(), errors.REFUSED)),
    contents: area.contents.handler(async ({ input, errors }) => demand(await namespaces.contents(input.id), errors.REFUSED)),
    create: area.create.handler(async ({ input, errors }) => demand(await namespaces.create(input), errors.REFUSED)),
    update: area.update.handler(async ({ input, errors }) => void demand(await namespaces.update(input), errors.REFUSED)),
    remove: area.remove.handler(async ({ input, errors }) => void demand(await namespaces.remove(input.id), errors.REFUSED)),
  }
}
