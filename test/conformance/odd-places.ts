/** Where a configuration can be seen: the answers of a node, its memory, its files, the tables. Each place as one list of what it says of each key. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { createCacheLayout } from '../../src-node/disk-cache/cache-layout.ts'
import { send } from '../support/http.ts'
import { configsPath } from '../support/nacos.ts'
import { keyText, type OddKey } from './odd-names.ts'
import type { Subject, Tables } from './subject.ts'

/** What a place says; undefined where it has nothing to say. */
export interface Seen {
  readonly md5?: string
  readonly type?: string
  readonly encoding?: string
  readonly length?: number
  readonly content?: Buffer
}

export interface Place {
  readonly name: string
  /** By key, all that is there; a place that only answers questions is asked for `keys`. */
  look(keys: readonly OddKey[]): Promise<ReadonlyMap<string, Seen>>
  /** What it shows of a type: an answer knows no `unset`. */
  shows(type: string): string
}

const asIs = (type: string): string => type
const md5Of = (content: Buffer): string => createHash('md5').update(content).digest('hex')
/** Of one kind of question at one node. */
const questionsAtOnce = 16

const askAll = async (keys: readonly OddKey[], ask: (key: OddKey) => Promise<Seen | null>): Promise<ReadonlyMap<string, Seen>> => {
  const found = new Map<string, Seen>()
  let at = 0
  const loop = async (): Promise<void> => {
    for (let key = keys[at++]; key !== undefined; key = keys[at++]) {
      const seen = await ask(key)
      if (seen !== null) found.set(keyText(key), seen)
    }
  }
  await Promise.all(Array.from({ length: questionsAtOnce }, loop))
  return found
}

const queryOf = ({ tenant, ...names }: OddKey): string => new URLSearchParams({ ...names, ...(tenant === '' ? {} : { tenant }) }).toString()

const answers = (base: string): Place['look'] => {
  const ask = async (key: OddKey): Promise<Seen | null> => {
    const { status, headers, body } = await send(base, { path: `${configsPath}?${queryOf(key)}` })
    if (status === 404) return null
    if (status !== 200) throw new Error(`${base} answers ${status} to a read of ${keyText(key)}`)
    const encoding = /charset=([^;]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'none'
    return { md5: String(headers['content-md5']), type: String(headers['config-type']), encoding, content: body }
  }
  return (keys) => askAll(keys, ask)
}

const details = (base: string): Place['look'] => {
  const ask = async (key: OddKey): Promise<Seen | null> => {
    const { status, text } = await send(base, { path: `${configsPath}?show=all&${queryOf(key)}` })
    if (status !== 200) throw new Error(`${base} answers ${status} to show=all of ${keyText(key)}`)
    if (text === '') return null
    const { md5, type, content } = JSON.parse(text) as { md5: string; type: string; content: string }
    return { md5, type, content: Buffer.from(content) }
  }
  return (keys) => askAll(keys, ask)
}

const memory = (base: string) => async (): Promise<ReadonlyMap<string, Seen>> => {
  const { text } = await send(base, { path: '/nacos/v1/core/ops/digest' })
  const rows = text.trim().split('\n').slice(1, -1)
  return new Map(
    rows.map((line) => {
      const [, tenant, group, dataId, md5, type, , , , , length] = JSON.parse(line) as [number, string, string, string, string, string, ...number[]]
      return [keyText({ tenant, group, dataId }), { md5, type, length: length ?? -1 }]
    }),
  )
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

/** What some system makes something else of, or nothing: its name on a disk must be another. */
const nowhereLegal = /[\\:*?"<>|]|[. ]$|^(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d) *(\.|$)/i
const nameBytesMax = 255

const keyOfFile = (path: string): string => {
  const parts = path.split('/')
  for (const part of parts)
    if (nowhereLegal.test(part) || Buffer.byteLength(part) > nameBytesMax) throw new Error(`the name of a file is not legal everywhere: ${path}`)
  const key = createCacheLayout(process.platform === 'win32' || process.platform === 'darwin').keyOf(path)
  if (key === null) throw new Error(`a file of no configuration: ${path}`)
  return keyText({ tenant: key.namespace, group: key.group, dataId: key.dataId })
}

const files = (data: string) => async (): Promise<ReadonlyMap<string, Seen>> => {
  const paths = ['config-data', 'tenant-config-data'].flatMap((name) => filesBelow(join(data, name)).map((path) => join(data, name, path)))
  return new Map(
    paths.map((path) => {
      const content = readFileSync(path)
      return [keyOfFile(relative(data, path).split(sep).join('/')), { md5: md5Of(content), content }]
    }),
  )
}

const rows = (tables: Tables) => async (): Promise<ReadonlyMap<string, Seen>> =>
  new Map((await tables.configs()).map(({ md5, type, encoding, content, ...key }) => [keyText(key), { md5, type, encoding, content }]))

/** Of a configuration that nobody knows better: `unset` is told as what it means. */
const shownType = (type: string): string => (type === 'unset' ? 'text' : type)

export const placesOf = (subject: Subject): readonly Place[] => [
  ...subject.cluster.ready.nodes.flatMap(({ id, http, dir }): readonly Place[] => [
    { name: `answer of node ${id}`, look: answers(http), shows: shownType },
    { name: `details of node ${id}`, look: details(http), shows: asIs },
    { name: `memory of node ${id}`, look: memory(http), shows: asIs },
    { name: `files of node ${id}`, look: files(join(dir, 'data')), shows: asIs },
  ]),
  ...subject.tables.map((tables): Place => ({ name: tables.name, look: rows(tables), shows: asIs })),
]
