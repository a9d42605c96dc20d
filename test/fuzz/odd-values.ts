/** Values and spellings that parsers trip over, drawn from dice. Everything is already as it goes over the wire: a value percent-encoded. */

import type { Dice } from '../sim/world.ts'

/** Percent-encoded bytes that are no UTF-8, no text, or both. */
const rawBytes = [
  ...['%00', '%ED%A0%80', '%ED%BF%BF', '%C4%E3%BA%C3', '%FF%FE', '%C0%AF', '%F8%88%80%80%80', '%E4%BD', '%', '%zz', '%u0041', '%2'],
  ...['%0D%0A%0D%0AX: y', '%1B%5B2J', '%02', '%01', '%E2%80%AE', '%F0%9F%98%80', '+', '%2B', '%25%32%35', '%3Cscript%3E'],
]
const names = ['__proto__', 'constructor', 'toString', 'null', 'undefined', 'public', '*', '..', '../../etc/passwd', 'a@@b', '@@', 'a,b,,c', '$(x)']
const numbers = [
  ...[
    '-1',
    '0',
    '1e309',
    '1e3',
    '9007199254740993',
    '99999999999999999999',
    '-0',
    '0x10',
    'NaN',
    'Infinity',
    '1.5',
    '65536',
    '2147483648',
    '٣',
    ' 1 ',
  ],
  ...['999999999', '-9223372036854775809', '+5', '1_000', '00000000001'],
]
const jsons = ['{', '[]', 'null', '{"a":', '[[[[', '{"__proto__":{"x":1}}', '"a"', '{"type":"NOPE"}', '{"ip":null,"port":"x"}', '1', 'true', '\u0000']
const longs = [200, 1_000, 20_000, 1_000_000] as const

const long = (dice: Dice): string => {
  // A megabyte now and then: 200,000 of them would be a test of the network.
  const length = dice.chance(0.01) ? longs[3] : dice.pick(longs.slice(0, 3))
  return dice.pick(['a', '%41', 'x/', '1']).repeat(length).slice(0, length)
}

/** Any value for any parameter. */
export const oddValue = (dice: Dice): string => {
  switch (dice.between(0, 6)) {
    case 0:
      return dice.pick(rawBytes)
    case 1:
      return encodeURIComponent(dice.pick(names))
    case 2:
      return encodeURIComponent(dice.pick(numbers))
    case 3:
      return encodeURIComponent(dice.pick(jsons))
    case 4:
      return long(dice)
    case 5:
      return ''
    default:
      return Array.from({ length: dice.between(1, 12) }, () => `%${dice.between(0, 255).toString(16).padStart(2, '0')}`).join('')
  }
}

/** A piece of text with one thing done to it: cut, doubled, a byte changed. */
export const bent = (text: string, dice: Dice): string => {
  const at = dice.between(0, Math.max(0, text.length - 1))
  switch (dice.between(0, 3)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text
    case 2:
      return text.slice(0, at) + String.fromCharCode(dice.between(0, 255)) + text.slice(at + 1)
    default:
      return `${text.slice(0, at)}${dice.pick(jsons)}${text.slice(at)}`
  }
}

/** Ways to write a path so that it is, or is not, the same place. */
export const oddPath = (path: string, dice: Dice): string =>
  dice.pick([
    ...[
      `${path}/`,
      `${path};x=y`,
      `${path}%2e%2e`,
      `/${path}`,
      path.replace('/v', '/./v'),
      path.replace('/nacos', '/nacos/..;/nacos'),
      path.toUpperCase(),
    ],
    ...[
      path.replaceAll('/', '//'),
      `${path}%00`,
      `${path}?`,
      `${path}#x`,
      path.slice(1),
      `http://127.0.0.1${path}`,
      `${path}.json`,
      path.slice(0, -1),
    ],
    ...[encodeURIComponent(path), `${path}/../configs`, `*`],
  ])
