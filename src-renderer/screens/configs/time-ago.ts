/** Relative times in lists: short, in the window's language. */

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

const formats = new Map<string, Intl.RelativeTimeFormat>()

/** `3 min ago`, `3分钟前`; null for less than a minute (or a clock ahead of ours), which has a word of its own. */
export const timeAgo = (atMs: number, nowMs: number, language: string): string | null => {
  const age = nowMs - atMs
  const [unit, size] = steps.find(([, step]) => age >= step) ?? []
  if (!unit || !size) return null
  const format = formats.get(language) ?? new Intl.RelativeTimeFormat(language, { style: 'narrow', numeric: 'always' })
  formats.set(language, format)
  return format.format(-Math.floor(age / size), unit)
}
