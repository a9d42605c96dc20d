/**
 * The test of a connection, step by step, as the console's form shows it: what holds, what does not, and what to do next, as codes and
 * parameters. Changes nothing in the database: a right is asked for by statements that find no row or no table.
 */

import { lookup } from 'node:dns/promises'
import type {
  MysqlAddressTest,
  MysqlNextStep,
  MysqlTestAnswer,
  MysqlTestAsked,
  MysqlTestProgress,
  MysqlTestStep,
  MysqlTestStepName,
} from '../../observe/channel.ts'
import { readOnlyBy } from './address-choice.ts'
import { ignoresCase } from './blind-names.ts'
import { type ConnectionTimes, openConnection, type SqlConnection } from './connection.ts'
import { holdsAllOfUnicode } from './dialect.ts'
import { readPosition } from './fence.ts'
import { hasNacosTables, readShape } from './table-shapes.ts'
import { type MysqlAddress, type MysqlTarget, readTarget, shownAddress } from './target.ts'
import { noAnswer, partsOf, troubleAt, troubleCodeOf } from './trouble.ts'

const testSteps: readonly MysqlTestStepName[] = ['name', 'port', 'login', 'schema', 'version', 'writable', 'rights', 'tables', 'durability']

type Finding = Omit<MysqlTestStep, 'step' | 'tookMs'>

const passed = (parameters: MysqlTestStep['parameters'] = {}): Finding => ({ outcome: 'passed', code: 'ok', next: 'none', parameters })
const finding = (outcome: 'warned' | 'failed', code: string, next: MysqlNextStep, parameters: MysqlTestStep['parameters'] = {}): Finding => ({
  outcome,
  code,
  next,
  parameters,
})

const nextByCode: Readonly<Partial<Record<string, MysqlNextStep>>> = {
  'host-unknown': 'correct-host-name',
  'connection-refused': 'start-server-or-correct-port',
  'no-answer': 'check-network-and-firewall',
  'connection-lost': 'try-again',
  'access-denied': 'correct-user-or-password',
  'database-missing': 'create-database',
  'right-missing': 'grant-rights',
  'too-many-connections': 'raise-max-connections',
  'read-only': 'name-the-primary',
  'schema-unknown': 'choose-another-database',
  'schema-newer': 'choose-another-database',
  'not-understood': 'start-server-or-correct-port',
}

/** At which step an attempt to log in stopped. */
const stepOfCode = (code: string): MysqlTestStepName => {
  if (code === 'host-unknown') return 'name'
  return code === 'access-denied' || code === 'too-many-connections' || code === 'right-missing' ? 'login' : 'port'
}

/** Also of a name server that does not answer: its own timeouts are up to half a minute. */
const lookUp = (host: string, { after, connectLimitMs }: ConnectionTimes): Promise<string> =>
  new Promise((resolve, reject) => {
    const timer = after(connectLimitMs, () => reject(noAnswer(`the name ${host}`, connectLimitMs)))
    const settle = (act: () => void) => () => {
      timer.cancel()
      act()
    }
    lookup(host).then(
      ({ address }) => settle(() => resolve(address))(),
      (error) => settle(() => reject(error))(),
    )
  })

/** A statement that is refused for want of a right, or finds nothing: it never changes a row. `none` is no table of anybody's. */
const none = 'nacos_trio_no_such_table'
const rightsNeeded: Readonly<Record<string, (table: string) => string>> = {
  SELECT: (table) => `SELECT 1 FROM ${table} WHERE 1 = 0`,
  INSERT: (table) => `INSERT INTO ${table} SELECT * FROM ${table} WHERE 1 = 0`,
  UPDATE: (table) => `UPDATE ${table} SET id = 0 WHERE 1 = 0`,
  DELETE: (table) => `DELETE FROM ${table} WHERE 1 = 0`,
  CREATE: () => `CREATE TABLE ${none} LIKE ${none}_either`,
}

const lacksRight = async (connection: SqlConnection, sql: string): Promise<boolean> => {
  try {
    await connection.text(sql)
    return false
  } catch (error) {
    const code = troubleCodeOf(error)
    // No such table: the right was looked at first.
    if (partsOf(error).errno === 1146) return false
    if (code === 'right-missing') return true
    throw error
  }
}

const testRights = async (connection: SqlConnection): Promise<Finding> => {
  const table = (await hasNacosTables(connection)) ? 'config_info' : none
  const lacking: string[] = []
  for (const [right, sqlOf] of Object.entries(rightsNeeded)) {
    if (await lacksRight(connection, sqlOf(table))) lacking.push(right)
  }
  return lacking.length === 0 ? passed() : finding('failed', 'right-missing', 'grant-rights', { rights: lacking.join(', ') })
}

const ownedBy = async (connection: SqlConnection, clusterId: string): Promise<Finding | null> => {
  const [has] = await connection.text(
    "SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'nacos_trio_store'",
  )
  const position = Number(has?.n) === 0 ? null : await readPosition(connection)
  if (position === null || position.clusterId === clusterId) return null
  const parameters = { clusterId: position.clusterId, appliedIndex: String(position.appliedIndex) }
  return finding('failed', 'foreign', 'adopt-or-choose-another', parameters)
}

const testTables = async (connection: SqlConnection, clusterId: string): Promise<Finding> => {
  if (!(await hasNacosTables(connection))) return passed({ found: 'none' })
  const shape = await readShape(connection)
  const owner = await ownedBy(connection, clusterId)
  if (owner !== null) return owner
  const texts = [...shape.config, ...shape.history].flatMap(([column, { text }]) => (text === null ? [] : [{ column, ...text }]))
  const narrow = texts.find(({ charset }) => !holdsAllOfUnicode(charset))
  const [count] = await connection.text('SELECT COUNT(*) AS n FROM config_info')
  const parameters = { found: 'nacos', configs: String(count?.n), packetBytes: String(shape.packetBytesMax) }
  const keys: ReadonlySet<string> = new Set(['data_id', 'group_id', 'tenant_id'])
  const blind = texts.find(({ column, collation }) => keys.has(column) && ignoresCase(collation))
  if (blind !== undefined) return finding('warned', 'case-ignored', 'none', { ...parameters, column: blind.column, collation: blind.collation })
  if (narrow === undefined) return passed(parameters)
  return finding('warned', 'charset-narrow', 'convert-to-utf8mb4', { ...parameters, column: narrow.column, charset: narrow.charset })
}

/** What survives a power cut of the database's machine: both at 1, or no binary log at all (MySQL manual 17.14, 19.1.6). */
const testDurability = async (connection: SqlConnection): Promise<Finding> => {
  const rows = await connection.text(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin', 'innodb_doublewrite')",
  )
  const parameters = Object.fromEntries(rows.map(({ Variable_name: name, Value: value }) => [String(name), String(value)]))
  const flushed = parameters.innodb_flush_log_at_trx_commit === '1'
  const logged = parameters.log_bin !== 'ON' || parameters.sync_binlog === '1'
  return flushed && logged ? passed(parameters) : finding('warned', 'not-durable', 'set-durable', parameters)
}

const testVersion = ({ dialect: { name, version, tooOld } }: SqlConnection): Finding =>
  tooOld ? finding('failed', 'version-old', 'upgrade-server', { name, version }) : passed({ name, version })

const testWritable = async (connection: SqlConnection): Promise<Finding> => {
  const settings = await readOnlyBy(connection)
  return settings.length === 0 ? passed() : finding('failed', 'read-only', 'name-the-primary', { settings: settings.join(', ') })
}

type Steps = readonly (readonly [MysqlTestStepName, () => Promise<Finding>])[]

/** For whoever watches; nobody need. */
export interface TestWatcher {
  monotonicMs(): number
  progress(progress: MysqlTestProgress): void
}

/** What is known of each step of one address, told as it becomes known. */
const createStepBook = (address: string, watcher: TestWatcher | undefined) => {
  const found = new Map<MysqlTestStepName, MysqlTestStep>()
  let sinceMs = 0
  const tell = (step: MysqlTestStepName, now: MysqlTestStep | null): void => watcher?.progress({ address, step, found: now })
  return {
    begin: (step: MysqlTestStepName): void => {
      sinceMs = watcher?.monotonicMs() ?? 0
      tell(step, null)
    },
    end: (step: MysqlTestStepName, finding: Finding): void => {
      const tookMs = watcher === undefined ? null : watcher.monotonicMs() - sinceMs
      const now = { step, ...finding, tookMs }
      found.set(step, now)
      tell(step, now)
    },
    hasFailed: (): boolean => [...found.values()].some(({ outcome }) => outcome === 'failed'),
    all: (): readonly MysqlTestStep[] => {
      const skipped: Finding = { outcome: 'skipped', code: 'skipped', next: 'none', parameters: {} }
      return testSteps.map((step) => found.get(step) ?? { step, ...skipped, tookMs: null })
    },
  }
}
type StepBook = ReturnType<typeof createStepBook>

/** Each step until one fails; the rest is skipped. */
const carryOut = async (
  steps: Steps,
  book: StepBook,
  failureOf: (step: MysqlTestStepName, error: unknown) => readonly [MysqlTestStepName, Finding],
): Promise<readonly MysqlTestStep[]> => {
  for (const [step, run] of steps) {
    book.begin(step)
    try {
      book.end(step, await run())
    } catch (error) {
      book.end(...failureOf(step, error))
    }
    if (book.hasFailed()) break
  }
  return book.all()
}

interface Whereabouts {
  readonly target: MysqlTarget
  readonly address: MysqlAddress
  readonly clusterId: string
}

const testAddress = async (
  { target, address, clusterId }: Whereabouts,
  times: ConnectionTimes,
  watcher: TestWatcher | undefined,
): Promise<MysqlAddressTest> => {
  const shown = shownAddress(address)
  const book = createStepBook(shown, watcher)
  const held: { opening?: Promise<SqlConnection>; connection?: SqlConnection | undefined } = {}
  const connection = (): SqlConnection => {
    if (held.connection === undefined) throw new Error('asked before the login')
    return held.connection
  }
  const failureOf = (step: MysqlTestStepName, error: unknown): readonly [MysqlTestStepName, Finding] => {
    const { code, user, database, detail } = troubleAt(target, shown, troubleCodeOf(error), partsOf(error).message)
    const at = step === 'port' || step === 'login' ? stepOfCode(code) : step
    return [at, finding('failed', code, nextByCode[code] ?? 'try-again', { user, database, host: address.host, port: String(address.port), detail })]
  }
  /** The port has no try of its own: a connection that says nothing counts against us in the server. */
  const reach = async (): Promise<Finding> => {
    await new Promise<void>((resolve, reject) => {
      held.opening = openConnection(target, address, { ...times, connected: resolve }, false)
      held.opening.then(() => resolve(), reject)
    })
    return passed({ host: address.host, port: String(address.port) })
  }
  const login = async (): Promise<Finding> => {
    held.connection = await held.opening
    return passed({ user: target.user })
  }
  const enterDatabase = async (): Promise<Finding> => {
    await connection().text(`USE \`${target.database}\``)
    return passed({ database: target.database })
  }
  try {
    const steps = await carryOut(
      [
        ['name', async () => passed({ address: await lookUp(address.host, times) })],
        ['port', reach],
        ['login', login],
        ['schema', enterDatabase],
        ['version', async () => testVersion(connection())],
        ['writable', () => testWritable(connection())],
        ['rights', () => testRights(connection())],
        ['tables', () => testTables(connection(), clusterId)],
        ['durability', () => testDurability(connection())],
      ],
      book,
      failureOf,
    )
    return { address: shown, steps }
  } finally {
    held.connection?.destroy()
  }
}

/** Each address by itself, one after another: of several, the read-only ones are told apart from the primary here. */
export const testConnection = async (
  { url, password, clusterId }: MysqlTestAsked,
  times: ConnectionTimes,
  watcher?: TestWatcher,
): Promise<MysqlTestAnswer> => {
  const read = readTarget(url, password)
  if (!read.ok) return { kind: 'url-unreadable', problem: read.problem, part: read.part }
  const { target } = read
  const addresses: MysqlAddressTest[] = []
  for (const address of target.addresses) addresses.push(await testAddress({ target, address, clusterId }, times, watcher))
  return { kind: 'tested', addresses }
}
