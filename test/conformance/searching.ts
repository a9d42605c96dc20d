/** Pages of configurations, exact and by `*`: the same at every node. */

import { describe, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { send } from '../support/http.ts'
import type { Area } from './area.ts'
import { everywhere, put, putFields, query } from './verbs.ts'

interface Page {
  readonly totalCount: number
  readonly pageNumber: number
  readonly pagesAvailable: number
  readonly pageItems: readonly { readonly dataId: string; readonly content: string | null; readonly md5: string | null; readonly type: string }[]
}

const tenant = 'searched'
const count = 23
const names = Array.from({ length: count }, (_, at) => `item-${String(at).padStart(2, '0')}.${at % 3 === 0 ? 'yaml' : 'json'}`)

export const searching: Area = (subject) => {
  describe('a search', () => {
    const ask = async (base: string, parameters: Record<string, string>): Promise<Page> => {
      const answer = await query(base, { pageNo: '1', pageSize: '10', dataId: '', group: '', tenant, ...parameters })
      expect(answer.status).toBe(200)
      return JSON.parse(answer.text) as Page
    }
    const listed = ({ pageItems }: Page): readonly string[] => pageItems.map(({ dataId }) => dataId)
    const same = async (parameters: Record<string, string>): Promise<Page> => {
      const [first, ...rest] = await everywhere(subject(), (base) => ask(base, parameters))
      for (const page of rest) expect(page).toEqual(first)
      return first as Page
    }

    it('gives what was written, page by page, in its order and with its contents', async () => {
      for (const [at, dataId] of names.entries()) {
        const fields = { dataId, group: at % 2 === 0 ? 'EVEN' : 'ODD', tenant, content: `n: ${at}`, type: at % 3 === 0 ? 'yaml' : 'json' }
        await putFields(subject().bases[at % 3] ?? '', fields)
      }
      await put(subject().bases[0] ?? '', { dataId: 'item-00.yaml', tenant: 'elsewhere' }, 'x')
      await agreedState(subject().bases)
      const pages = [await same({ search: 'blur' }), await same({ search: 'blur', pageNo: '2' }), await same({ search: 'blur', pageNo: '3' })]
      expect(pages.map(({ totalCount, pageNumber, pagesAvailable }) => [totalCount, pageNumber, pagesAvailable])).toEqual(
        [1, 2, 3].map((number) => [count, number, 3]),
      )
      expect(pages.flatMap(listed)).toEqual(names)
      expect(pages[2]?.pageItems.at(-1)).toMatchObject({ content: 'n: 22', md5: null, type: 'json' })
      expect((await same({ search: 'blur', pageNo: '4' })).pageItems).toEqual([])
    })

    it('takes * for anything, in a blurred one alone', async () => {
      expect(listed(await same({ search: 'blur', dataId: '*-1*.yaml', pageSize: '100' }))).toEqual(['item-12.yaml', 'item-15.yaml', 'item-18.yaml'])
      expect((await same({ search: 'blur', group: 'EV*' })).totalCount).toBe(12)
      expect((await same({ search: 'blur', dataId: 'ITEM*' })).totalCount).toBe(0)
      expect(listed(await same({ search: 'accurate', dataId: 'item-07.json' }))).toEqual(['item-07.json'])
      expect((await same({ search: 'accurate', group: 'ODD' })).totalCount).toBe(11)
    })

    it('finds by application, by any of some tags, and by content', async () => {
      const own = { dataId: 'item-23.json', group: 'ODD', tenant, content: 'needle: 23', appName: 'shop', config_tags: 'red,blue' }
      await putFields(subject().bases[0] ?? '', own)
      await agreedState(subject().bases)
      expect(listed(await same({ search: 'blur', appName: 'shop' }))).toEqual([own.dataId])
      expect(listed(await same({ search: 'accurate', config_tags: 'green,blue' }))).toEqual([own.dataId])
      const byContent = await everywhere(subject(), async (base) => {
        const wanted = new URLSearchParams({ dataId: '', group: '', tenant, pageNo: '1', pageSize: '10', config_detail: '*needle*' })
        return JSON.parse((await send(base, { path: `/nacos/v2/cs/config/searchDetail?${wanted}` })).text) as Page
      })
      expect(byContent.map(listed)).toEqual([[own.dataId], [own.dataId], [own.dataId]])
    })

    it('keeps to types, and leaves contents out when it is asked to', async () => {
      const page = await same({ search: 'blur', types: 'yaml', pageSize: '100', omitContent: 'true' })
      expect(listed(page)).toEqual(names.filter((name) => name.endsWith('yaml')))
      expect(new Set(page.pageItems.map(({ content }) => content))).toEqual(new Set([null]))
    })

    it.each([
      ['another word', { search: 'fuzzy' }, 400],
      ['no page size', { search: 'blur', pageSize: '' }, 400],
      ['page 0', { search: 'blur', pageNo: '0' }, 400],
      ['the word linearizable, since pages are read while others write', { search: 'blur', consistency: 'linearizable' }, 400],
    ])('refuses %s', async (_, parameters, status) => {
      const answers = await everywhere(subject(), (base) =>
        query(base, { pageNo: '1', pageSize: '10', dataId: '', group: '', tenant, ...parameters }),
      )
      expect(answers.map((answer) => answer.status)).toEqual([status, status, status])
    })
  })
}
