/** `mysql://user@host:port/database[,host2:port2]` and the fields of a form, both ways. Never holds a password. Pure. */

export interface MysqlFields {
  readonly host: string
  readonly port: string
  /** Further addresses, `host:port` with commas. */
  readonly more: string
  readonly user: string
  readonly database: string
}
export type FieldName = keyof MysqlFields

export const defaultPort = '3306'
export const emptyFields: MysqlFields = { host: '127.0.0.1', port: defaultPort, more: '', user: '', database: 'nacos' }

/** As the nodes take them, with the first one. */
const addressesMax = 8

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const split = (address: string): readonly [string, string] => {
  const [, host = '', port = defaultPort] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(address) ?? [undefined, address]
  return [host.replace(/^\[|\]$/g, ''), port]
}

/** Null: it is no such address. */
export const readMysqlUrl = (url: string): MysqlFields | null => {
  const [, user, place, database, more] = /^mysql:\/\/([^:/@]*)@([^/@]*)\/([^,@]*)(?:,([^@]*))?$/i.exec(url) ?? []
  if (user === undefined || place === undefined || database === undefined) return null
  // Further addresses may stand on both sides of the database.
  const [first = '', ...others] = place.split(',')
  const [host, port] = split(first)
  return { host, port, more: [...others, ...(more === undefined ? [] : [more])].join(','), user: decoded(user), database: decoded(database) }
}

/** `::1` in brackets. */
const shownHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

const furtherOf = (more: string): readonly string[] =>
  more
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')

/** `host:port` each, the first one first: as the nodes name them. */
export const addressesOf = ({ host, port, more }: MysqlFields): readonly string[] => [
  `${shownHost(host.trim())}:${port.trim()}`,
  ...furtherOf(more).map((address) => {
    const [other, otherPort] = split(address)
    return `${shownHost(other)}:${otherPort}`
  }),
]

export const mysqlUrlOf = (fields: MysqlFields): string => {
  const [first = '', ...more] = addressesOf(fields)
  const place = `${first}/${encodeURIComponent(fields.database.trim())}`
  return `mysql://${encodeURIComponent(fields.user.trim())}@${[place, ...more].join(',')}`
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536
const isHost = (text: string): boolean => text !== '' && !/[\s/@,?#]/.test(text) && (/^[^:[\]]+$/.test(text) || /^\[?[0-9a-f:.]+\]?$/i.test(text))

/** The fields that cannot be used as they stand. */
export const faultsOf = (fields: MysqlFields): ReadonlySet<FieldName> => {
  const further = furtherOf(fields.more).map(split)
  const database = fields.database.trim()
  const bad: readonly (readonly [FieldName, boolean])[] = [
    ['host', !isHost(fields.host.trim())],
    ['port', !isPort(fields.port.trim())],
    ['more', further.length >= addressesMax || further.some(([host, port]) => !isHost(host) || !isPort(port))],
    ['user', fields.user.trim() === ''],
    ['database', database === '' || database.length > 64 || /[`/\\]/.test(database)],
  ]
  return new Set(bad.flatMap(([field, isBad]) => (isBad ? [field] : [])))
}
