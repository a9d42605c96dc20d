/** How a record of an area is named where only rows with numbers are known: among what the database refuses. */

import { hash } from 'node:crypto'
import type { AreaNumber } from '../../state-machine/types.ts'
import type { RecordTableName } from '../sink.ts'
import { recordTables } from './record-shapes.ts'

export const recordTableNames: readonly RecordTableName[] = Object.values(recordTables).map(({ table }) => table)

/** 48 bits that a record's name gives: records have no numbers of their own to be refused by. */
export const refusedIdOf = (area: AreaNumber, key: string): number => Number.parseInt(hash('sha256', `${area}:${key}`, 'hex').slice(0, 12), 16)
