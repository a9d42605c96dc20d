/** A process that lives the lives it is told to, and says what came of them: one line of JSON, a Batch. */

import { type BatchOptions, runBatch } from './batch.ts'

const [options = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(runBatch(JSON.parse(options) as BatchOptions)))
