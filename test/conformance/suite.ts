/** The conformance suite: every area on one cluster of a mode, odd configurations first, since they want it empty, killed leaders last. */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import type { Area } from './area.ts'
import { conditions } from './conditions.ts'
import { differences } from './differences.ts'
import { history } from './history.ts'
import { leadersKilled } from './leaders-killed.ts'
import { limits } from './limits.ts'
import { linearizable } from './linearizable.ts'
import { listening } from './listening.ts'
import { moving } from './moving.ts'
import { oddConfigs } from './odd-configs.ts'
import { officialClient } from './official-client.ts'
import { publishing } from './publishing.ts'
import { refusals } from './refusals.ts'
import { searching } from './searching.ts'
import type { ModeName, Subject } from './subject.ts'

const startLimitMs = 120_000

const allAreas = (mode: ModeName): readonly Area[] => [
  ...[oddConfigs, publishing, conditions, listening, searching, moving, limits, refusals, officialClient, linearizable],
  ...[differences(mode), leadersKilled, history],
]

export const conforms = (mode: ModeName, start: () => Promise<Subject>): void => {
  let started: Subject | undefined
  beforeAll(async () => {
    started = await start()
  }, startLimitMs)
  afterAll(() => started?.cluster.stop())
  const subject = (): Subject => {
    if (started === undefined) throw new Error('the cluster did not start')
    return started
  }
  for (const area of allAreas(mode)) area(subject)
  it('after all of this the three nodes hold one state', async () => {
    expect((await agreedState(subject().bases)).stateHash).not.toBe('')
  })
}
