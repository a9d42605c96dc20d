/** What a user does first: write to any node, read from every node, remove again. */

import { describe, expect, it } from 'vitest'
import { send } from '../support/http.ts'
import { configsPath, type Key, md5, publish, read, remove } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { detailOf, everywhere, put, putFields, readsBack, takers } from './verbs.ts'

const mebibyte = 1024 * 1024
const largestBytes = 10 * mebibyte
const hugeLimitMs = 30_000

export const publishing: Area = (subject) => {
  describe('a configuration', () => {
    it.each(takers)('written to node %i is read at once there and soon from every other', async (taker) => {
      const { bases } = subject()
      for (let round = 0; round < 10; round++) {
        const dataId = `through-${taker}-${round}`
        const content = `round: ${round}\ntaker: ${taker}\n`
        const base = bases[taker - 1] ?? ''
        expect(await publish(base, { dataId }, content)).toMatchObject({ status: 200, text: 'true' })
        const own = await read(base, { dataId })
        expect(own.headers['content-md5']).toBe(md5(content))
        expect(own.text).toBe(content)
        await everywhere(subject(), (other) => readsBack(other, { dataId }, content))
      }
    })

    it.each([
      ['Chinese', '名称: 配置中心\n说明: 三个节点，一份真相\n'],
      ['emoji', 'face: 😀 family: 👩‍👩‍👧‍👦 flag: 🇨🇳\n'],
      ['empty lines and blanks around', '\n\n  a: 1  \n\n\n b: 2\t\n\n'],
      ['CRLF', 'a=1\r\nb=2\r\n\r\nc=3\r\n'],
      ['a lone CR, quotes, percent, plus and ampersand', 'a\rb "c" \'d\' 100%25 1+1=2 &amp; <x>?#\\'],
      ['no newline at the end', 'x'],
      ['100 KB', 'k: value 值\n'.repeat(7000).slice(0, 100_000)],
    ])('with %s comes back byte by byte from every node', async (name, content) => {
      const dataId = `content.${md5(name).slice(0, 8)}`
      for (const [at, taker] of subject().bases.entries()) {
        const mine = `${content}${at}`
        await put(taker, { dataId }, mine)
        await everywhere(subject(), (base) => readsBack(base, { dataId }, mine))
      }
    })

    it('of 10 MiB comes back byte by byte from every node', async () => {
      const content = '0123456789abcde\n'.repeat(largestBytes / 16)
      await put(subject().bases[1] ?? '', { dataId: 'ten-mebibytes' }, content)
      await everywhere(subject(), (each) => readsBack(each, { dataId: 'ten-mebibytes' }, content, hugeLimitMs))
    })

    it('keeps all that a publish says of it, and shows it at every node alike', async () => {
      const key = { dataId: 'described.yaml', group: 'DESCRIBED' }
      const said = { type: 'yaml', desc: '说明 😀', appName: 'shop', config_tags: 'core,edge', src_user: '王' }
      const unkept = { use: 'u', effect: 'e', schema: 's' }
      await putFields(subject().bases[2] ?? '', { ...key, content: 'a: 1', ...said, ...unkept })
      const wanted = {
        ...{ dataId: key.dataId, group: key.group, tenant: '', content: 'a: 1', md5: md5('a: 1'), type: 'yaml', encryptedDataKey: '' },
        ...{ desc: said.desc, appName: 'shop', configTags: 'core,edge', createUser: '王', createIp: '127.0.0.1' },
      }
      const details = await everywhere(subject(), async (base) => {
        await readsBack(base, key, 'a: 1')
        return detailOf(base, key)
      })
      for (const detail of details) expect(detail).toMatchObject(wanted)
      // Numbers and times too are the cluster's, not the node's.
      expect(details[1]).toEqual(details[0])
      expect(details[2]).toEqual(details[0])
    })

    it('keeps its tags when a publish names none, has new ones when it does, and none when it says so', async () => {
      const key = { dataId: 'tagged', group: 'DESCRIBED' }
      const base = subject().bases[0] ?? ''
      const tagsAfter = async (fields: Record<string, string>): Promise<unknown> => {
        await putFields(base, { ...key, content: 'x', ...fields })
        return (await detailOf(base, key))?.configTags
      }
      expect(await tagsAfter({ config_tags: 'a,b' })).toBe('a,b')
      expect(await tagsAfter({})).toBe('a,b')
      expect(await tagsAfter({ config_tags: 'c' })).toBe('c')
      expect(await tagsAfter({ config_tags: '' })).toBeNull()
    })

    it.each([
      ['json', 'json', 'json'],
      ['unset', 'unset', 'text'],
      ['YAML', 'text', 'text'],
      ['', 'text', 'text'],
    ])('of type "%s" is kept as %s, and read as %s', async (given, kept, readAs) => {
      const key = { dataId: `type-${md5(given).slice(0, 6)}` }
      const base = subject().bases[1] ?? ''
      await putFields(base, { ...key, group: 'DEFAULT_GROUP', content: 'x', type: given })
      expect((await read(base, key)).headers['config-type']).toBe(readAs)
      expect(await detailOf(base, key)).toMatchObject({ type: kept })
    })

    it('has its name within namespace and group, of which the default namespace has four', async () => {
      const [a = '', b = ''] = subject().bases
      const places: readonly Key[] = [
        { dataId: 'one' },
        { dataId: 'one', tenant: 'dev' },
        { dataId: 'one', tenant: 'DEV' },
        { dataId: 'one', group: 'OTHER' },
      ]
      for (const [at, key] of places.entries()) await put(a, key, `content ${at}`)
      for (const [at, key] of places.entries()) await readsBack(b, key, `content ${at}`)
      for (const tenant of ['', 'public', 'null']) expect((await read(a, { dataId: 'one', tenant })).text).toBe('content 0')
      await put(b, { dataId: 'one', tenant: 'public' }, 'by its name')
      await readsBack(a, { dataId: 'one' }, 'by its name')
    })

    it('may be written by a query as by a form', async () => {
      const base = subject().bases[0] ?? ''
      const query = new URLSearchParams({ dataId: 'by-query', group: 'DEFAULT_GROUP', content: '值 1+1' }).toString()
      expect(await send(base, { method: 'POST', path: `${configsPath}?${query}` })).toMatchObject({ status: 200, text: 'true' })
      expect((await read(base, { dataId: 'by-query' })).text).toBe('值 1+1')
    })

    it('removed through one node is gone from every node', async () => {
      for (const taker of subject().bases) {
        const key = { dataId: 'short-lived' }
        await put(taker, key, 'here')
        expect(await remove(taker, key)).toMatchObject({ status: 200, text: 'true' })
        expect((await read(taker, key)).status).toBe(404)
        await everywhere(subject(), (base) => readsBack(base, key, null))
      }
    })

    it('that never was is removed with success, as in Nacos, and read as missing', async () => {
      const key = { dataId: 'never-was' }
      for (const base of subject().bases) {
        expect(await remove(base, key)).toMatchObject({ status: 200, text: 'true' })
        expect(await read(base, key)).toMatchObject({ status: 404, text: 'config data not exist\n' })
        expect(await detailOf(base, key)).toBeNull()
      }
    })
  })
}
