/** History as Nacos keeps it (nacos-storage 2), in every table there is: a row a change, with the content that was replaced or removed. */

import { describe, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { send } from '../support/http.ts'
import { md5, publish, remove } from '../support/nacos.ts'
import type { Area } from './area.ts'
import type { StoredChange, Tables } from './subject.ts'
import { everywhere, put } from './verbs.ts'

const shown = ({ operation, dataId, tenant, content }: StoredChange): string => `${operation} ${tenant}/${dataId} ${content}`

export const history: Area = (subject) => {
  describe('history', () => {
    const of = async (tables: Tables, group: string): Promise<readonly string[]> => (await tables.history(group)).map(shown)

    it('has the new content of a first publish, and the old one of each change and removal', async () => {
      const key = { dataId: 'told', group: 'HISTORY', tenant: 'dev' }
      const [a = '', b = '', c = ''] = subject().bases
      await put(a, key, 'one')
      await put(b, key, '二 😀')
      await put(c, key, '二 😀')
      expect((await remove(a, key)).status).toBe(200)
      await put(b, key, 'again')
      await agreedState(subject().bases)
      const wanted = ['I dev/told one', 'U dev/told one', 'U dev/told 二 😀', 'D dev/told 二 😀', 'I dev/told again']
      for (const tables of subject().tables) expect(await of(tables, 'HISTORY'), tables.name).toEqual(wanted)
    })

    it('has no row of what changed nothing: a removal of nothing, a refused condition, a refused content', async () => {
      const key = { dataId: 'untold', group: 'NO_HISTORY' }
      const base = subject().bases[0] ?? ''
      expect((await remove(base, key)).status).toBe(200)
      expect((await publish(base, key, 'x', { casMd5: md5('y') })).status).toBe(500)
      expect((await publish(base, key, '  ')).status).toBe(400)
      await agreedState(subject().bases)
      for (const tables of subject().tables) expect(await of(tables, 'NO_HISTORY'), tables.name).toEqual([])
    })

    it('goes when it is old, on every node, which says so', async () => {
      const states = await everywhere(subject(), async (base) => JSON.parse((await send(base, { path: '/nacos/v1/ns/raft/state' })).text))
      expect(states.map(({ historyRetention }) => historyRetention)).toEqual(['on', 'on', 'on'])
    })

    it('has the same rows under the same numbers wherever it is kept, and each row’s md5 is its content’s', async () => {
      await agreedState(subject().bases)
      const [first, ...rest] = await Promise.all(subject().tables.map((tables) => tables.history()))
      expect(first?.length).toBeGreaterThan(0)
      for (const { md5: kept, content, nid } of first ?? []) expect(`${nid} ${kept}`).toBe(`${nid} ${md5(content)}`)
      const lines = (rows: readonly StoredChange[] = []): readonly string[] =>
        rows.map(({ content, ...row }) => JSON.stringify({ ...row, content: md5(content) }))
      for (const rows of rest) expect(lines(rows)).toEqual(lines(first))
    })
  })
}
