/** Owns the language of the window: which one, and the one translator. Both languages are bundled; switching loads nothing. */

import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { storageKeys } from '../theme/storage-keys.ts'
import { en } from './en/index.ts'
import { zhCN } from './zh-CN/index.ts'

export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]

/** The language for a BCP 47 tag; everything but Chinese reads English. */
export function languageFor(tag: string): Language {
  return /^zh/i.test(tag) ? 'zh-CN' : 'en'
}

/** The language in use now. */
export function currentLanguage(): Language {
  return languageFor(i18next.resolvedLanguage ?? i18next.language ?? 'en')
}

/** Switches the whole window and remembers the choice. */
export async function setLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(storageKeys.language, language)
  } catch {
    // A window without storage keeps the choice for its life only.
  }
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}

function firstLanguage(): Language {
  try {
    const saved = localStorage.getItem(storageKeys.language)
    if (saved !== null) return languageFor(saved)
  } catch {
    // Falls to the system's language below.
  }
  return languageFor(navigator.language)
}

/** Starts the translator; call once before the first render. */
export function startI18n(language: Language = firstLanguage()): void {
  document.documentElement.lang = language
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    supportedLngs: languages,
    resources: { en, 'zh-CN': zhCN },
    ns: ['frame', 'health', 'overview', 'logs', 'configs', 'storage', 'move'],
    defaultNS: 'frame',
    initAsync: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  })
}
