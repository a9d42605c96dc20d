/** How long and how large things may be: the longest is kept, one more is refused with its name and its limit, and nothing of it is kept. */

import { describe, expect, it } from 'vitest'
import { publish, read } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { detailOf, everywhere, publishFields, putFields, readsBack } from './verbs.ts'

const mebibyte = 1024 * 1024
const largestBytes = 10 * mebibyte
const names = { dataId: 'limited', group: 'LIMITED', content: 'x' }

export const limits: Area = (subject) => {
  describe('a limit', () => {
    const base = (): string => subject().bases[0] ?? ''

    it.each([
      ['one byte', 'x'.repeat(largestBytes + 1)],
      ['its bytes alone', '值'.repeat(3_500_000)],
    ])('on contents is told when it is passed by %s, and nothing is kept', async (_, content) => {
      const answer = await publish(base(), { dataId: 'too-long' }, content)
      expect(answer.status).toBe(400)
      expect(answer.text).toContain(String(largestBytes))
      await everywhere(subject(), async (each) => expect((await read(each, { dataId: 'too-long' })).status).toBe(404))
    })

    // What a dataId may have at most is not the same in both modes: see differences.ts.
    it.each([
      ['dataId', 255],
      ['group', 128],
      ['tenant', 64],
    ] as const)('on a %s of %i characters lets it through, to every node', async (name, longest) => {
      const key = { ...names, [name]: `${name}-`.padEnd(longest, 'n') }
      await putFields(base(), key)
      await everywhere(subject(), (each) => readsBack(each, key, 'x'))
    })

    it.each([
      ['dataId', 257, 'dataId'],
      ['group', 129, 'group'],
      ['tenant', 65, 'tenant'],
      ['desc', 129, 'too long desc, over 128'],
      ['appName', 129, 'too long appName, over 128'],
      ['src_user', 129, 'too long src_user, over 128'],
      ['use', 33, 'too long use, over 32'],
      ['effect', 33, 'too long effect, over 32'],
      ['type', 33, 'too long type, over 32'],
      ['schema', 32_769, 'too long schema, over 32768'],
      ['encryptedDataKey', 1_025, 'too long encryptedDataKey, over 1024'],
      ['config_tags', 65, 'too long tag, over 64'],
    ])('on %s refuses %i characters, and says so', async (name, length, words) => {
      const answer = await publishFields(base(), { ...names, dataId: 'passed', [name]: 'n'.repeat(length) })
      expect(answer.status).toBe(400)
      expect(answer.text).toContain(words)
      expect(await detailOf(base(), { dataId: 'passed', group: 'LIMITED' })).toBeNull()
    })

    it('on tags is five', async () => {
      await putFields(base(), { ...names, config_tags: 'a,b,c,d,e' })
      expect(await publishFields(base(), { ...names, config_tags: 'a,b,c,d,e,f' })).toMatchObject({
        status: 400,
        text: expect.stringContaining('over 5'),
      })
    })

    it('counts characters of texts, not bytes', async () => {
      const desc = '说'.repeat(128)
      await putFields(base(), { ...names, dataId: 'described', desc, appName: '店'.repeat(128) })
      await everywhere(subject(), (each) => readsBack(each, { dataId: 'described', group: 'LIMITED' }, 'x'))
      expect(await detailOf(base(), { dataId: 'described', group: 'LIMITED' })).toMatchObject({ desc })
    })
  })
}
