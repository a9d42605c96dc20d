/** Asks a real node for every endpoint of the table, one after the other, and says of each what came of it. */

import { javaZip } from '../../../src-node/api/zip/java-zip.testing.ts'
import { type Answer, type Request, send } from '../../support/http.ts'
import { type Facts, layGround } from './ground.ts'
import type { Ask, Body, Endpoint } from './row.ts'

export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'not-served' }
  | { readonly kind: 'left-out'; readonly why: string }
  /** Served, but not as the reference has it. */
  | { readonly kind: 'differs'; readonly problems: readonly string[] }

export interface Asked {
  readonly endpoint: Endpoint
  readonly verdict: Verdict
}

const boundary = 'the-edge-of-a-part'
const part = (head: string, content: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')])

/** A zip of one configuration beside plain fields. */
const upload = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([
    ...Object.entries(fields).map(([name, value]) => part(`name="${name}"`, value)),
    part('name="file"; filename="a.zip"', javaZip([{ name: 'DEFAULT_GROUP/endpoint-import', content: 'a=1' }])),
    Buffer.from(`--${boundary}--\r\n`),
  ])

const filled = (text: string, facts: Facts): string => text.replace(/\{(\w+)\}/g, (word, name: string) => facts[name as keyof Facts] ?? word)
const fields = (given: Readonly<Record<string, string>>, facts: Facts): string =>
  new URLSearchParams(Object.entries(given).map(([name, value]): [string, string] => [name, filled(value, facts)])).toString()

const bodyOf = (ask: Ask, facts: Facts): Pick<Request, 'body' | 'headers'> => {
  if (ask.zip !== undefined) return { body: upload(ask.zip), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
  if (ask.json !== undefined) return { body: filled(ask.json, facts), headers: { 'content-type': 'application/json' } }
  if (ask.form !== undefined)
    return { body: fields(ask.form, facts), headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } }
  return {}
}

/** What decides the meaning, behind the path, is sent as a parameter; the row says it to its reader. */
const placeOf = ({ path, ask }: Endpoint): string => ask.at ?? path.replace(/[ ?].*$/, '')

const requestOf = (endpoint: Endpoint, facts: Facts): Request => {
  const { ask, method } = endpoint
  const { body, headers } = bodyOf(ask, facts)
  const query = ask.query === undefined ? '' : `?${fields(ask.query, facts)}`
  return {
    ...{ method, path: `/nacos${placeOf(endpoint)}${query}`, headers: { ...headers, ...ask.headers } },
    ...(body === undefined ? {} : { body }),
  }
}

/** The words of a node for what it has no route, no method or no meaning for. */
const notServed = /nothing is served under this path|no such api:|not served by this version|can be sent here/
export const isNotServed = ({ status, text }: Answer): boolean => [404, 405, 501].includes(status) && notServed.test(text)

const bodyProblems = (wanted: Body, answer: Answer): readonly string[] => {
  switch (wanted.kind) {
    case 'text':
      return wanted.text.test(answer.text) ? [] : [`the body must be like ${wanted.text}, and is ${answer.text.slice(0, 200)}`]
    case 'zip':
      return answer.body.subarray(0, 2).toString('latin1') === 'PK' ? [] : [`the body must be a zip, and is ${answer.text.slice(0, 200)}`]
    case 'json':
      try {
        return wanted.check(JSON.parse(answer.text), 'the body')
      } catch {
        return [`the body must be JSON, and is ${answer.text.slice(0, 200)}`]
      }
  }
}

export const verdictOf = ({ leftOut, answers }: Endpoint, answer: Answer): Verdict => {
  if (isNotServed(answer)) return leftOut === undefined ? { kind: 'not-served' } : { kind: 'left-out', why: leftOut }
  const status =
    answer.status === answers.status ? [] : [`the status must be ${answers.status}, and is ${answer.status}: ${answer.text.slice(0, 200)}`]
  const problems = status.length > 0 ? status : bodyProblems(answers.body, answer)
  return problems.length === 0 ? { kind: 'done' } : { kind: 'differs', problems }
}

export const nameOf = ({ method, path }: Endpoint): string => `${method} ${path}`

export const askForAll = async (base: string, endpoints: readonly Endpoint[]): Promise<readonly Asked[]> => {
  const facts = await layGround(base)
  const asked: Asked[] = []
  const isMissing = (name: string): boolean => asked.some(({ endpoint, verdict }) => nameOf(endpoint) === name && verdict.kind === 'not-served')
  for (const endpoint of endpoints) {
    const answer = await send(base, requestOf(endpoint, facts))
    const verdict: Verdict = endpoint.needs !== undefined && isMissing(endpoint.needs) ? { kind: 'not-served' } : verdictOf(endpoint, answer)
    asked.push({ endpoint, verdict })
  }
  return asked
}
