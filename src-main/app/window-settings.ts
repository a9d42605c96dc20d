/**
 * What is known of the window before any page runs: place, size, theme and language, in one small file. A file that cannot be understood
 * counts as none; one that cannot be written is not worth a word. `placeOnScreen` is pure.
 */

import { z } from 'zod'
import { readJson, replaceFileUnsynced } from '../cluster/durable-file.ts'

export const appearanceSchema = z.object({ scheme: z.enum(['light', 'dark']), language: z.enum(['zh', 'en']) })
export type Appearance = z.infer<typeof appearanceSchema>

const boundsSchema = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().positive(), height: z.number().int().positive() })
export type Bounds = z.infer<typeof boundsSchema>

const settingsSchema = z.object({
  version: z.literal(1),
  bounds: boundsSchema.nullable(),
  maximized: z.boolean(),
  appearance: appearanceSchema.nullable(),
})
export type WindowSettings = z.infer<typeof settingsSchema>

const smallest = { width: 1_000, height: 640 }
const usual = { width: 1_360, height: 860 }
/** So much of the window's top must be on a screen for it to be grabbed. */
const grabPixels = 80

export function openWindowSettings(file: string) {
  let current: WindowSettings = { version: 1, bounds: null, maximized: false, appearance: null }
  try {
    const read = settingsSchema.safeParse(readJson(file))
    if (read.success) current = read.data
  } catch {
    // No settings then.
  }
  return {
    get: () => current,
    set(change: Partial<Omit<WindowSettings, 'version'>>) {
      const next = { ...current, ...change }
      if (JSON.stringify(next) === JSON.stringify(current)) return
      current = next
      try {
        replaceFileUnsynced(file, `${JSON.stringify(current, null, 2)}\n`)
      } catch {
        // See the top of the file.
      }
    },
  }
}
export type WindowSettingsFile = ReturnType<typeof openWindowSettings>

/** Where to open: as it was, if that is still on a screen; in the middle otherwise (no x and y). Never larger than the first screen. */
export function placeOnScreen(saved: Bounds | null, screens: readonly Bounds[]): { x?: number; y?: number; width: number; height: number } {
  const visible = screens.some(
    (screen) =>
      saved !== null &&
      saved.x < screen.x + screen.width - grabPixels &&
      saved.x + saved.width > screen.x + grabPixels &&
      saved.y >= screen.y - 1 &&
      saved.y < screen.y + screen.height - grabPixels,
  )
  const size = saved ?? usual
  const first = screens[0] ?? { x: 0, y: 0, ...usual }
  const width = visible ? Math.max(smallest.width, size.width) : Math.min(Math.max(smallest.width, size.width), first.width)
  const height = visible ? Math.max(smallest.height, size.height) : Math.min(Math.max(smallest.height, size.height), first.height)
  return saved && visible ? { x: saved.x, y: saved.y, width, height } : { width, height }
}

/** The page's own ground in each theme (`--bg` of the tokens), painted before it loads. */
export function backgroundOf(appearance: Appearance | null, systemIsDark: boolean): string {
  const dark = appearance ? appearance.scheme === 'dark' : systemIsDark
  return dark ? '#0e1116' : '#f6f7f9'
}
