import { expect, test } from 'vitest'
import { menuTemplate } from './menu.ts'

const roles = (options: Parameters<typeof menuTemplate>[0]) =>
  menuTemplate(options).flatMap(({ role, submenu }) => [role, ...(Array.isArray(submenu) ? submenu.map((item) => item.role) : [])])

test.each(['linux', 'darwin', 'win32'] as const)('on %s there is all that editing needs', (platform) => {
  expect(roles({ language: 'en', platform, devTools: false })).toEqual(
    expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll', 'close']),
  )
})

test('developer tools are there only when asked for', () => {
  expect(roles({ language: 'en', platform: 'linux', devTools: false })).not.toContain('toggleDevTools')
  expect(roles({ language: 'en', platform: 'linux', devTools: true })).toContain('toggleDevTools')
})

test('both languages have their labels', () => {
  expect(menuTemplate({ language: 'zh', platform: 'linux', devTools: false }).map(({ label }) => label)).toEqual(['编辑', '视图', '窗口'])
  expect(menuTemplate({ language: 'en', platform: 'linux', devTools: false }).map(({ label }) => label)).toEqual(['Edit', 'View', 'Window'])
})
