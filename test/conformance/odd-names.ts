/**
 * Names of configurations that are legal in Nacos and odd elsewhere, and some that are not legal, from a seed: every legal character, devices of
 * Windows, dots, names of objects in JavaScript, pairs that differ in case alone, the longest ones. Knows the rules from Nacos's side
 * (nacos-http 3.1, 3.2), not from the product's.
 */

import type { Dice } from '../sim/world.ts'

export interface OddKey {
  readonly tenant: string
  readonly group: string
  readonly dataId: string
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const legalInNames = [...`${letters}-_:.`]
const legalInTenants = [...`${letters}-_`]

const lengths = { tenant: 64, group: 128, dataId: 256 } as const
const special = [
  ...['CON', 'con', 'Con.txt', 'PRN', 'aux.yaml', 'AUX', 'NUL', 'nul.', 'COM1', 'com9.json', 'LPT3', 'lpt1.tar.gz'],
  ...['.', '..', '...', '.hidden', 'x.', 'x..', '..x', '-', '--', '-rf', '_', ':', '::', 'C:', 'a:b', 'a:b:c', 'x:.', '.:.'],
  ...['0', '007', '1e5', 'true', 'null', 'undefined', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...['config-data', 'tenant-config-data', 'DEFAULT_GROUP', 'public', '.git', '.DS_Store', 'desktop.ini', 'app.yaml', 'a.yaml.'],
]
const specialTenants = ['CON', 'nul', 'Com1', '-', '_', '__proto__', 'constructor', '0', 'PUBLIC', 'Null', 'dev', 'DEV', 'Dev', 'config-data']
/** All of them are the default namespace. */
const defaultTenants = ['', '', '', 'public', 'null', ' ']
const illegal = [
  '%',
  '%41',
  '/',
  '\\',
  ' ',
  '\0',
  '\n',
  'é',
  '中',
  '😀',
  '*',
  '?',
  '"',
  '<',
  '|',
  '+',
  '&',
  '=',
  '#',
  ';',
  "'",
  '$',
  '\u202e',
  '\ufeff',
]

const run = (dice: Dice, alphabet: readonly string[], length: number): string => Array.from({ length }, () => dice.pick(alphabet)).join('')

const swapped = (text: string, dice: Dice): string =>
  text.replace(/[A-Za-z]/g, (letter) => (dice.chance(0.5) ? letter : letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()))

const nameOf = (dice: Dice, longest: number): string => {
  if (dice.chance(0.4)) return dice.pick(special)
  return run(dice, legalInNames, dice.chance(0.05) ? dice.between(longest - 2, longest) : dice.between(1, 40))
}

const tenantOf = (dice: Dice): string => {
  if (dice.chance(0.4)) return dice.pick(defaultTenants)
  if (dice.chance(0.5)) return dice.pick(specialTenants)
  return run(dice, legalInTenants, dice.chance(0.1) ? lengths.tenant : dice.between(1, 36))
}

const groupOf = (dice: Dice): string => (dice.chance(0.4) ? 'DEFAULT_GROUP' : nameOf(dice, lengths.group))

/** At least one configuration for each legal character, in every place where it may stand. */
const keyWith = (character: string, dice: Dice): OddKey => {
  const around = `${character}a${character}b${character}`
  return { tenant: legalInTenants.includes(character) ? around : tenantOf(dice), group: around, dataId: around }
}

/** The `at`-th of a run. It may be one that was there before. */
export const legalKey = (at: number, earlier: readonly OddKey[], dice: Dice): OddKey => {
  const character = legalInNames[at]
  if (character !== undefined) return keyWith(character, dice)
  if (earlier.length > 0 && dice.chance(0.15)) {
    const other = dice.pick(earlier)
    return dice.chance(0.5) ? { ...other, dataId: swapped(other.dataId, dice) } : { ...other, group: swapped(other.group, dice) }
  }
  return { tenant: tenantOf(dice), group: groupOf(dice), dataId: nameOf(dice, lengths.dataId) }
}

/** Nacos's filter refuses it for one of its three names. */
export const illegalKey = (dice: Dice): OddKey => {
  const key = { tenant: 'dev', group: 'DEFAULT_GROUP', dataId: 'app.yaml' }
  const part = dice.pick(['tenant', 'group', 'dataId'] as const)
  const wrong = dice.pick([...illegal.map((text) => `x${text}y`), 'n'.repeat(lengths[part] + 1), ...(part === 'tenant' ? ['a.b', 'a:b'] : [''])])
  return { ...key, [part]: wrong }
}

/** As a store has it. */
export const stored = ({ tenant, ...names }: OddKey): OddKey => ({
  ...names,
  tenant: tenant === 'public' || tenant === 'null' || tenant.trim() === '' ? '' : tenant,
})

export const keyText = ({ tenant, group, dataId }: OddKey): string => JSON.stringify([tenant, group, dataId])
