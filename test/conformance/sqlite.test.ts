/** The configuration API on three real nodes, in SQLite mode. What differs in the other mode: differences.ts. */

import { describe } from 'vitest'
import { startOnSqlite } from './subject.ts'
import { conforms } from './suite.ts'

describe('in SQLite mode', () => conforms('sqlite', startOnSqlite))
