/** Both languages say the same things: equal keys, no empty word, equal placeholders. */

import { expect, test } from 'vitest'
import { en } from './en/index.ts'
import { languageFor } from './i18n.ts'
import { zhCN } from './zh-CN/index.ts'

function flat(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]]
  return Object.entries(node as object).flatMap(([key, value]) => flat(value, path === '' ? key : `${path}.${key}`))
}

const english = new Map(flat(en))
const chinese = new Map(flat(zhCN))
const holes = (text: string) => [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]))].sort()

test('both languages have the same keys', () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
})

test('no word is empty', () => {
  const empty = [...english, ...chinese].filter(([, text]) => text.trim() === '').map(([key]) => key)
  expect(empty).toEqual([])
})

test('both languages fill the same holes', () => {
  const differing = [...english].filter(([key, text]) => {
    // A form for one thing may leave its number out in either language.
    const both = [holes(text), holes(chinese.get(key) ?? '')]
    return !/_(one|zero)$/.test(key) && JSON.stringify(both[0]) !== JSON.stringify(both[1])
  })
  expect(differing.map(([key]) => key)).toEqual([])
})

test('every Chinese tag reads Chinese, all else English', () => {
  expect(['zh', 'zh-CN', 'zh-Hans-SG', 'zh-TW'].map(languageFor)).toEqual(['zh-CN', 'zh-CN', 'zh-CN', 'zh-CN'])
  expect(['en-GB', 'de', ''].map(languageFor)).toEqual(['en', 'en', 'en'])
})
