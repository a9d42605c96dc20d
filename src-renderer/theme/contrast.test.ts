/** The token table holds WCAG AA: 4.5:1 for text on every ground it stands on, 3:1 for shapes. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const css = readFileSync(resolve('src-renderer/theme/tokens.css'), 'utf8')

function tokensOf(theme: 'light' | 'dark'): Map<string, string> {
  const blocks = css.split('}').filter((block) => (block.includes('data-mantine-color-scheme') ? block.includes(`"${theme}"`) : true))
  return new Map(blocks.flatMap((block) => [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!] as const)))
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function ratio(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high! + 0.05) / (low! + 0.05)
}

const grounds = ['bg', 'surface', 'raised', 'sunken']
const text: [string, string[]][] = [
  ['ink', [...grounds, 'accent-soft', 'bad-soft', 'mark']],
  ['ink-2', [...grounds, 'accent-soft', 'bad-soft']],
  ['ink-3', [...grounds, 'accent-soft']],
  ['accent', ['surface', 'raised', 'accent-soft']],
  ['accent-ink', ['accent']],
  ['leader-ink', ['surface', 'leader-soft']],
  ['follower-ink', ['surface', 'follower-soft']],
  ['candidate-ink', ['surface', 'candidate-soft']],
  ['ok-ink', ['surface', 'ok-soft']],
  ['warn-ink', ['surface', 'raised', 'warn-soft']],
  ['bad-fill-ink', ['bad-fill']],
  ['bad-ink', ['surface', 'raised', 'bad-soft']],
]

test.each(['light', 'dark'] as const)('text in the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const weak = text.flatMap(([ink, on]) =>
    on.flatMap((ground) => {
      const got = ratio(tokens.get(ink) ?? '', tokens.get(ground) ?? '')
      return got < 4.5 ? [`${ink} on ${ground}: ${got.toFixed(2)}`] : []
    }),
  )
  expect(weak).toEqual([])
})
