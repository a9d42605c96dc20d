/** The child of the crash points: plays one scenario under the recorder. `workload.ts SCENARIO ROOT OTHER`; ROOT is what is recorded. */

import { openSync } from 'node:fs'
import { join } from 'node:path'
import { marksName, nodeName } from './places.ts'
import { scenarios } from './scenarios.ts'

const [name, root = '', otherDir = ''] = process.argv.slice(2)
const scenario = scenarios.find((each) => each.name === name)
if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
await scenario.play({ dir: join(root, nodeName), otherDir, marks: openSync(join(root, marksName), 'a') })
