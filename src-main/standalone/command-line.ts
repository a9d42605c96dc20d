/** The command line of one node without a supervisor: words in, options or one sentence out. Pure; the names are fixed, manifests use them. */

import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { PeerAddress } from '../../src-node/observe/channel.ts'
import { defaultPort } from '../cluster/ports.ts'
import { readStorage, type StorageOptions } from '../cluster/storage-options.ts'
import { addressOf, isHost, isId, isPort, peerNamed, readPeers, wholeNumber } from './peer-list.ts'
import { badOption, type Sentence, sentenceOf } from './sentences.ts'

export interface StandaloneOptions {
  readonly id: number
  /** All nodes, this one among them. */
  readonly peers: readonly PeerAddress[]
  readonly listenHost: string
  /** Absolute, as all paths here. */
  readonly dataDir: string
  readonly secretFile: string | null
  readonly clusterId: string | null
  /** Ids of the voters that the cluster begins with; null: all peers. */
  readonly founders: readonly number[] | null
  /** An empty folder means loss, not a new node. */
  readonly expectsData: boolean
  readonly allowedHosts: readonly string[]
  /** Whether callers are asked who they are. */
  readonly authOn: boolean
  readonly storage: StorageOptions
  readonly overrides: Readonly<Record<string, number>>
}

export type StandaloneLine =
  | { readonly kind: 'run'; readonly options: StandaloneOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'bad'; readonly sentence: Sentence }

export interface Where {
  /** Relative paths begin there. */
  readonly cwd: string
  /** This machine's name, for `--id pod`. */
  readonly machine: string
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      id: { type: 'string' },
      peers: { type: 'string' },
      listen: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: String(defaultPort) },
      data: { type: 'string' },
      'secret-file': { type: 'string' },
      'cluster-id': { type: 'string' },
      founders: { type: 'string' },
      auth: { type: 'string', default: 'off' },
      'expect-data': { type: 'boolean', default: false },
      'allow-host': { type: 'string', multiple: true, default: [] },
      set: { type: 'string', multiple: true, default: [] },
      storage: { type: 'string' },
      'mysql-url': { type: 'string' },
      'mysql-password-file': { type: 'string' },
      'mysql-adopt': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: false,
  })
type Values = ReturnType<typeof parse>['values']

export const isLoopback = (host: string): boolean => /^(127\.[\d.]+|localhost|::1)$/i.test(host)
const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::'
const withoutBrackets = (host: string): string => /^\[(.*)\]$/.exec(host)?.[1] ?? host

interface Cast {
  readonly peers: readonly PeerAddress[]
  readonly id: number
}

/** Without `--peers` it is alone, at the address where it listens. */
const aloneAt = (listenHost: string, port: number, givenId: string | undefined): Cast => {
  const id = givenId === undefined ? 1 : wholeNumber(givenId)
  if (!isId(id)) return badOption('--id without --peers takes a number from 1 on', '没有 --peers 时，--id 应为从 1 开始的整数')
  if (!isEverywhere(listenHost)) return { peers: [addressOf(id, listenHost, port)], id }
  return badOption(
    `--listen ${listenHost} is no address that others could use: name this node with --peers ${id}=host:${port}`,
    `--listen ${listenHost} 不是可供访问的地址：请用 --peers ${id}=主机:${port} 指明本节点`,
  )
}

const castOf = (values: Values, { machine }: Where, listenHost: string): Cast => {
  const { id, peers: given } = values
  const port = wholeNumber(values.port)
  if (!isPort(port)) return badOption(`--port takes an HTTP port, not "${values.port}"`, `--port 应为 HTTP 端口，而不是“${values.port}”`)
  if (given === undefined) return aloneAt(listenHost, port, id)
  const peers = readPeers(given, port)
  if (id === undefined) return badOption('--id is missing: which of the --peers is this node', '缺少 --id：须指明本节点是 --peers 中的哪一个')
  const own = id === 'pod' ? peerNamed(peers, machine) : peers.find((peer) => String(peer.id) === id)
  if (own !== undefined) return { peers, id: own.id }
  return id === 'pod'
    ? badOption(`--id pod: not exactly one of the --peers is called ${machine}`, `--id pod：--peers 中应恰有一个名为 ${machine} 的主机`)
    : badOption(`--id ${id} is none of the --peers`, `--id ${id} 不在 --peers 中`)
}

const foundersOf = ({ founders }: Values): readonly number[] | null => {
  if (founders === undefined) return null
  const ids = founders.split(',').map((text) => wholeNumber(text.trim()))
  const good = ids.filter(isId)
  if (good.length === ids.length && new Set(good).size === good.length) return good
  return badOption(`--founders takes ids, separated by commas; not "${founders}"`, `--founders 应为以逗号分隔的编号，而不是“${founders}”`)
}

/** As they stand in a Host header. */
const inHeader = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host).toLowerCase()

const allowedHostsOf = (values: Values, { peers }: Cast, listenHost: string): readonly string[] => {
  const given = values['allow-host'].flatMap((list) => list.split(',')).map((name) => name.trim())
  const wrong = given.find((name) => !isHost(withoutBrackets(name.replace(/^\*\./, ''))))
  if (wrong !== undefined)
    return badOption(
      `--allow-host takes names or addresses without a port, or *.name for all below it; not "${wrong}"`,
      `--allow-host 应为不带端口的名称或地址，或用 *.名称 表示其下全部名称，而不是“${wrong}”`,
    )
  const own = isEverywhere(listenHost) ? [] : [listenHost]
  return [...new Set([...given, ...peers.map(({ host }) => host), ...own].map(inHeader))]
}

const overridesOf = ({ set }: Values): Readonly<Record<string, number>> => {
  const overrides: Record<string, number> = {}
  for (const given of set) {
    const [, name, value] = /^([a-zA-Z]{1,64})=(\d{1,12})$/.exec(given) ?? []
    if (name === undefined) return badOption(`--set takes name=number, not "${given}"`, `--set 应为 名称=整数，而不是“${given}”`)
    overrides[name] = Number(value)
  }
  return overrides
}

const storageOf = (values: Values, cwd: string): StorageOptions => {
  const { storage, 'mysql-url': url, 'mysql-password-file': passwordFile, 'mysql-adopt': adopt } = values
  const read = readStorage({ storage, url, passwordFile, adopt }, cwd)
  return read.ok ? read.storage : badOption(read.sentence.en, read.sentence.zh)
}

const pathOf = (given: string, name: string, cwd: string): string => {
  if (given === '') return badOption(`--${name} takes a path`, `--${name} 需要一个路径`)
  return isAbsolute(given) ? given : resolve(cwd, given)
}

/** Whoever can be reached by others, or has others, needs a secret to know them by. */
const secretFileOf = (values: Values, { peers }: Cast, where: { readonly listenHost: string; readonly cwd: string }): string | null => {
  const { listen, 'secret-file': file } = values
  if (file !== undefined) return pathOf(file, 'secret-file', where.cwd)
  if (!isLoopback(where.listenHost))
    return badOption(
      `--listen ${listen} can be reached by other machines: it needs --secret-file`,
      `--listen ${listen} 可被其他机器访问：必须指定 --secret-file`,
    )
  if (peers.length === 1) return null
  return badOption(
    'the --peers prove themselves to each other: all need the same --secret-file',
    '--peers 各节点需相互证明身份：都须指定同一个 --secret-file',
  )
}

const clusterIdOf = ({ 'cluster-id': given }: Values): string | null => {
  if (given === undefined || /^[\w.-]{1,64}$/.test(given)) return given ?? null
  return badOption('--cluster-id takes up to 64 of A-Z a-z 0-9 _ . -', '--cluster-id 最多 64 个字符，限 A-Z a-z 0-9 _ . -')
}

const authOf = ({ auth }: Values): boolean => {
  if (auth === 'on' || auth === 'off') return auth === 'on'
  return badOption(`--auth is on or off, not "${auth}"`, `--auth 应为 on 或 off，而不是“${auth}”`)
}

const optionsOf = (values: Values, where: Where): StandaloneOptions => {
  const listenHost = withoutBrackets(values.listen)
  if (!isHost(listenHost)) return badOption(`--listen takes an address, not "${values.listen}"`, `--listen 应为地址，而不是“${values.listen}”`)
  const cast = castOf(values, where, listenHost)
  if (values.data === undefined) return badOption('--data is missing: the folder of this node', '缺少 --data：本节点的数据目录')
  return {
    ...cast,
    ...{ listenHost, dataDir: pathOf(values.data, 'data', where.cwd), secretFile: secretFileOf(values, cast, { listenHost, cwd: where.cwd }) },
    ...{ clusterId: clusterIdOf(values), founders: foundersOf(values), expectsData: values['expect-data'] },
    ...{ allowedHosts: allowedHostsOf(values, cast, listenHost), authOn: authOf(values) },
    ...{ storage: storageOf(values, where.cwd), overrides: overridesOf(values) },
  }
}

/** Reads the arguments after `node`. */
export const parseStandaloneLine = (args: readonly string[], where: Where): StandaloneLine => {
  try {
    const { values } = parse(args)
    return values.help ? { kind: 'help' } : { kind: 'run', options: optionsOf(values, where) }
  } catch (error) {
    const sentence = sentenceOf(error)
    if (sentence !== null) return { kind: 'bad', sentence }
    // Node's own words, without its advice in further sentences.
    const words = (error instanceof Error ? error.message : String(error)).split(/\n|\. /)[0]?.replace(/\.$/, '') ?? ''
    return { kind: 'bad', sentence: { en: `${words}; see nacos-trio node --help.`, zh: `无法理解命令行（${words}）；请看 nacos-trio node --help。` } }
  }
}
