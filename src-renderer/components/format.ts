/** How figures, sizes and times are written: thin spaces in thousands, units always, the wall clock of this machine. */

const thin = '\u2009'

/** `10233` -> `10 233` with thin spaces; digits after the point only as asked. */
export function formatNumber(value: number, digits = 0): string {
  const fixed = Math.abs(value).toFixed(digits)
  const [whole = '0', rest] = fixed.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thin)
  const sign = value < 0 && Number(fixed) !== 0 ? '−' : ''
  return `${sign}${grouped}${rest === undefined ? '' : `.${rest}`}`
}

/** A rate, with one digit below ten so that slow traffic is not drawn as none. */
export function formatRate(perSecond: number): string {
  return formatNumber(perSecond, perSecond > 0 && perSecond < 9.95 ? 1 : 0)
}

/** Bytes to the unit that keeps two or three figures. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${formatNumber(bytes)} B`
  const units = ['KB', 'MB', 'GB'] as const
  let value = bytes / 1024
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${formatNumber(value, value < 10 ? 1 : 0)} ${units[unit] ?? 'GB'}`
}

/** Milliseconds with the digits that matter: `0.16 ms`, `3.4 ms`, `120 ms`. */
export function formatMs(ms: number): string {
  return `${formatNumber(ms, ms < 1 ? 2 : ms < 10 ? 1 : 0)} ms`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `14:03:11`, in the machine's zone. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `14:03:11.042`. */
export function formatClockMs(atMs: number): string {
  return `${formatClock(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, '0')}`
}

/** The clock alone for today, with the day before it otherwise. */
export function formatWhen(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  if (at.toDateString() === new Date(nowMs).toDateString()) return formatClock(atMs)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${formatClock(atMs)}`
}

/** `node-2`: the name of a node everywhere in the console. */
export const nodeName = (id: number): string => `node-${id}`

const lists = new Map<string, Intl.ListFormat>()

/** `node-1 and node-3`; Chinese lists by its own comma, since node names are Latin and "和" would stick to them. */
export function formatList(words: readonly string[], language: string): string {
  if (language.startsWith('zh')) return words.join('、')
  const format = lists.get(language) ?? new Intl.ListFormat(language, { type: 'conjunction', style: 'long' })
  lists.set(language, format)
  return format.format(words)
}
