/**
 * Times of rows. Nacos's columns are DATETIME, which knows no zone: what we write and read is UTC, as Nacos's own shipped URL has it
 * (`serverTimezone=UTC`). A database that was filled under another zone shows those rows shifted by it, and loses nothing.
 */

/** Cut to the column's digits here, since MySQL rounds what is longer and MariaDB cuts. */
export const dateTimeText = (ms: number, fraction: number): string => {
  const text = new Date(ms).toISOString()
  const seconds = `${text.slice(0, 10)} ${text.slice(11, 19)}`
  return fraction === 0 ? seconds : `${seconds}.${text.slice(20, 20 + Math.min(3, fraction))}`
}

/** 0 for what is no time, or none that is counted here: null, the zero date that old servers allow, years before 1970. */
export const msOfDateTime = (text: unknown): number => {
  if (typeof text !== 'string') return 0
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}
