import { describe, expect, test } from 'vitest'
import { appOrigin, developmentOrigin, isOurs, outsideLink, permissionAllowed, requestAllowed, windowPreferences } from './security-rules.ts'

const origins = [appOrigin]

describe('our pages', () => {
  test.each(['app://console/', 'app://console/configs?q=1#x', 'APP://console/'])('%s', (url) => expect(isOurs(url, origins)).toBe(true))
  test.each([
    '',
    'app://console.evil/',
    'app://evil/',
    'app://user@console/',
    'app:console/',
    'file:///etc/passwd',
    'https://console/',
    'about:blank',
    'data:text/html,x',
    'javascript:1',
    'app://console:80/',
  ])('not %s', (url) => expect(isOurs(url, origins)).toBe(false))
})

describe('links that lead out', () => {
  test.each([
    ['https://nacos.io/docs', 'open'],
    ['https://github.com/alibaba/nacos/issues/1', 'open'],
    ['https://example.com/', 'ask'],
    ['https://github.com.evil.example/', 'ask'],
    ['https://github.com:8443/', 'ask'],
    ['https://user:pass@github.com/', 'deny'],
    ['http://github.com/', 'deny'],
    ['http://127.0.0.1:8848/nacos', 'deny'],
    ['file:///etc/passwd', 'deny'],
    ['smb://host/share', 'deny'],
    ['javascript:alert(1)', 'deny'],
    ['ms-msdt:/id', 'deny'],
    ['app://console/', 'deny'],
    ['not a url', 'deny'],
    [`https://github.com/${'x'.repeat(3_000)}`, 'deny'],
  ])('%s: %s', (url, verdict) => expect(outsideLink(url)).toBe(verdict))
})

test('a page of ours may copy; nobody else may', () => {
  expect(permissionAllowed('clipboard-sanitized-write', appOrigin, origins)).toBe(true)
  expect(permissionAllowed('clipboard-sanitized-write', 'https://evil.example', origins)).toBe(false)
})

test.each(['clipboard-read', 'geolocation', 'notifications', 'media', 'midi', 'openExternal', 'fullscreen', 'hid', 'serial', 'usb'])(
  'not even our page gets %s',
  (permission) => expect(permissionAllowed(permission, appOrigin, origins)).toBe(false),
)

test.each([
  ['app://console/assets/x.js', true],
  ['data:image/png;base64,AA', true],
  ['blob:app://console/1', true],
  ['https://example.com/x.js', false],
  ['http://127.0.0.1:8848/', false],
  ['ws://127.0.0.1:1/', false],
  ['file:///etc/passwd', false],
])('request to %s: %s', (url, allowed) => expect(requestAllowed(url, origins)).toBe(allowed))

test.each([
  [false, 'http://localhost:5173', 'http://localhost:5173'],
  [false, 'http://127.0.0.1:5173/x', 'http://127.0.0.1:5173'],
  [true, 'http://localhost:5173', null],
  [false, 'http://evil.example:5173', null],
  [false, 'https://localhost:5173', null],
  [false, undefined, null],
  [false, 'nonsense', null],
])('packaged %s with %s: development origin %s', (packaged, url, origin) => expect(developmentOrigin(packaged, url)).toBe(origin))

test('a window is sandboxed, isolated, without Node and without guests', () => {
  expect(windowPreferences({ preload: '/p.cjs', devTools: false })).toEqual({
    preload: '/p.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  })
})
