import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRequestReader } from './whole-request.ts'

const bytesMax = 64 * 1024
const newReader = (limits = { headBytesMax: bytesMax, bodyBytesMax: bytesMax }) => createRequestReader(limits)
const read = (text: string) => newReader()(Buffer.from(text, 'latin1'))
const kindOf = (text: string) => {
  const found = read(text)
  return typeof found === 'string' ? found : 'whole'
}
const post = (lines: string, body = '') => `POST /nacos/v1/cs/configs HTTP/1.1\r\n${lines}\r\n\r\n${body}`
const host = 'Host: 127.0.0.1'

test('a form with its length is read, to the byte', () => {
  const found = read(`${post(`${host}\r\nCONTENT-length:  5 \r\nContent-Type: application/x-www-form-urlencoded`, 'a=\xe9&b')}next`)
  expect(found).toMatchObject({ method: 'POST', url: '/nacos/v1/cs/configs', headers: { host: '127.0.0.1', 'content-length': '5' } })
  expect(found).toMatchObject({ body: Buffer.from('a=\xe9&b', 'latin1'), bytes: expect.any(Number) })
})

test('what has no length has no body', () => {
  expect(read(`DELETE /x?y=1 HTTP/1.1\r\n${host}\r\n\r\nrest`)).toMatchObject({ method: 'DELETE', url: '/x?y=1', body: Buffer.alloc(0) })
})

test('a body that is still on its way is a part', () => expect(kindOf(post(`${host}\r\nContent-Length: 9`, 'only'))).toBe('part'))

test.each([
  ['half a head', `POST / HTTP/1.1\r\n${host}`],
  ['no header at all', 'POST / HTTP/1.1\r\n\r\n'],
  ['another version', `POST / HTTP/1.0\r\n${host}\r\n\r\n`],
  ['another method', `PATCH / HTTP/1.1\r\n${host}\r\n\r\n`],
  ['a target with a blank', `POST /a b HTTP/1.1\r\n${host}\r\n\r\n`],
  ['a target of a proxy', `POST http://127.0.0.1/ HTTP/1.1\r\n${host}\r\n\r\n`],
  ['an empty line before it', `\r\nPOST / HTTP/1.1\r\n${host}\r\n\r\n`],
  ['a header twice', post(`${host}\r\ncasMd5: a\r\nCASMD5: a`)],
  ['two lengths', post(`${host}\r\nContent-Length: 1\r\nContent-Length: 1`, 'x')],
  ['a length that is no number', post(`${host}\r\nContent-Length: +1`, 'x')],
  ['a long body', post(`${host}\r\nContent-Length: 65537`)],
  ['a cookie that is set', post(`${host}\r\nSet-Cookie: a`)],
  ['a long head', post(`${host}\r\nX: ${'x'.repeat(bytesMax)}`)],
  ['many headers', post([host, ...Array.from({ length: 100 }, (_, at) => `x-${at}: 1`)].join('\r\n'))],
  ['pieces', post(`${host}\r\nTransfer-Encoding: chunked`, '0\r\n\r\n')],
  ['a wish to go on', post(`${host}\r\nExpect: 100-continue\r\nContent-Length: 1`, 'x')],
  ['an upgrade', post(`${host}\r\nConnection: Upgrade\r\nUpgrade: h2c`)],
  ['an end to the connection', post(`${host}\r\nConnection: close`)],
  ['the same through a proxy', post(`${host}\r\nProxy-Connection: close`)],
  ['JSON', post(`${host}\r\nContent-Type: application/json\r\nContent-Length: 2`, '{}')],
  ['files', post(`${host}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1`, 'x')],
  ['a line feed alone', post(`${host}\nX: 1`)],
  ['a carriage return in a value', post(`${host}\r\nX: a\rb`)],
  ['a null byte in a value', post(`${host}\r\nX: a\0b`)],
  ['a folded line', post(`${host}\r\nX: a\r\n b`)],
  ['a blank before the colon', post(`${host}\r\nX : a`)],
  ['no host', post('X: 1')],
  ['no colon', post(`${host}\r\nX`)],
  ['a name that objects have', post(`${host}\r\n__proto__: a`)],
])('%s is left to node:http', (_what, text) => expect(kindOf(text)).toBe('other'))

test('more different heads than are remembered are all read', () => {
  const reader = newReader()
  for (let at = 0; at < 1_000; at++) {
    const found = reader(Buffer.from(post(`${host}\r\nX: ${at % 700}\r\nContent-Length: 1`, String(at % 10))))
    expect(found).toMatchObject({ headers: { x: String(at % 700) }, body: Buffer.from(String(at % 10)) })
  }
})

test('limits of the server are those of the lane', () => {
  const reader = newReader({ headBytesMax: 200, bodyBytesMax: 10 })
  const kind = (text: string) => typeof reader(Buffer.from(text))
  expect([kind(post(`${host}\r\nContent-Length: 10`, '0123456789')), kind(post(`${host}\r\nContent-Length: 11`, '0123456789a'))]).toEqual([
    'object',
    'string',
  ])
  expect([kind(post(`${host}\r\nX: ${'x'.repeat(99)}`)), kind(post(`${host}\r\nX: ${'x'.repeat(199)}`))]).toEqual(['object', 'string'])
})

test('heads that come again are known, but for those with a secret', () => {
  const reader = newReader()
  const headersOf = (lines: string) => Reflect.get(Object(reader(Buffer.from(post(`${host}\r\n${lines}`)))), 'headers')
  expect(headersOf('X: 1')).toBe(headersOf('X: 1'))
  expect(headersOf('accessToken: 1')).not.toBe(headersOf('accessToken: 1'))
  expect(headersOf('Authorization: Bearer 1')).not.toBe(headersOf('Authorization: Bearer 1'))
  expect(Object.isFrozen(headersOf('X: 1'))).toBe(true)
})

test.each([
  ['in a value', `X: a${' '.repeat(60_000)}b`],
  ['before what no value may have', `X:${' \t'.repeat(30_000)}\0`],
  ['behind a value', `X: a${' '.repeat(60_000)}`],
  ['of names', `${'x'.repeat(60_000)}`],
  ['of lines', `X:\r\n`.repeat(15_000)],
])('a long run %s is read in no time', (_what, lines) => {
  const startMs = performance.now()
  read(post(`${host}\r\n${lines}`))
  expect(performance.now() - startMs).toBeLessThan(300)
})

let port = 0
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(parts).toString('latin1') }))
  })
})
beforeAll(async () => {
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** What node:http makes of the bytes; null: it refuses them. */
const asNodeHasIt = (bytes: Buffer): Promise<unknown> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (part) => {
      text += part.toString()
      const at = text.indexOf('\r\n\r\n')
      if (at < 0) return
      resolve(text.startsWith('HTTP/1.1 200') ? JSON.parse(text.slice(at + 4)) : null)
      socket.destroy()
    })
    socket.on('error', reject)
  })

const randomOf = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}
const odd = ['\r', '\n', '\0', ' ', '\t', ':', ',', '\x7f', '\xa0', '\x85', '\xff', '%', 'a', '\r\n', '\r\n ', '/', '?', '_']

test('whatever is taken as whole is read by node:http in the same way', async () => {
  const random = randomOf(20_261_126)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const lines = [
    'X-a: 1',
    'x_b: \t y z \t',
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Accept: */*',
    'Cookie: a=b',
    'X-e:',
    'Via: \xe9',
    'Set-Cookie: a=b',
  ]
  let whole = 0
  for (let turn = 0; turn < 600; turn++) {
    const body = 'k=v&w=%20'.slice(0, Math.floor(random() * 10))
    const more = Array.from({ length: Math.floor(random() * 4) }, () => pick(lines))
    let head = `${pick(['POST', 'PUT', 'DELETE'])} ${pick(['/', '/a?b=%20', '/\x7e!$'])} HTTP/1.1\r\n${[host, ...more, `Content-Length: ${body.length}`].join('\r\n')}`
    for (let changes = Math.floor(random() * 3); changes > 0; changes--) {
      const at = Math.floor(random() * head.length)
      head = head.slice(0, at) + pick(odd) + head.slice(at + (random() < 0.5 ? 1 : 0))
    }
    const bytes = Buffer.from(`${head}\r\n\r\n${body}`, 'latin1')
    const found = newReader()(bytes)
    if (typeof found === 'string') continue
    whole++
    const { method, url, headers, body: own } = found
    expect(await asNodeHasIt(bytes.subarray(0, found.bytes)), JSON.stringify(head)).toEqual({ method, url, headers, body: own.toString('latin1') })
  }
  expect(whole).toBeGreaterThan(150)
})
