/** Where configurations are kept, as far as the console has a say in it: which storage, whether a database is fit for it, and the files of each node. */

import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

export const mysqlTestStepSchema = z.object({
  step: z.enum(['name', 'port', 'login', 'schema', 'version', 'writable', 'rights', 'tables', 'durability']),
  /** `skipped`: a step before it failed. */
  outcome: z.enum(['passed', 'warned', 'failed', 'skipped']),
  /** Machine word of the cause, for the renderer's own sentence; `ok` when passed. */
  code: z.string(),
  /** Machine word of what to do. */
  next: z.enum([
    'none',
    'correct-host-name',
    'start-server-or-correct-port',
    'check-network-and-firewall',
    'correct-user-or-password',
    'create-database',
    'grant-rights',
    'raise-max-connections',
    'name-the-primary',
    'upgrade-server',
    'choose-another-database',
    'adopt-or-choose-another',
    'convert-to-utf8mb4',
    'set-durable',
    'try-again',
  ]),
  /** What the sentences name: host, port, user, database, settings and their values. Never a password. */
  parameters: z.record(z.string(), z.string()),
  /** Null: skipped. */
  tookMs: z.number().nullable(),
})
export type MysqlTestStep = z.infer<typeof mysqlTestStepSchema>
export type MysqlTestStepName = MysqlTestStep['step']

export const mysqlTestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tested'), addresses: z.array(z.object({ address: z.string(), steps: z.array(mysqlTestStepSchema) })) }),
  z.object({ kind: z.literal('url-unreadable'), problem: z.string(), part: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
])
export type MysqlTest = z.infer<typeof mysqlTestSchema>

export const mysqlTestUpdateSchema = z.discriminatedUnion('kind', [
  /** `found` null: this step runs now. The same step may be told again, if a later one shows that it failed. */
  z.object({ kind: z.literal('progress'), address: z.string(), step: mysqlTestStepSchema.shape.step, found: mysqlTestStepSchema.nullable() }),
  /** Last. */
  z.object({ kind: z.literal('ended'), answer: mysqlTestSchema }),
])
export type MysqlTestUpdate = z.infer<typeof mysqlTestUpdateSchema>

/** `mysql://user@host:port/database[,host2:port2]`, percent-encoded, without a password. */
const mysqlUrlSchema = z
  .string()
  .max(4_096)
  .regex(/^mysql:\/\/[^:/@]+@[^@]+$/i)
const passwordSchema = z.string().max(4_096)

/** Which storage the nodes use from their next start on. */
export const storageChoiceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sqlite') }),
  z.object({
    kind: z.literal('mysql'),
    url: mysqlUrlSchema,
    /** Null: the one that is known for this user and these addresses. */
    password: passwordSchema.nullable(),
    /** In a file of the data folder that only its owner reads; else it is forgotten when the app ends. */
    keepPassword: z.boolean(),
    /** Takes over what another cluster wrote. */
    adopt: z.boolean(),
  }),
])
export type StorageChoice = z.infer<typeof storageChoiceSchema>

const setting = {
  /** `chosen`: in this console, since the app started; kept like `kept`. */
  origin: z.enum(['default', 'kept', 'command-line', 'chosen']),
  /** The command line of this start names a storage: it wins again at the next start with the same. */
  commandLine: z.boolean(),
}
export const storageSettingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sqlite'), ...setting }),
  z.object({ kind: z.literal('mysql'), url: z.string(), passwordKept: z.boolean(), ...setting }),
])
export type StorageSettingView = z.infer<typeof storageSettingSchema>

/** Why the shared database is not used. `code` is for the renderer's sentence, `facts` what it names, `words` English for whoever looks closer. */
export const storeTroubleSchema = z.object({ code: z.string(), words: z.string(), facts: z.record(z.string(), z.string()) })
export type StoreTrouble = z.infer<typeof storeTroubleSchema>

/** A row that the shared database did not take; all nodes have it. */
export const refusedRowSchema = z.object({
  table: z.string(),
  /** Null: the database named none. */
  column: z.string().nullable(),
  rowId: z.number(),
  namespace: z.string(),
  group: z.string(),
  dataId: z.string(),
  sqlState: z.string(),
  message: z.string(),
})
export type RefusedRow = z.infer<typeof refusedRowSchema>

/** The shared database as one node knows it; the leader's word counts. */
export const storeReportSchema = z.object({
  storedIndex: z.number(),
  queueLength: z.number(),
  health: z.enum(['undecided', 'available', 'away']),
  sinceMs: z.number(),
  trouble: storeTroubleSchema.nullable(),
  /** What the database does not take of what was committed, the newest of it by name; all nodes have it. Null: the leader knows it. */
  refusedRows: z.object({ count: z.number(), newest: z.array(refusedRowSchema) }).nullable(),
})
export type StoreReport = z.infer<typeof storeReportSchema>

const namedSchema = z.object({ count: z.number(), first: z.array(z.string()) })
export const dumpReportSchema = z.object({
  reason: z.enum(['start', 'periodic', 'request', 'overflow']),
  startedMs: z.number(),
  tookMs: z.number(),
  checked: z.number(),
  written: z.number(),
  removed: z.number(),
  leftovers: z.number(),
  problem: z.string().nullable(),
  missing: namedSchema,
  different: namedSchema,
  extra: namedSchema,
  failed: namedSchema,
})
export type DumpReport = z.infer<typeof dumpReportSchema>

/** The files that a node keeps beside its databases: each configuration's newest content. */
export const cacheStatusSchema = z.object({
  state: z.enum(['starting', 'current', 'behind', 'unwritable']),
  folder: z.string(),
  configs: z.number(),
  dirty: z.number(),
  problem: z.string().nullable(),
  running: z.object({ reason: dumpReportSchema.shape.reason, checked: z.number(), written: z.number() }).nullable(),
  last: dumpReportSchema.nullable(),
})
export type CacheStatus = z.infer<typeof cacheStatusSchema>

/** What one node says of its own data; `answered` false: it does not answer, and nothing is known. */
export const nodeDataSchema = z.discriminatedUnion('answered', [
  z.object({ answered: z.literal(false), id: z.number(), detail: z.string() }),
  z.object({ answered: z.literal(true), id: z.number(), cache: cacheStatusSchema, retention: z.enum(['off', 'on', 'suspended']) }),
])
export type NodeData = z.infer<typeof nodeDataSchema>

const node = z.object({ id: z.number().int().positive() })
/** In the node's own English words. `damaged`: it found what it must not go on with for long. */
export const orderOutcomeSchema = z.object({ kind: z.enum(['done', 'damaged', 'refused']), words: z.string() })
export type OrderOutcome = z.infer<typeof orderOutcomeSchema>

export const storageContract = {
  /** Looks at a database step by step; takes up to a minute where nobody answers, and changes nothing. Ends when its caller goes. */
  testMysql: oc.input(z.object({ url: z.string().max(4_096), password: passwordSchema.nullable() })).output(eventIterator(mysqlTestUpdateSchema)),
  /** The database is looked at once more; then the nodes that run stop, and start again with the new storage. REFUSED `storage_unavailable`: not usable. */
  choose: oc.errors(refusals).input(storageChoiceSchema).output(z.void()),
  /** What each node says of its files and its history. */
  nodes: oc.output(z.array(nodeDataSchema)),
  /** A full dump now: all files are compared with what the node has applied, and repaired. Returns once it has begun. */
  dumpFiles: oc.errors(refusals).input(node).output(z.void()),
  /** A full look through the data of a node while it works; in its own words. */
  checkNode: oc.input(node).output(orderOutcomeSchema),
  /** A copy of its state into a folder, named from the root on; in its own words. */
  backupNode: oc.input(node.extend({ folder: z.string().min(1).max(1_024) })).output(orderOutcomeSchema),
}
