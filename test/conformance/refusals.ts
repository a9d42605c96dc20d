/** Whatever a client sends, it gets a clean answer: no stack trace, no hang, no dead node, and a 500 only where Nacos has one. */

import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Request, send } from '../support/http.ts'
import { configsPath, read } from '../support/nacos.ts'
import type { Area } from './area.ts'
import { put } from './verbs.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const anything = /^/
const trace = /\bat \S+ \(|node:internal|\.[cm]?[jt]s:\d+:\d+|SQLITE_|Error:/
const overFormLimit = 33 * 1024 * 1024

const post = (body: string, headers: Readonly<Record<string, string>> = form): Request => ({ method: 'POST', path: configsPath, headers, body })
const missing = (name: string): RegExp =>
  new RegExp(`^caused: Required request parameter &#39;${name}&#39; for method parameter type String is not present;`)

const table: readonly [what: string, request: Request, status: number | readonly number[], body: RegExp][] = [
  ['a read without dataId', { path: `${configsPath}?group=g` }, 500, missing('dataId')],
  ['a read without group', { path: `${configsPath}?dataId=d` }, 500, missing('group')],
  ['a write without dataId', post('group=g&content=c'), 500, missing('dataId')],
  ['a write without content', post('dataId=d&group=g'), 500, missing('content')],
  ['a removal without dataId', { method: 'DELETE', path: `${configsPath}?group=g` }, 500, missing('dataId')],
  ['a blank dataId', post('dataId=&group=g&content=c'), 400, /dataId/],
  ['a blank content', post('dataId=d&group=g&content=%20%20'), 400, /content/],
  ['bad characters in dataId', post('dataId=a%20b%2F..%2Fc&group=g&content=c'), 400, /dataId/],
  ['control characters in dataId', post('dataId=a%00b&group=g&content=c'), 400, /dataId/],
  ['bad characters in group', post('dataId=d&group=%3Cscript%3E&content=c'), 400, /group/],
  ['bad characters in tenant', post('dataId=d&group=g&tenant=a%20b&content=c'), 400, /tenant/],
  ['a dataId of 257 characters', post(`dataId=${'x'.repeat(257)}&group=g&content=c`), 400, /dataId/],
  ['a wrong method', { method: 'PUT', path: configsPath, headers: form, body: 'dataId=d' }, 405, /./],
  ['a method of no meaning', { method: 'PROPFIND', path: configsPath }, [400, 404, 405, 501], anything],
  ['an unknown path', { path: '/nacos/v1/cs/nothing' }, 404, /./],
  ['an unknown path outside', { path: '/nothing/here' }, 404, /./],
  ['a path that climbs', { path: '/nacos/%2e%2e/%2e%2e/etc/passwd' }, [400, 403, 404], /^(?!.*root:)/],
  ['a path that does not decode', { path: '/nacos/v1/cs/configs%ZZ?dataId=%ZZ' }, [400, 404], anything],
  ['a query that does not decode', { path: `${configsPath}?dataId=%ZZ&group=%` }, [400, 404], anything],
  ['a form that does not decode', post('%%%=%ZZ&&&===&dataId'), [400, 500], /./],
  ['a body of another kind', post('{"dataId":"d"}', { 'content-type': 'application/json' }), [400, 415, 500], /./],
  ['a multipart body cut short', post('--x\r\nContent-Disp', { 'content-type': 'multipart/form-data; boundary=x' }), [400, 415, 500], /./],
  ['a poll for nothing', { method: 'POST', path: `${configsPath}/listener`, headers: form, body: '' }, 400, /invalid probeModify/],
  [
    'a poll for nonsense',
    { method: 'POST', path: `${configsPath}/listener`, headers: form, body: 'Listening-Configs=%01%01%02' },
    [200, 400],
    anything,
  ],
  ['a form beyond the limit', post(`dataId=d&group=g&content=${'x'.repeat(overFormLimit)}`), [400, 413], /./],
  ['a header beyond the limit', { path: configsPath, headers: { 'x-long': 'x'.repeat(600_000) } }, [400, 431], anything],
]

/** Sends bytes that are no HTTP and gives what came back before the server closed. */
const sendRaw = (base: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const socket = connect(Number(port), hostname, () => socket.end(bytes))
    const chunks: Buffer[] = []
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer to nonsense in 5 s')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })

export const refusals: Area = (subject) => {
  describe('gets a clean answer:', () => {
    it.each(table)('%s', async (_, request, status, body) => {
      for (const base of subject().bases) {
        const answer = await send(base, request)
        expect(typeof status === 'number' ? [status] : status).toContain(answer.status)
        expect(answer.text).toMatch(body)
        expect(answer.text).not.toMatch(trace)
        if (answer.status === 500) expect(answer.text).toMatch(/^caused: Required request parameter/)
      }
    })

    it('bytes that are no HTTP', async () => {
      for (const base of subject().bases) {
        const answer = await sendRaw(base, 'GARBAGE \u0000\u0001 nonsense\r\n\r\n')
        expect(answer).toMatch(/^HTTP\/1\.1 400 /)
        expect(answer).not.toMatch(trace)
      }
    })

    it('a request that gives two lengths', async () => {
      const twice = `POST ${configsPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc`
      for (const base of subject().bases) expect(await sendRaw(base, twice)).toMatch(/^HTTP\/1\.1 400 /)
    })

    it('an upload that breaks off leaves nothing behind', async () => {
      const cut = `POST ${configsPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\ndataId=cut&group=g&content=half`
      await sendRaw(subject().bases[0] ?? '', cut)
      expect((await read(subject().bases[0] ?? '', { dataId: 'cut', group: 'g' })).status).toBe(404)
    })
  })

  it('after all of this every node is the process that it was, and serves', async () => {
    expect(
      subject()
        .cluster.events()
        .filter(({ event }) => event === 'node-exit'),
    ).toEqual([])
    for (const base of subject().bases) await put(base, { dataId: 'still-here' }, base)
  })
}
