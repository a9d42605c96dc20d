/** The verbs of the conformance suite: what a client sends with all its fields, and what must be seen at every node a moment later. */

import { finalAnswer } from '../support/final-answer.ts'
import { type Answer, send } from '../support/http.ts'
import { configsPath, type Key, md5, publish, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Subject } from './subject.ts'

/** Numbers of the nodes. */
export const takers = [1, 2, 3] as const

/** Ten times the promise of 100 ms, and once more for a file of tests beside this one. */
const elsewhereLimitMs = 2_000
/** Of a write that is sent until it is done: contents of 10 MiB among them. */
const writtenLimitMs = 60_000

type Headers = Readonly<Record<string, string>>
export const formType: Headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }

/** A publish with exactly these parameters. */
export const publishFields = (base: string, fields: Readonly<Record<string, string>>, headers: Headers = {}): Promise<Answer> =>
  send(base, { method: 'POST', path: configsPath, headers: { ...formType, ...headers }, body: new URLSearchParams(fields).toString() })

/** Writes, whatever a busy machine says before it does. */
export const put = async (base: string, key: Key, content: string, headers: Headers = {}): Promise<void> => {
  const answer = await finalAnswer(`a publish of ${key.dataId}`, (id) => publish(base, key, content, { ...id, ...headers }), writtenLimitMs)
  if (answer.status !== 200) throw new Error(`a publish of ${key.dataId}: ${answer.status} ${answer.text.slice(0, 200)}`)
}
export const putFields = async (base: string, fields: Readonly<Record<string, string>>): Promise<void> => {
  const answer = await finalAnswer(`a publish of ${fields.dataId}`, (id) => publishFields(base, fields, id), writtenLimitMs)
  if (answer.status !== 200) throw new Error(`a publish of ${fields.dataId}: ${answer.status} ${answer.text.slice(0, 200)}`)
}

export const removeWith = (base: string, { dataId, group = 'DEFAULT_GROUP' }: Key, headers: Headers): Promise<Answer> =>
  send(base, { method: 'DELETE', path: `${configsPath}?${new URLSearchParams({ dataId, group }).toString()}`, headers })

export const query = async (base: string, parameters: Readonly<Record<string, string>>): Promise<Answer> =>
  send(base, { path: `${configsPath}?${new URLSearchParams(parameters).toString()}` })

/** All that a node shows of a configuration; null if there is none. */
export const detailOf = async (base: string, { dataId, group = 'DEFAULT_GROUP', tenant = '' }: Key): Promise<Record<string, unknown> | null> => {
  const { text } = await query(base, { show: 'all', dataId, group, tenant })
  return text === '' ? null : (JSON.parse(text) as Record<string, unknown>)
}

/** The same of every node, in the order of their numbers. */
export const everywhere = <T>({ bases }: Subject, look: (base: string) => Promise<T>): Promise<T[]> => Promise.all(bases.map(look))

/** Soon: exactly this content, with its md5; null: none. */
export const readsBack = (base: string, key: Key, content: string | null, limitMs = elsewhereLimitMs): Promise<boolean> =>
  waitUntil(
    `${key.dataId} at ${base} to be ${content === null ? 'gone' : 'there'}`,
    async () => {
      const found = await read(base, key)
      if (content === null) return found.status === 404
      if (found.headers['content-md5'] !== md5(content)) return null
      if (!found.body.equals(Buffer.from(content))) throw new Error('its md5 is right, its bytes are not')
      return true
    },
    limitMs,
  )
