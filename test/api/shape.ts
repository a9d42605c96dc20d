/**
 * What an answer must look like: which members, of which type, null where null is due. A check gives problems in words, none meaning that the value
 * fits. Members beyond those that are asked for are no problem here: a client skips what it does not know.
 */

export type Check = (value: unknown, at: string) => readonly string[]

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

const must =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value, at) =>
    holds(value) ? [] : [`${at} must be ${what}, and is ${shown(value)}`]

export const text = must('a string', (value) => typeof value === 'string')
export const number = must('a number', (value) => typeof value === 'number')
export const flag = must('true or false', (value) => typeof value === 'boolean')
export const nothing = must('null', (value) => value === null)
export const anything: Check = () => []

export const is = (wanted: string | number | boolean): Check => must(shown(wanted), (value) => value === wanted)
export const matching = (pattern: RegExp): Check => must(`like ${pattern}`, (value) => typeof value === 'string' && pattern.test(value))

export const orNull =
  (check: Check): Check =>
  (value, at) =>
    value === null ? [] : check(value, at)

/** Every item. `least`: so many there must be. */
export const list =
  (item: Check, least = 0): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return [`${at} must be an array, and is ${shown(value)}`]
    if (value.length < least) return [`${at} must have ${least} items at least, and has ${value.length}`]
    return value.flatMap((each, index) => item(each, `${at}[${index}]`))
  }

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Any names, one kind of value. */
export const map =
  (item: Check): Check =>
  (value, at) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, each]) => item(each, `${at}.${name}`))
      : [`${at} must be an object, and is ${shown(value)}`]

/** These members at least. */
export const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (!isRecord(value)) return [`${at} must be an object, and is ${shown(value)}`]
    return Object.entries(members).flatMap(([name, check]) =>
      Object.hasOwn(value, name) ? check(value[name], `${at}.${name}`) : [`${at}.${name} is missing`],
    )
  }

/** One of several shapes will do; what the first lacks is told. */
export const either =
  (first: Check, ...others: readonly Check[]): Check =>
  (value, at) => {
    const problems = first(value, at)
    return problems.length === 0 || others.some((other) => other(value, at).length === 0) ? [] : problems
  }

/** RestResult of v1: success is 200 (nacos-http 2.1). */
export const restResult = (data: Check): Check => object({ code: is(200), message: orNull(text), data })
/** Result of v2 and v3: success is 0. */
export const result = (data: Check): Check => object({ code: is(0), message: is('success'), data })
export const page = (item: Check, least = 0): Check =>
  object({ totalCount: number, pageNumber: number, pagesAvailable: number, pageItems: list(item, least) })
