/** Where configurations are kept, as far as the console has a say in it. */

import { oc } from '@orpc/contract'
import { z } from 'zod'

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
})

export const mysqlTestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tested'), addresses: z.array(z.object({ address: z.string(), steps: z.array(mysqlTestStepSchema) })) }),
  z.object({ kind: z.literal('url-unreadable'), problem: z.string(), part: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
])
export type MysqlTest = z.infer<typeof mysqlTestSchema>

export const storageContract = {
  /** Looks at a database step by step; takes up to a minute where nobody answers, and changes nothing. */
  testMysql: oc.input(z.object({ url: z.string().max(4_096), password: z.string().max(4_096).nullable() })).output(mysqlTestSchema),
}
