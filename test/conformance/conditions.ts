/** Writes that happen only if: by md5, by absence, and once however often they are sent. */

import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { md5, publish, read, refusalOf } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { everywhere, put, readsBack, removeWith } from './verbs.ts'

const absent = { 'Nacos-Trio-Expect': 'absent' }

export const conditions: Area = (subject) => {
  describe('casMd5', () => {
    it('replaces only what it names', async () => {
      const key = { dataId: 'compare-and-set' }
      const [a = '', b = '', c = ''] = subject().bases
      await put(a, key, 'one')
      await put(b, key, 'two', { casMd5: md5('one') })
      const late = await publish(c, key, 'three', { casMd5: md5('one') })
      expect(late).toMatchObject({ status: 500, text: 'caused: Cas publish fail, server md5 may have changed.;' })
      await everywhere(subject(), (base) => readsBack(base, key, 'two'))
      await put(c, key, 'blank is none', { casMd5: ' ' })
      expect((await publish(a, { dataId: 'compare-nothing' }, 'x', { casMd5: md5('one') })).status).toBe(500)
    })

    it('lets exactly one of many at all nodes through', async () => {
      const key = { dataId: 'contested' }
      await put(subject().bases[0] ?? '', key, 'start')
      for (let round = 0, current = 'start'; round < 5; round++) {
        const tries = Array.from({ length: 12 }, (_, at) => `round ${round} of ${at}`)
        const answers = await Promise.all(tries.map((mine, at) => publish(subject().bases[at % 3] ?? '', key, mine, { casMd5: md5(current) })))
        const won = tries.filter((_, at) => answers[at]?.status === 200)
        expect(won).toHaveLength(1)
        expect(answers.filter(({ status }) => status === 500)).toHaveLength(tries.length - 1)
        current = won[0] ?? ''
        await everywhere(subject(), (base) => readsBack(base, key, current))
      }
    })

    it('removes only what it names', async () => {
      const key = { dataId: 'compare-and-remove' }
      const base = subject().bases[2] ?? ''
      await put(base, key, 'kept')
      expect((await removeWith(base, key, { casMd5: md5('other') })).status).toBe(500)
      expect((await read(base, key)).text).toBe('kept')
      expect((await removeWith(base, key, { casMd5: md5('kept') })).status).toBe(200)
      await everywhere(subject(), (each) => readsBack(each, key, null))
    })
  })

  describe('Nacos-Trio-Expect', () => {
    it('absent writes only what is not there', async () => {
      const key = { dataId: 'only-once' }
      const [a = '', b = ''] = subject().bases
      await put(a, key, 'first', absent)
      expect((await publish(b, key, 'second', absent)).status).toBe(500)
      await everywhere(subject(), (base) => readsBack(base, key, 'first'))
    })

    it('knows no other word, and no md5 beside it', async () => {
      const base = subject().bases[0] ?? ''
      expect((await publish(base, { dataId: 'x' }, 'x', { 'Nacos-Trio-Expect': 'present' })).status).toBe(400)
      expect((await publish(base, { dataId: 'x' }, 'x', { ...absent, casMd5: md5('x') })).status).toBe(400)
    })
  })

  describe('Nacos-Trio-Request-Id', () => {
    it('gives a repeat at any node the first answer, and writes once', async () => {
      const key = { dataId: 'repeated', group: 'REPEATED' }
      const id = { 'Nacos-Trio-Request-Id': randomUUID() }
      const first = await publish(subject().bases[0] ?? '', key, 'once', id)
      expect(first.status).toBe(200)
      await put(subject().bases[1] ?? '', key, 'newer')
      for (const base of subject().bases) {
        const again = await publish(base, key, 'once', id)
        expect([again.status, again.headers['nacos-trio-index']]).toEqual([200, first.headers['nacos-trio-index']])
      }
      await everywhere(subject(), (base) => readsBack(base, key, 'newer'))
      for (const tables of subject().tables) expect(await tables.history('REPEATED')).toHaveLength(2)
    })

    it('is refused for another write, and if it is none', async () => {
      const base = subject().bases[0] ?? ''
      const id = { 'Nacos-Trio-Request-Id': randomUUID() }
      await put(base, { dataId: 'first-of-id' }, 'x', id)
      const other = await publish(base, { dataId: 'second-of-id' }, 'x', id)
      expect([other.status, refusalOf(other)]).toEqual([400, 'request_id_reused'])
      expect((await read(base, { dataId: 'second-of-id' })).status).toBe(404)
      expect((await publish(base, { dataId: 'x' }, 'x', { 'Nacos-Trio-Request-Id': 'too short' })).status).toBe(400)
    })
  })
}
