/** What a server of Nacos was recorded to answer, asked of a node of ours. The examples are data, in http.json. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import http from './http.json' with { type: 'json' }
import { type Example, type Replayed, replay } from './replay.ts'

/** What a node does not serve by now. One that is served and stands here is a failure, too. */
const notYet: readonly string[] = []

const examples = http as unknown as readonly Example[]
const open = examples.filter(({ auth }) => auth !== true)

describe('the recorded examples', () => {
  let cluster: HeadlessCluster | undefined
  const replayed = new Map<string, Replayed>()
  beforeAll(async () => {
    cluster = await startHeadless({ nodes: 1, args: ['--no-console'] })
    for (const example of open) replayed.set(example.name, await replay(cluster.bases[0] ?? '', example))
  })
  afterAll(() => cluster?.stop())

  it.each(open.filter(({ name }) => !notYet.includes(name)).map(({ name }) => name))('are answered as recorded: %s', (name) => {
    expect(replayed.get(name)).toEqual({ kind: 'answered', problems: [] })
  })

  it('are all served but those of the list', () => {
    expect([...replayed].flatMap(([name, { kind }]) => (kind === 'not-served' ? [name] : []))).toEqual(notYet)
  })
})
