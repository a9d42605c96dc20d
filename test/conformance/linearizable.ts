/** `consistency=linearizable`: the newest acknowledged value at every node at once, or a refusal. */

import { describe, expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { read, readLinearizable, refusalOf, remove } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Area } from './area.ts'
import { everywhere, put, query } from './verbs.ts'

/** The promise is 2 s; a busy machine may add its own. */
const refusalLimitMs = 6_000

export const linearizable: Area = (subject) => {
  describe('a linearizable read', () => {
    it('at any node knows what any other has acknowledged, without a wait', async () => {
      const key = { dataId: 'newest' }
      for (let round = 0; round < 20; round++) {
        await put(subject().bases[round % 3] ?? '', key, `round ${round}`)
        expect(await everywhere(subject(), async (base) => (await readLinearizable(base, key)).text)).toEqual(Array(3).fill(`round ${round}`))
      }
      expect((await remove(subject().bases[0] ?? '', key)).status).toBe(200)
      expect(await everywhere(subject(), async (base) => (await readLinearizable(base, key)).status)).toEqual([404, 404, 404])
    })

    it('is there for the details of one configuration too, and knows no other word', async () => {
      const names = { dataId: 'newest-details', group: 'DEFAULT_GROUP' }
      await put(subject().bases[0] ?? '', names, 'x')
      for (const base of subject().bases) {
        const detail = await query(base, { ...names, show: 'all', consistency: 'linearizable' })
        expect(JSON.parse(detail.text)).toMatchObject({ content: 'x' })
        expect((await query(base, { ...names, consistency: 'strong' })).status).toBe(400)
        expect((await query(base, { ...names, consistency: 'default' })).text).toBe('x')
      }
    })

    it('is refused by a node that is cut off from the others, whose default reads go on', async () => {
      const key = { dataId: 'cut-off' }
      const { cluster, bases } = subject()
      const { id: leader } = await agreedLeader(bases)
      const alone = cluster.ready.nodes.map(({ id }) => id).find((id) => id !== leader) ?? 1
      const base = cluster.baseOf(alone)
      await put(base, key, 'before')
      await cluster.command(`fault isolate ${alone}`)
      try {
        const askedMs = performance.now()
        const answer = await readLinearizable(base, key)
        expect([answer.status, refusalOf(answer)]).toEqual([503, 'no_quorum'])
        expect(performance.now() - askedMs).toBeLessThan(refusalLimitMs)
        await put(cluster.baseOf(leader), key, 'after')
        expect((await read(base, key)).text).toBe('before')
      } finally {
        await cluster.command('fault heal')
      }
      await waitUntil('it to be heard again', async () => (await readLinearizable(base, key)).text === 'after')
      await agreedState(bases)
    })
  })
}
