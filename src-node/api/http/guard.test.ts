import { describe, expect, test } from 'vitest'
import { createGuard } from './guard.ts'

const guard = createGuard(['http://127.0.0.1:18848'])

test.each(['127.0.0.1:8848', 'localhost:8848', 'LOCALHOST', '[::1]:8848', '127.0.0.1:18848'])('host %s is ours', (host) => {
  expect(guard.check({ host })).toBeNull()
})

test.each([
  'evil.example',
  'evil.example:8848',
  '127.0.0.1.evil.example',
  'localhost.',
  '192.168.1.2:8848',
  '[::1',
  '127.0.0.1:8848@evil',
  '',
  'localhost:8848:1',
])('host %s is foreign', (host) => {
  expect(guard.check({ host })).toContain('Host')
})

describe('further names', () => {
  const allowing = createGuard([], ['nacos-0.nacos', '*.nacos.svc', '10.1.2.3', '[fd00::1]'])

  test.each([
    'nacos-0.nacos:8848',
    'NACOS-0.nacos:18848',
    'nacos-0.nacos',
    'a.nacos.svc',
    'a.b.nacos.svc:1',
    '10.1.2.3:8848',
    '[fd00::1]:8848',
    'localhost:1',
  ])('%s may be called, whatever the port', (host) => {
    expect(allowing.check({ host })).toBeNull()
  })

  test.each(['nacos-1.nacos', 'nacos.svc', '.nacos.svc', 'evilnacos.svc', 'a.nacos.svc.evil.example', '10.1.2.30', 'nacos-0.nacos:8848@evil'])(
    '%s may not, and the refusal names who may',
    (host) => {
      expect(allowing.check({ host })).toContain('answers to 127.0.0.1, localhost, [::1], nacos-0.nacos,')
    },
  )
})

test('a request without a host is refused', () => {
  expect(guard.check({})).toContain('Host')
})

const host = '127.0.0.1:8848'

test.each([
  ['no browser', {}],
  ['node fetch', { 'sec-fetch-mode': 'cors' }],
  ['typed address', { 'sec-fetch-site': 'none' }],
  ['own page', { origin: 'http://127.0.0.1:8848', 'sec-fetch-site': 'same-origin' }],
  ['the console', { origin: 'http://127.0.0.1:18848', 'sec-fetch-site': 'same-site' }],
])('%s may pass', (_who, headers) => {
  expect(guard.check({ host, ...headers })).toBeNull()
})

test.each([
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site, old browser', { origin: 'https://evil.example' }],
  ['a sandboxed page', { origin: 'null' }],
  ['another local port', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
  ['an image tag', { 'sec-fetch-site': 'cross-site' }],
  ['https of the same name', { origin: 'https://127.0.0.1:8848' }],
])('%s may not pass', (_who, headers) => {
  expect(guard.check({ host, ...headers })).toContain('may not talk to this node')
})
