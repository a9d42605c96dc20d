import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, loadBundle } from './bundle.ts'

let home: string
let bundle: Bundle
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trio-bundle-'))
  await mkdir(join(home, 'renderer', 'assets'), { recursive: true })
  await writeFile(join(home, 'secret.html'), 'secret')
  await writeFile(join(home, 'renderer', 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  await writeFile(join(home, 'renderer', 'assets', 'main-1.js'), 'run()')
  await writeFile(join(home, 'renderer', '.env'), 'secret')
  bundle = await loadBundle(join(home, 'renderer'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

const get = async (path: string) => {
  const { status, headers, body } = await bundle.answer(path)
  return { status, headers, text: body.toString() }
}

test.each(['/', '/index.html', '/configs', '/logs/deep'])('%s is the page, with a nonce of its own in text and policy', async (path) => {
  const first = await get(path)
  const nonce = /content="([^"]+)"/.exec(first.text)?.[1] ?? ''
  expect(nonce.length).toBeGreaterThanOrEqual(22)
  expect(first.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`)
  expect((await get(path)).text).not.toBe(first.text)
})

test('the policy allows no inline script and no eval', async () => {
  const policy = (await get('/')).headers['content-security-policy']
  expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)
  expect(policy).not.toMatch(/unsafe/)
})

test('a built file is given with its type and may be kept', async () => {
  const file = await get('/assets/main-1.js')
  expect(file.text).toBe('run()')
  expect(file.headers['content-type']).toMatch(/javascript/)
  expect(file.headers['cache-control']).toMatch(/immutable/)
})

describe('nothing outside the folder', () => {
  test.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/assets/../../secret.html',
    '/assets/..%5c..%5csecret.html',
    '/%252e%252e/secret.html',
    '//etc/passwd.html',
    '/.env',
    '/index.html%00.js',
    '/%',
    'secret.html',
    '/C:/secret.html',
    '/assets/nothing.js',
    '/\\..\\secret.html',
  ])('%s', async (path) => {
    const { status, text } = await get(path)
    expect(status).toBe(404)
    expect(text).not.toContain('secret')
  })
})

test('a folder without a page says so', async () => {
  await expect(loadBundle(join(home, 'renderer', 'assets'))).rejects.toThrow(/index\.html/)
})

test('a build in between does not change the page that belongs to the known files', async () => {
  const folder = join(home, 'rebuilt')
  await mkdir(folder)
  await writeFile(join(folder, 'index.html'), 'first')
  const first = await loadBundle(folder)
  await writeFile(join(folder, 'index.html'), 'second')
  expect((await first.answer('/')).body.toString()).toBe('first')
})
