/** What one node says of its files and its history, through its public HTTP API. Reads only; everything it says is read as unknown. */

import { z } from 'zod'
import type { NodePlace } from '../cluster/types.ts'
import { cacheStatusSchema, type NodeData, nodeDataSchema } from '../contract/index.ts'
import type { NodeAnswer, NodeHttp } from './node-http.ts'

export type AskedPlace = Pick<NodePlace, 'id' | 'host' | 'httpPort'>

export const cachePath = '/nacos/v1/cs/ops/localCache'
const statePath = '/nacos/v1/ns/raft/state'
/** People look at it; a node that stands still for longer is called silent. */
const answerMs = 2_000

const stateSchema = z.object({ historyRetention: nodeDataSchema.options[1].shape.retention })

const parsed = <T>(answer: NodeAnswer, schema: z.ZodType<T>): T | string => {
  if (answer.kind === 'failed') return answer.detail
  if (answer.status !== 200) return `HTTP ${answer.status}`
  try {
    const read = schema.safeParse(JSON.parse(answer.body.toString('utf8')))
    return read.success ? read.data : 'an answer of another shape'
  } catch {
    return 'an answer of another shape'
  }
}

export const readNodeData = async (http: Pick<NodeHttp, 'send'>, { id, host, httpPort: port }: AskedPlace): Promise<NodeData> => {
  const ask = (path: string): Promise<NodeAnswer> => http.send({ host, port, method: 'GET', path, timeoutMs: answerMs })
  const answers = await Promise.all([ask(cachePath), ask(statePath)])
  const cache = parsed(answers[0], cacheStatusSchema)
  const state = parsed(answers[1], stateSchema)
  if (typeof cache === 'string') return { answered: false, id, detail: cache }
  if (typeof state === 'string') return { answered: false, id, detail: state }
  return { answered: true, id, cache, retention: state.historyRetention }
}
