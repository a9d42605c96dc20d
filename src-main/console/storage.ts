/** Answers the contract's `storage`: the setting and its test through the cluster, what nodes say of their files through their public HTTP API. */

import type { OrderResult } from '../cluster/node-orders.ts'
import type { ActionResult, Cluster } from '../cluster/types.ts'
import type { MysqlTest, MysqlTestUpdate, OrderOutcome, Refusal } from '../contract/index.ts'
import { cachePath, readNodeData } from './node-data.ts'
import type { NodeHttp } from './node-http.ts'
import type { ContractBuilder } from './router.ts'
import { createSubscriberQueue } from './subscriber-queue.ts'

export interface StoragePorts {
  readonly cluster: Pick<Cluster, 'testMysql' | 'chooseStorage' | 'places' | 'checkNode' | 'backupNode'>
  readonly http: Pick<NodeHttp, 'send'>
}

/** Eight addresses with nine steps, each told twice or thrice. */
const waitingUpdates = 256
const dumpTimeoutMs = 5_000

export function storageProcedures(os: ContractBuilder, ports: StoragePorts) {
  const { cluster, http } = ports
  const area = os.storage
  return {
    testMysql: area.testMysql.handler(({ input, signal }) => watchTest(cluster, input, signal)),
    choose: area.choose.handler(async ({ input, errors }) => demand(await cluster.chooseStorage(input), errors.REFUSED)),
    nodes: area.nodes.handler(() => Promise.all(cluster.places.map((place) => readNodeData(http, place)))),
    dumpFiles: area.dumpFiles.handler(async ({ input, errors }) => demand(await dumpFiles(ports, input.id), errors.REFUSED)),
    checkNode: area.checkNode.handler(async ({ input }) => outcomeOf(await cluster.checkNode(input.id))),
    backupNode: area.backupNode.handler(async ({ input }) => outcomeOf(await cluster.backupNode(input.id, input.folder))),
  }
}

function demand(result: ActionResult, refused: (options: { data: Refusal }) => Error): void {
  if (!result.ok) throw refused({ data: result.refusal })
}

/** A node's own words say what it found; only damage is told apart from an order that could not be carried out. */
function outcomeOf(result: OrderResult): OrderOutcome {
  if (result.ok) return { kind: 'done', words: result.words }
  const words = result.refusal.detail
  return { kind: words.startsWith('DAMAGED') ? 'damaged' : 'refused', words }
}

async function dumpFiles({ cluster, http }: StoragePorts, id: number): Promise<ActionResult> {
  const place = cluster.places.find((candidate) => candidate.id === id)
  const refused = (code: Refusal['code'], httpStatus: number | null, detail: string): ActionResult => ({
    ok: false,
    refusal: { code, nodeId: id, httpStatus, detail },
  })
  if (place === undefined) return refused('not_found', null, `there is no node ${id}`)
  const answer = await http.send({ host: place.host, port: place.httpPort, method: 'POST', path: cachePath, timeoutMs: dumpTimeoutMs })
  if (answer.kind === 'failed') return refused('unreachable', null, answer.detail)
  return answer.status === 200 ? { ok: true } : refused('internal', answer.status, answer.body.toString('utf8', 0, 200))
}

/** The steps as they come, then the answer. A caller that goes ends the test. Exported for its test. */
export async function* watchTest(
  cluster: Pick<Cluster, 'testMysql'>,
  asked: { readonly url: string; readonly password: string | null },
  signal: AbortSignal | undefined,
): AsyncGenerator<MysqlTestUpdate> {
  const gone = new AbortController()
  const ends = signal === undefined ? gone.signal : AbortSignal.any([signal, gone.signal])
  const queue = createSubscriberQueue<MysqlTestUpdate>(waitingUpdates, ends)
  const progress: NonNullable<Parameters<Cluster['testMysql']>[1]>['progress'] = ({ address, step, found }) =>
    queue.push([{ kind: 'progress', address, step, found: found === null ? null : { ...found } }])
  void cluster.testMysql(asked, { progress, signal: ends }).then((answer) => queue.push([{ kind: 'ended', answer: wireOf(answer) }]))
  try {
    for (;;) {
      const batch = await queue.take()
      if (batch === null) return
      for (const update of batch.items) {
        yield update
        if (update.kind === 'ended') return
      }
    }
  } finally {
    gone.abort()
  }
}

/** The contract's lists are plain arrays. */
function wireOf(answer: Awaited<ReturnType<Cluster['testMysql']>>): MysqlTest {
  if (answer.kind !== 'tested') return answer
  return { kind: 'tested', addresses: answer.addresses.map(({ address, steps }) => ({ address, steps: steps.map((step) => ({ ...step })) })) }
}
