/** What a user does first: write to any node, read from every node, be told of changes. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { listen, md5, publish, read, remove } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const mebibyte = 1024 * 1024
const maxContentChars = 10 * mebibyte
/** Ten times the promise of 100 ms. */
const elsewhereLimitMs = 1_000
const hugeLimitMs = 30_000

let cluster: HeadlessCluster
beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(() => cluster?.stop())

const readsBack = async (base: string, dataId: string, content: string, limitMs: number): Promise<void> => {
  const answer = await waitUntil(
    `${dataId} at ${base}`,
    async () => {
      const found = await read(base, { dataId })
      return found.headers['content-md5'] === md5(content) ? found : null
    },
    limitMs,
  )
  expect(answer.status).toBe(200)
  expect(answer.body.equals(Buffer.from(content))).toBe(true)
}

describe('a configuration', () => {
  it.each([0, 1, 2])('written to node %i+1 is read at once there and soon from every other', async (taker) => {
    for (let round = 0; round < 10; round++) {
      const dataId = `through-${taker}-${round}`
      const content = `round: ${round}\ntaker: ${taker}\n`
      const base = cluster.bases[taker]!
      expect(await publish(base, { dataId }, content)).toMatchObject({ status: 200, text: 'true' })
      const own = await read(base, { dataId })
      expect(own.headers['content-md5']).toBe(md5(content))
      expect(own.text).toBe(content)
      for (const other of cluster.bases) await readsBack(other, dataId, content, elsewhereLimitMs)
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
    for (const [at, taker] of cluster.bases.entries()) {
      const mine = `${content}${at}`
      expect((await publish(taker, { dataId }, mine)).status).toBe(200)
      for (const base of cluster.bases) await readsBack(base, dataId, mine, elsewhereLimitMs)
    }
  })

  it('of 10 MiB comes back byte by byte from every node', async () => {
    const content = '0123456789abcde\n'.repeat(maxContentChars / 16)
    expect((await publish(cluster.bases[1]!, { dataId: 'ten-mebibytes' }, content)).status).toBe(200)
    for (const base of cluster.bases) await readsBack(base, 'ten-mebibytes', content, hugeLimitMs)
  })

  it.each([
    ['one character', 'x'.repeat(maxContentChars + 1)],
    ['its bytes alone', '值'.repeat(3_500_000)],
  ])('over the limit by %s is refused with the limit, and nothing of it is kept', async (_, content) => {
    const answer = await publish(cluster.bases[0]!, { dataId: 'too-long' }, content)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(String(maxContentChars))
    for (const base of cluster.bases) expect((await read(base, { dataId: 'too-long' })).status).toBe(404)
  })

  it('removed through one node is gone from every node', async () => {
    for (const taker of cluster.bases) {
      const key = { dataId: 'short-lived' }
      expect((await publish(taker, key, 'here')).status).toBe(200)
      expect(await remove(taker, key)).toMatchObject({ status: 200, text: 'true' })
      expect((await read(taker, key)).status).toBe(404)
      for (const base of cluster.bases) await waitUntil('it to be gone', async () => (await read(base, key)).status === 404, elsewhereLimitMs)
    }
  })

  it('is replaced only by who knows its md5, if the md5 is given', async () => {
    const key = { dataId: 'compare-and-set' }
    const [a, b, c] = cluster.bases as [string, string, string]
    expect((await publish(a, key, 'one')).status).toBe(200)
    expect((await publish(b, key, 'two', { casMd5: md5('one') })).status).toBe(200)
    const late = await publish(c, key, 'three', { casMd5: md5('one') })
    expect(late.status).toBe(500)
    expect(late.text).toContain('Cas publish fail')
    for (const base of cluster.bases) await readsBack(base, key.dataId, 'two', elsewhereLimitMs)
  })
})

describe('a listener', () => {
  it.each([0, 1, 2])('at node %i+1 is told of a change made through another node', async (at) => {
    const key = { dataId: `watched-${at}` }
    const base = cluster.bases[at]!
    const other = cluster.bases[(at + 1) % 3]!
    expect((await publish(base, key, 'before')).status).toBe(200)
    const told = listen(base, key, md5('before'))
    expect((await publish(other, key, 'after')).status).toBe(200)
    const answer = await told
    expect(answer.status).toBe(200)
    expect(decodeURIComponent(answer.text.trim())).toBe(`watched-${at}\u0002DEFAULT_GROUP\u0001`)
    expect((await read(base, key)).text).toBe('after')
  })
})

it('after all of this the three nodes hold one state', async () => {
  expect((await agreedState(cluster.bases)).stateHash).not.toBe('')
})
