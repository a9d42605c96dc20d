/** Goes through every screen in both themes and both languages, and leaves a picture of each under test-results/screenshots. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { repository } from '../support/headless.ts'

const settleLimitMs = 10_000
const languages = ['en', 'zh'] as const
const themes = ['light', 'dark'] as const
type Language = (typeof languages)[number]

const words = {
  en: {
    overview: /^Overview/,
    configs: /^Configs/,
    namespaces: /^Namespaces/,
    logs: /^Logs/,
    storage: /^Storage/,
    security: /^Security/,
    toOther: /切换为中文/,
  },
  zh: { overview: /^总览/, configs: /^配置/, namespaces: /^命名空间/, logs: /^日志/, storage: /^存储/, security: /^权限/, toOther: /English/ },
} as const

const otherLanguage = (language: Language): Language => (language === 'en' ? 'zh' : 'en')

const toLanguage = async (page: Page, language: Language): Promise<void> => {
  const other = page.getByTitle(words[otherLanguage(language)].toOther)
  if ((await other.count()) > 0) await other.click()
  await page.getByRole('link', { name: words[language].overview }).waitFor({ timeout: settleLimitMs })
}

const currentTheme = (page: Page): Promise<string | null> => page.locator('html').getAttribute('data-mantine-color-scheme')

const toTheme = async (page: Page, theme: string): Promise<void> => {
  if ((await currentTheme(page)) !== theme) await page.keyboard.press('ControlOrMeta+Shift+l')
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ timeout: settleLimitMs, state: 'attached' })
}

export interface Looks {
  readonly page: Page
  /** Folder below test-results/screenshots. */
  readonly shell: string
  readonly dataId: string
  /** Called on each screen, before the picture is taken. */
  readonly onScreen?: (name: string) => Promise<void>
}

/** Every screen x theme x language; ends in English and light. */
export const takePictures = async ({ page, shell, dataId, onScreen }: Looks): Promise<readonly string[]> => {
  const folder = join(repository, 'test-results/screenshots', shell)
  mkdirSync(folder, { recursive: true })
  const taken: string[] = []
  const take = async (name: string): Promise<void> => {
    await page.evaluate(() => document.fonts.ready)
    await onScreen?.(name)
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
    taken.push(name)
  }
  for (const language of languages) {
    await toLanguage(page, language)
    for (const theme of themes) {
      await toTheme(page, theme)
      await page.getByRole('link', { name: words[language].overview }).click()
      await page.getByText('node-3').first().waitFor({ timeout: settleLimitMs })
      await take(`overview-${theme}-${language}`)
      await page.getByRole('link', { name: words[language].configs }).click()
      await page.getByText(dataId).first().click()
      await page.locator('.cm-content').first().waitFor({ timeout: settleLimitMs })
      await take(`configs-${theme}-${language}`)
      await page.locator('.cm-content').first().click()
      await page.keyboard.press('ControlOrMeta+End')
      await page.keyboard.insertText('extra: true\n')
      await page.keyboard.press('ControlOrMeta+s')
      await page.locator('[role=dialog] .cm-content').first().waitFor({ timeout: settleLimitMs })
      await take(`publish-${theme}-${language}`)
      await page.keyboard.press('Escape')
      await page.locator('[role=dialog]').waitFor({ state: 'hidden', timeout: settleLimitMs })
      await page.locator('.cm-content').first().click()
      await page.keyboard.press('ControlOrMeta+z')
      await page.getByRole('link', { name: words[language].logs }).click()
      await page.getByRole('log').waitFor({ timeout: settleLimitMs })
      await take(`logs-${theme}-${language}`)
      await page.getByRole('link', { name: words[language].storage }).click()
      await page.getByText('data/state.db').waitFor({ timeout: settleLimitMs })
      await take(`storage-${theme}-${language}`)
      await page.getByRole('link', { name: words[language].namespaces }).click()
      await page.getByRole('rowheader', { name: 'public' }).waitFor({ timeout: settleLimitMs })
      await take(`namespaces-${theme}-${language}`)
      await page.getByRole('link', { name: words[language].security }).click()
      // What it means, users, roles.
      await page.getByRole('heading', { level: 2 }).nth(2).waitFor({ timeout: settleLimitMs })
      await take(`security-${theme}-${language}`)
    }
  }
  await toLanguage(page, 'en')
  await toTheme(page, 'light')
  return taken
}

/** What the page looked like when a test failed. */
export const pictureOfFailure = async (page: Page, name: string): Promise<void> => {
  const folder = join(repository, 'test-results/screenshots/failed')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.png`) })
}
