/** Export and import of the configuration zip over HTTP, in both formats of Nacos, with each policy. */

import { describe, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { type Answer, send } from '../support/http.ts'
import { configsPath, type Key } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { detailOf, everywhere, put, putFields, query, readsBack } from './verbs.ts'

const contents: Readonly<Record<string, string>> = {
  'app.yaml': 'a: 1\r\n名: 值\r\n',
  'emoji.json': '{"face":"😀"}',
  'A:b-c_d.properties': 'a=1 \\\n  2',
  'bom.txt': '\ufeffmarked',
  'big.txt': '长'.repeat(100_000),
}
const described = { dataId: 'app.yaml', group: 'MOVED', type: 'yaml', desc: '说明 "1"', appName: 'shop' }

interface Counts {
  readonly succCount: number
  readonly skipCount?: number
  readonly failData?: readonly { readonly dataId: string }[]
  readonly skipData?: readonly { readonly dataId: string }[]
  readonly unrecognizedData?: readonly { readonly itemName: string }[]
}

const boundary = 'the-edge-of-a-part'
/** Into a namespace that is made first, if it is not there: none is made by an import. */
const importZip = async (base: string, zip: Buffer, parameters: Readonly<Record<string, string>>): Promise<Answer> => {
  const made = new URLSearchParams({ customNamespaceId: parameters.namespace ?? '', namespaceName: 'moved' })
  await send(base, { method: 'POST', path: `/nacos/v1/console/namespaces?${made.toString()}` })
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="configs.zip"\r\nContent-Type: application/zip\r\n\r\n`
  return await send(base, {
    ...{ method: 'POST', path: `${configsPath}?${new URLSearchParams({ import: 'true', ...parameters }).toString()}` },
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), zip, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  })
}
const countsOf = ({ text }: Answer): Counts => (JSON.parse(text) as { data: Counts }).data

export const moving: Area = (subject) => {
  describe('a zip of configurations', () => {
    const key = (dataId: string, tenant: string): Key => ({ dataId, group: 'MOVED', tenant })
    const exportOf = async (base: string, parameters: Readonly<Record<string, string>>): Promise<Buffer> => {
      const answer = await query(base, { tenant: 'from', ...parameters })
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/octet-stream'])
      return answer.body
    }
    const fill = async (): Promise<void> => {
      const base = subject().bases[0] ?? ''
      for (const [dataId, content] of Object.entries(contents)) await put(base, key(dataId, 'from'), content)
      await putFields(base, { ...described, tenant: 'from', content: contents['app.yaml'] ?? '' })
      await agreedState(subject().bases)
    }

    it.each(['exportV2', 'export'])('from %s makes the same configurations elsewhere, read at every node', async (format) => {
      await fill()
      const tenant = `to-${format}`
      const zip = await exportOf(subject().bases[1] ?? '', { [format]: 'true' })
      const answer = await importZip(subject().bases[2] ?? '', zip, { namespace: tenant, policy: 'ABORT' })
      expect(answer.status).toBe(200)
      expect(countsOf(answer)).toEqual({ succCount: Object.keys(contents).length })
      await everywhere(subject(), async (base) => {
        for (const [dataId, content] of Object.entries(contents)) await readsBack(base, key(dataId, tenant), content)
      })
      const moved = await detailOf(subject().bases[0] ?? '', key('app.yaml', tenant))
      // The older format knows applications alone.
      expect(moved).toMatchObject(format === 'exportV2' ? { type: 'yaml', desc: described.desc, appName: 'shop' } : { type: 'yaml', appName: 'shop' })
    })

    it('meets what is there as its policy says', async () => {
      await fill()
      const base = subject().bases[0] ?? ''
      const zip = await exportOf(base, { exportV2: 'true' })
      const there = key('app.yaml', 'met')
      const others = Object.keys(contents).length - 1
      await put(base, there, 'theirs')
      const aborted = countsOf(await importZip(base, zip, { namespace: 'met', policy: 'ABORT' }))
      expect(aborted).toMatchObject({ succCount: 0, skipCount: others, failData: [{ dataId: 'app.yaml' }] })
      expect(countsOf(await importZip(base, zip, { namespace: 'met', policy: 'SKIP' }))).toMatchObject({ succCount: others, skipCount: 1 })
      await everywhere(subject(), (each) => readsBack(each, there, 'theirs'))
      expect(countsOf(await importZip(base, zip, { namespace: 'met', policy: 'OVERWRITE' }))).toEqual({ succCount: others + 1 })
      await everywhere(subject(), (each) => readsBack(each, there, contents['app.yaml'] ?? ''))
    })

    it('holds what was asked for', async () => {
      await fill()
      const base = subject().bases[2] ?? ''
      const zip = await exportOf(base, { exportV2: 'true', group: 'MOVED', dataId: '*.yaml' })
      expect(countsOf(await importZip(base, zip, { namespace: 'part' }))).toEqual({ succCount: 1 })
      expect((await exportOf(base, { exportV2: 'true', group: 'NOBODY' })).length).toBeLessThan(1_000)
    })

    it('does not bring back what is called . or .., whose name in a zip would be another folder, and says so', async () => {
      const base = subject().bases[1] ?? ''
      for (const dataId of ['.', '..', '...']) await put(base, { dataId, group: 'DOTS', tenant: 'dots' }, 'x')
      const zip = await exportOf(base, { exportV2: 'true', tenant: 'dots' })
      const { succCount, unrecognizedData } = countsOf(await importZip(base, zip, { namespace: 'dots-again' }))
      expect(succCount).toBe(1)
      // And once more as names of the metadata without an entry.
      expect(unrecognizedData?.slice(0, 2)).toEqual([{ itemName: 'DOTS/.' }, { itemName: 'DOTS/..' }])
    })

    it('that is none is refused in words, with nothing written, and so is another policy', async () => {
      const base = subject().bases[0] ?? ''
      const answer = await importZip(base, Buffer.from('this is no zip'), { namespace: 'nothing' })
      expect(JSON.parse(answer.text)).toMatchObject({ code: 100_004, message: expect.stringContaining('nothing was written') })
      expect((await importZip(base, Buffer.from(''), { namespace: 'nothing', policy: 'MERGE' })).status).toBe(400)
      const found = await query(base, { search: 'blur', dataId: '', group: '', tenant: 'nothing', pageNo: '1', pageSize: '10' })
      expect(JSON.parse(found.text)).toMatchObject({ totalCount: 0 })
    })
  })
}
