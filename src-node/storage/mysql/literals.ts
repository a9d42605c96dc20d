/**
 * Values inside the text of a statement. Whatever came from outside goes as hexadecimal digits: there is nothing to escape, and so nothing that
 * could be escaped wrongly.
 */

import type { Cell } from './connection.ts'

const hexOf = (value: string | Uint8Array): string =>
  typeof value === 'string' ? Buffer.from(value).toString('hex') : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')

/** @throws for a number that is not whole: none of our columns holds one */
export const literalOf = (value: Cell): string => {
  if (value === null) return 'NULL'
  if (typeof value !== 'number') return value.length === 0 ? "''" : `_utf8mb4 X'${hexOf(value)}'`
  if (!Number.isSafeInteger(value)) throw new Error('mysql: no whole number')
  return String(value)
}
