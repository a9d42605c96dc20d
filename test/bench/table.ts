/** The figures for people. */

import type { Figures } from './sheet.ts'

export const printTable = (figures: Figures, conditions: Readonly<Record<string, string | number>>): void => {
  const nameWidth = Math.max(...figures.rows.map(({ name }) => name.length)) + 2
  const valueWidth = Math.max(...figures.rows.map(({ value }) => value.length))
  console.log('')
  for (const { name, value, note } of figures.rows) console.log(`${name.padEnd(nameWidth)}${value.padStart(valueWidth)}  ${note}`)
  console.log('')
  for (const [name, value] of Object.entries(conditions)) console.log(`${name.padEnd(28)}${value}`)
  if (figures.broken.length > 0) console.log(`\npromises broken while measuring:\n${figures.broken.join('\n')}`)
}
