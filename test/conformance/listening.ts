/** Long polls: who listens is told of each change at any node, by the names alone, and of nothing else. */

import { describe, expect, it } from 'vitest'
import { send } from '../support/http.ts'
import { configsPath, type Key, listen, md5, read, remove } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { everywhere, formType, put, readsBack, takers } from './verbs.ts'

const words = (...names: readonly string[]): string => `${names.join('\u0002')}\u0001`
const told = (text: string): string => decodeURIComponent(text.trim())

/** Asks once and is answered at once: what is not as it says. */
const differing = async (base: string, entries: readonly (readonly [key: Key, knownMd5: string])[]): Promise<string> => {
  const list = entries.map(([{ dataId, group = 'DEFAULT_GROUP', tenant }, known]) =>
    words(dataId, group, known, ...(tenant === undefined ? [] : [tenant])),
  )
  const answer = await send(base, {
    ...{ method: 'POST', path: `${configsPath}/listener`, body: new URLSearchParams({ 'Listening-Configs': list.join('') }).toString() },
    headers: { ...formType, 'long-pulling-timeout': '30000', 'long-pulling-timeout-no-hangup': 'true' },
  })
  expect(answer.status).toBe(200)
  return told(answer.text)
}

export const listening: Area = (subject) => {
  describe('a listener', () => {
    it.each(takers)('at node %i is told of a change made through another node', async (taker) => {
      const key = { dataId: `watched-${taker}` }
      const base = subject().bases[taker - 1] ?? ''
      await put(base, key, 'before')
      const poll = listen(base, key, md5('before'))
      await put(subject().bases[taker % 3] ?? '', key, 'after')
      const answer = await poll
      expect(answer.status).toBe(200)
      expect(told(answer.text)).toBe(words(key.dataId, 'DEFAULT_GROUP'))
      expect((await read(base, key)).text).toBe('after')
    })

    it.each(takers)('at node %i is told of a first publish and of a removal', async (taker) => {
      const key = { dataId: `comes-and-goes-${taker}`, tenant: 'listeners' }
      const base = subject().bases[taker - 1] ?? ''
      const other = subject().bases[taker % 3] ?? ''
      const coming = listen(base, key, '')
      await put(other, key, 'here')
      expect(told((await coming).text)).toBe(words(key.dataId, 'DEFAULT_GROUP', 'listeners'))
      const going = listen(base, key, md5('here'))
      expect((await remove(other, key)).status).toBe(200)
      expect(told((await going).text)).toBe(words(key.dataId, 'DEFAULT_GROUP', 'listeners'))
      expect((await read(base, key)).status).toBe(404)
    })

    it('who knows an older md5 is answered at once, who knows the newest is not', async () => {
      const key = { dataId: 'known' }
      await put(subject().bases[0] ?? '', key, 'newest')
      await everywhere(subject(), (base) => readsBack(base, key, 'newest'))
      for (const base of subject().bases) {
        expect(await differing(base, [[key, md5('older')]])).toBe(words('known', 'DEFAULT_GROUP'))
        expect(await differing(base, [[key, md5('newest')]])).toBe('')
        expect(await differing(base, [[{ dataId: 'unknown' }, '']])).toBe('')
      }
    })

    it('of many is told of that which changed, with the namespace as it wrote it', async () => {
      const keys: readonly Key[] = Array.from({ length: 50 }, (_, at) => ({ dataId: `many-${at}`, tenant: at % 2 === 0 ? 'dev' : 'public' }))
      const base = subject().bases[0] ?? ''
      await Promise.all(keys.map((key) => put(base, key, 'same')))
      const known = keys.map((key) => [key, md5('same')] as const)
      expect(await differing(base, known)).toBe('')
      for (const at of [4, 7]) await put(base, keys[at] ?? { dataId: '' }, 'changed')
      expect(await differing(base, known)).toBe(words('many-4', 'DEFAULT_GROUP', 'dev') + words('many-7', 'DEFAULT_GROUP', 'public'))
    })
  })
}
