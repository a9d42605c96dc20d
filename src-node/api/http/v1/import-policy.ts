/** The word for what becomes of a configuration that is there already. */

import type { ConflictPolicy } from '../../zip/import-run.ts'
import { type Answer, caused, excerpt, refuse } from '../errors.ts'

const policies = ['ABORT', 'SKIP', 'OVERWRITE'] as const satisfies readonly ConflictPolicy[]

/** Null: no such policy. None given is ABORT. */
export const policyNamed = (word: string): ConflictPolicy | null => (word === '' ? 'ABORT' : (policies.find((policy) => policy === word) ?? null))
export const wrongPolicy = (word: string): Answer => caused(400, `policy is ABORT, SKIP or OVERWRITE, not ${excerpt(word)}`)

export const policyOf = (word: string): ConflictPolicy => policyNamed(word) ?? refuse(wrongPolicy(word))
