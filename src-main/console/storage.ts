/** Answers the contract's `storage`. */

import type { Cluster } from '../cluster/types.ts'
import type { MysqlTest } from '../contract/index.ts'
import type { ContractBuilder } from './router.ts'

export function storageProcedures(os: ContractBuilder, cluster: Pick<Cluster, 'testMysql'>) {
  return {
    testMysql: os.storage.testMysql.handler(async ({ input }) => wireOf(await cluster.testMysql(input))),
  }
}

/** The contract's lists are plain arrays. */
function wireOf(answer: Awaited<ReturnType<Cluster['testMysql']>>): MysqlTest {
  if (answer.kind !== 'tested') return answer
  return { kind: 'tested', addresses: answer.addresses.map(({ address, steps }) => ({ address, steps: steps.map((step) => ({ ...step })) })) }
}
