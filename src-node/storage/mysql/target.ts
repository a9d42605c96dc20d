/**
 * Where the shared database is and who we are there: `mysql://user@host:port/db[,host2:port2]`. Owns the parsing and the only ways to
 * show it; a password never gets into a text that this file makes.
 */

export interface MysqlAddress {
  readonly host: string
  readonly port: number
}

export interface MysqlTarget {
  /** In the order given; at least one, at most `addressesMax`. */
  readonly addresses: readonly MysqlAddress[]
  readonly user: string
  readonly password: string
  readonly database: string
}

export type TargetProblem =
  | 'scheme'
  | 'user-missing'
  | 'host-missing'
  | 'port'
  | 'database-missing'
  | 'too-many-addresses'
  | 'parameters'
  | 'encoding'

export type TargetResult =
  | {
      readonly ok: true
      readonly target: MysqlTarget
      /** It stands in the URL, where process lists and shell histories show it. */
      readonly passwordInUrl: boolean
    }
  /** `part` is what was wrong; nothing that stands before the last `@`. */
  | { readonly ok: false; readonly problem: TargetProblem; readonly part: string }

const addressesMax = 8
const defaultPort = 3306

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const addressOf = (text: string): MysqlAddress | TargetProblem => {
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d+))?$/i.exec(text)
  const plain = bracketed ?? /^([^:[\]]*)(?::(\d*))?$/.exec(text)
  if (plain === null) return 'port'
  const [, host = '', port] = plain
  if (host === '') return 'host-missing'
  const number = port === undefined ? defaultPort : Number(port)
  return Number.isInteger(number) && number > 0 && number < 65_536 ? { host, port: number } : 'port'
}

const failed = (problem: TargetProblem, part = ''): TargetResult => ({ ok: false, problem, part })

const addressesOf = (texts: readonly string[]): readonly MysqlAddress[] | TargetResult => {
  if (texts.length > addressesMax) return failed('too-many-addresses', String(addressesMax))
  const addresses: MysqlAddress[] = []
  for (const text of texts) {
    const address = addressOf(text)
    if (typeof address === 'string') return failed(address, text)
    addresses.push(address)
  }
  return addresses
}

/**
 * By hand, since `URL` takes one host only. The last `@` before the first `/` ends the login, so that an `@` in a password is not lost.
 * @param password from a file or the environment; it wins over the one in the URL. Null: neither was given.
 */
export const readTarget = (url: string, password: string | null): TargetResult => {
  const scheme = /^mysql:\/\//i.exec(url)
  if (scheme === null) return failed('scheme')
  const rest = url.slice(scheme[0].length)
  const at = rest.lastIndexOf('@')
  if (at < 0) return failed('user-missing')
  const login = rest.slice(0, at)
  const place = rest.slice(at + 1)
  if (place.includes('?') || place.includes('#')) return failed('parameters', place.slice(place.search(/[?#]/)))
  const colon = login.indexOf(':')
  const user = decoded(colon < 0 ? login : login.slice(0, colon))
  const urlPassword = colon < 0 ? null : decoded(login.slice(colon + 1))
  if (user === null || (colon >= 0 && urlPassword === null)) return failed('encoding')
  if (user === '') return failed('user-missing')
  const slash = place.indexOf('/')
  if (slash < 0) return failed('database-missing')
  const [name = '', ...more] = place.slice(slash + 1).split(',')
  const database = decoded(name)
  if (database === null) return failed('encoding')
  if (database === '' || database.length > 64 || /[`/\\\0]/.test(database)) return failed('database-missing', database)
  const addresses = addressesOf([...place.slice(0, slash).split(','), ...more])
  if ('ok' in addresses) return addresses
  return { ok: true, target: { addresses, user, password: password ?? urlPassword ?? '', database }, passwordInUrl: urlPassword !== null }
}

export const shownAddress = ({ host, port }: MysqlAddress): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** For logs, screens and error texts. */
export const shownTarget = ({ addresses: [first, ...more], user, database }: MysqlTarget): string =>
  `mysql://${encodeURIComponent(user)}@${first === undefined ? '' : shownAddress(first)}/${[database, ...more.map(shownAddress)].join(',')}`
