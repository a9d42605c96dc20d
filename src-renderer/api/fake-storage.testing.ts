/** For component tests only: the contract's `storage`, answered from what the test handed in. */

import { implement } from '@orpc/server'
import { contract, type MysqlTestUpdate, type NodeData, type Refusal } from '../../src-main/contract/index.ts'

export interface FakeStorageParts {
  /** Notes the call; throws what the test asked for. */
  readonly enter: (path: string, input: unknown, refused: (options: { data: Refusal }) => Error) => void
  readonly testUpdates: readonly MysqlTestUpdate[]
  readonly nodes: readonly NodeData[]
}

const undeclared = () => new Error('this call declares no refusal')

export function createFakeStorage({ enter, testUpdates, nodes }: FakeStorageParts) {
  const os = implement(contract).storage
  return {
    testMysql: os.testMysql.handler(async function* ({ input }) {
      enter('storage.testMysql', input, undeclared)
      yield* testUpdates
    }),
    choose: os.choose.handler(({ input, errors }) => enter('storage.choose', input, errors.REFUSED)),
    nodes: os.nodes.handler(() => [...nodes]),
    dumpFiles: os.dumpFiles.handler(({ input, errors }) => enter('storage.dumpFiles', input, errors.REFUSED)),
    checkNode: os.checkNode.handler(({ input }) => {
      enter('storage.checkNode', input, undeclared)
      return { kind: 'done', words: 'sound: state.db' }
    }),
    backupNode: os.backupNode.handler(({ input }) => {
      enter('storage.backupNode', input, undeclared)
      return { kind: 'done', words: `copied to ${input.folder}` }
    }),
  }
}
