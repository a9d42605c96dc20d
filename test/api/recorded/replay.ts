/**
 * Replays a recorded request and compares the answer with the recorded one: same status, same text, or JSON with the same members of the same types,
 * null where null was. Values may differ: they are of another day.
 */

import { type Answer, type Request, send } from '../../support/http.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { isNotServed } from '../endpoints/ask.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface Example {
  readonly name: string
  /** What must have happened before, whatever comes of it. */
  readonly before?: readonly Request[]
  readonly send: Request
  /** Sent while the answer is waited for. */
  readonly meanwhile?: Request
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly text?: string
  readonly json?: Json
  /** Members that we have beside those of the example, or with a value where it has null. */
  readonly ours?: readonly string[]
  /** Members whose value counts too. */
  readonly exactly?: readonly string[]
  /** Of a cluster with auth on. */
  readonly auth?: boolean
}

/** An example may show one of many members of any name. */
const anyName = '*'

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** In words, where `actual` is not like `wanted`. */
export const unlike = (wanted: Json, actual: unknown, example: Pick<Example, 'ours' | 'exactly'> = {}, at = 'the body'): readonly string[] => {
  const { ours = [], exactly = [] } = example
  if (kindOf(wanted) !== kindOf(actual)) return [`${at} was ${kindOf(wanted)}, and is ${kindOf(actual)}: ${JSON.stringify(actual)?.slice(0, 100)}`]
  if (Array.isArray(wanted)) {
    const [item] = wanted as readonly Json[]
    const items = actual as readonly unknown[]
    if (item === undefined) return items.length === 0 ? [] : [`${at} was empty, and has ${items.length} items`]
    return items.length === 0 ? [`${at} had items, and has none`] : items.flatMap((each, index) => unlike(item, each, example, `${at}[${index}]`))
  }
  if (typeof wanted !== 'object' || wanted === null) return []
  const object = actual as Readonly<Record<string, unknown>>
  const named = wanted as Readonly<Record<string, Json>>
  const pattern = named[anyName]
  if (pattern !== undefined) return Object.entries(object).flatMap(([name, value]) => unlike(pattern, value, example, `${at}.${name}`))
  return [
    ...Object.entries(named).flatMap(([name, value]) => {
      const place = `${at}.${name}`
      if (!Object.hasOwn(object, name)) return [`${place} is missing`]
      if (value === null && ours.includes(name)) return []
      if (exactly.includes(name) && value !== object[name]) return [`${place} was ${JSON.stringify(value)}, and is ${JSON.stringify(object[name])}`]
      return unlike(value, object[name], example, place)
    }),
    ...Object.keys(object)
      .filter((name) => !Object.hasOwn(named, name) && !ours.includes(name))
      .map((name) => `${at}.${name} was not there`),
  ]
}

/** `*` stands for what differs from day to day. */
const fits = (pattern: string, value: string): boolean => {
  const [start = '', end] = pattern.split('*')
  return end === undefined ? value === start : value.startsWith(start) && value.endsWith(end)
}

const headerProblems = (wanted: Readonly<Record<string, string>>, { headers }: Answer): readonly string[] =>
  Object.entries(wanted).flatMap(([name, value]) => {
    const actual = headers[name]?.toString()
    return actual !== undefined && fits(value, actual) ? [] : [`${name} was "${value}", and is ${JSON.stringify(actual)}`]
  })

const bodyProblems = (example: Example, answer: Answer): readonly string[] => {
  if (example.text !== undefined)
    return answer.text === example.text ? [] : [`the body was ${JSON.stringify(example.text)}, and is ${JSON.stringify(answer.text.slice(0, 200))}`]
  if (example.json === undefined) return []
  try {
    return unlike(example.json, JSON.parse(answer.text), example)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return [`the body was JSON, and is ${answer.text.slice(0, 200)}`]
  }
}

export type Replayed = { readonly kind: 'not-served' } | { readonly kind: 'answered'; readonly problems: readonly string[] }

/** The newest number in the history of what the examples speak of. */
const newestChange = async (base: string): Promise<string> => {
  const { status, text } = await send(base, {
    path: '/nacos/v1/cs/history?search=accurate&dataId=app.properties&group=DEFAULT_GROUP&pageNo=1&pageSize=1',
  })
  return status === 200 ? ((JSON.parse(text) as { pageItems: readonly { id: string }[] }).pageItems[0]?.id ?? '') : ''
}

const withNumbers = async (base: string, request: Request): Promise<Request> =>
  request.path.includes('{nid}') ? { ...request, path: request.path.replace('{nid}', await newestChange(base)) } : request

/** A poll cannot be seen from outside: so often the other request is sent until it is answered. */
const answeredMeanwhile = async (base: string, example: Example, meanwhile: Request): Promise<Answer> => {
  let answer: Answer | null = null
  const waiting = send(base, example.send).then((given) => {
    answer = given
    return given
  })
  await waitUntil('the poll to be answered', async () => {
    await send(base, meanwhile)
    return answer
  })
  return waiting
}

export const replay = async (base: string, example: Example): Promise<Replayed> => {
  for (const request of example.before ?? []) await send(base, request)
  const request = await withNumbers(base, example.send)
  const answer = example.meanwhile === undefined ? await send(base, request) : await answeredMeanwhile(base, example, example.meanwhile)
  if (isNotServed(answer)) return { kind: 'not-served' }
  const status = answer.status === example.status ? [] : [`the status was ${example.status}, and is ${answer.status}`]
  return { kind: 'answered', problems: [...status, ...headerProblems(example.headers ?? {}, answer), ...bodyProblems(example, answer)] }
}
