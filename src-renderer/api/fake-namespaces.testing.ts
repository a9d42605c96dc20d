/** For component tests only: the contract's `namespaces`, kept in memory. */

import { implement } from '@orpc/server'
import { contract, type NamespaceView, type Refusal } from '../../src-main/contract/index.ts'

/** Notes the call; throws what the test asked for. */
type Enter = (path: string, input: unknown, refused: (options: { data: Refusal }) => Error) => void

const defaultOne: NamespaceView = { id: '', name: 'public', description: 'Default Namespace', configs: 3, quota: 200 }

export function createFakeNamespaces(enter: Enter, given: readonly NamespaceView[]) {
  const os = implement(contract).namespaces
  const rows = new Map([defaultOne, ...given].map((row) => [row.id, row]))
  const missing = (id: string): Refusal => ({ code: 'wrong_state', nodeId: 1, httpStatus: 404, detail: `namespaceId [ ${id} ] not exist` })
  return {
    list: os.list.handler(({ errors }) => {
      enter('namespaces.list', undefined, errors.REFUSED)
      return { nodeId: 1, namespaces: [...rows.values()] }
    }),
    contents: os.contents.handler(({ input, errors }) => {
      enter('namespaces.contents', input, errors.REFUSED)
      const row = rows.get(input.id)
      if (row === undefined) throw errors.REFUSED({ data: missing(input.id) })
      return { configs: row.configs, services: 0 }
    }),
    create: os.create.handler(({ input, errors }) => {
      enter('namespaces.create', input, errors.REFUSED)
      const id = input.id === '' ? '11111111-2222-4333-8444-555555555555' : input.id
      rows.set(id, { ...input, id, configs: 0, quota: 200 })
      return { id }
    }),
    update: os.update.handler(({ input, errors }) => {
      enter('namespaces.update', input, errors.REFUSED)
      const row = rows.get(input.id)
      if (row === undefined) throw errors.REFUSED({ data: missing(input.id) })
      rows.set(input.id, { ...row, ...input })
    }),
    remove: os.remove.handler(({ input, errors }) => {
      enter('namespaces.remove', input, errors.REFUSED)
      rows.delete(input.id)
    }),
  }
}
