import { describe, expect, test } from 'vitest'
import { hostAllowed, refuseRequest, refuseUpgrade } from './request-rules.ts'

const port = 18848
const ours = { host: '127.0.0.1:18848' }

describe('host', () => {
  test.each(['127.0.0.1:18848', 'localhost:18848', 'LOCALHOST:18848', '[::1]:18848'])('%s is ours', (host) =>
    expect(hostAllowed(host, port)).toBe(true),
  )
  test.each([
    undefined,
    '',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:8848',
    'evil.example:18848',
    'localhost.evil.example:18848',
    '127.0.0.1:18848.evil.example',
    '0.0.0.0:18848',
    'user@127.0.0.1:18848',
  ])('%s is not', (host) => expect(hostAllowed(host, port)).toBe(false))
})

describe('request', () => {
  test.each([
    ['curl', {}],
    ['our page', { origin: 'http://127.0.0.1:18848', 'sec-fetch-site': 'same-origin' }],
    ['typed address', { 'sec-fetch-site': 'none' }],
    ['link from another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ])('%s passes', (_name, headers) => expect(refuseRequest({ method: 'GET', headers: { ...ours, ...headers }, port })).toBeNull())

  test.each([
    ['foreign origin', 'GET', { origin: 'https://evil.example' }],
    ['null origin', 'POST', { origin: 'null' }],
    ['same host, other port', 'POST', { origin: 'http://127.0.0.1:8848' }],
    ['other loopback name', 'POST', { origin: 'http://localhost:18848' }],
    ['https of ours', 'POST', { origin: 'https://127.0.0.1:18848' }],
    ['script of another site', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['frame in another site', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['form of another site', 'POST', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['page on another port', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('%s is refused', (_name, method, headers) => expect(refuseRequest({ method, headers: { ...ours, ...headers }, port })).not.toBeNull())

  test('a socket must say where it comes from', () => {
    expect(refuseUpgrade({ method: 'GET', headers: ours, port })).not.toBeNull()
    expect(refuseUpgrade({ method: 'GET', headers: { ...ours, origin: 'http://127.0.0.1:18848' }, port })).toBeNull()
  })
})
