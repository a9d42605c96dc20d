/** The configuration API on three real nodes, in MySQL mode over a MariaDB of the test's own. What differs in the other mode: differences.ts. */

import { describe } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { mysqlScene } from '../support/mysql-scene.ts'
import { startOnSharedMysql } from './subject.ts'
import { conforms } from './suite.ts'

const { server } = mysqlScene()

describe.skipIf('missing' in findMariadb())('in MySQL mode', () => conforms('mysql', () => startOnSharedMysql(server)))
