import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backgroundOf, openWindowSettings, placeOnScreen } from './window-settings.ts'

const screen = { x: 0, y: 25, width: 1_440, height: 875 }
const second = { x: 1_440, y: 0, width: 1_920, height: 1_080 }

describe('place', () => {
  test('the first time in the middle, no larger than the screen', () => {
    expect(placeOnScreen(null, [screen])).toEqual({ width: 1_360, height: 860 })
    expect(placeOnScreen(null, [{ x: 0, y: 0, width: 1_024, height: 700 }])).toEqual({ width: 1_024, height: 700 })
  })
  test('where it was, also on the second screen', () => {
    const bounds = { x: 1_500, y: 40, width: 1_200, height: 800 }
    expect(placeOnScreen(bounds, [screen, second])).toEqual(bounds)
  })
  test.each([
    { x: 1_500, y: 40, width: 1_200, height: 800 },
    { x: -1_190, y: 40, width: 1_200, height: 800 },
    { x: 0, y: -300, width: 1_200, height: 800 },
    { x: 0, y: 5_000, width: 1_200, height: 800 },
  ])('a place that nobody can see any more is forgotten, the size is not (%j)', (bounds) => {
    expect(placeOnScreen(bounds, [screen])).toEqual({ width: 1_200, height: 800 })
  })
})

describe('file', () => {
  let folder: string
  const file = () => join(folder, 'window.json')
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trio-window-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('what was set is there at the next start', () => {
    const bounds = { x: 1, y: 2, width: 1_100, height: 700 }
    openWindowSettings(file()).set({ bounds, appearance: { scheme: 'dark', language: 'zh' } })
    expect(openWindowSettings(file()).get()).toEqual({ version: 1, bounds, maximized: false, appearance: { scheme: 'dark', language: 'zh' } })
  })
  test.each(['', '{', 'null', '[]', '{"version":2}', '{"version":1,"bounds":{"x":"a"},"maximized":1}'])('content %j counts as none', async (text) => {
    await writeFile(file(), text)
    expect(openWindowSettings(file()).get().bounds).toBeNull()
  })
  test('a folder that is not there breaks nothing', () => {
    const settings = openWindowSettings(join(folder, 'no', 'window.json'))
    settings.set({ maximized: true })
    expect(settings.get().maximized).toBe(true)
  })
  test('nothing is written without a change', async () => {
    openWindowSettings(file()).set({ maximized: false })
    await expect(readFile(file())).rejects.toThrow(/ENOENT/)
  })
})

test.each([
  [{ scheme: 'dark', language: 'en' } as const, false, '#0e1116'],
  [{ scheme: 'light', language: 'en' } as const, true, '#f6f7f9'],
  [null, true, '#0e1116'],
  [null, false, '#f6f7f9'],
])('ground of %j, system dark %s: %s', (appearance, dark, colour) => expect(backgroundOf(appearance, dark)).toBe(colour))
