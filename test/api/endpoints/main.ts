/**
 * `npm run endpoints`: starts a node, asks it for every endpoint and writes `docs/endpoints.md`; writes `docs/grpc.md` beside it. Says what differs; exit
 * code 1 if anything does.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { startHeadless } from '../../support/headless.ts'
import { endpoints } from '../endpoints.ts'
import { messages } from '../messages/messages.ts'
import { grpcPageOf, grpcPagePath } from '../messages/page.ts'
import { askForAll, nameOf } from './ask.ts'
import { pageOf, pagePath } from './page.ts'

const cluster = await startHeadless({ nodes: 1, args: ['--no-console'] })
try {
  const asked = await askForAll(cluster.bases[0] ?? '', endpoints)
  await mkdir(dirname(pagePath), { recursive: true })
  await writeFile(pagePath, pageOf(asked))
  await writeFile(grpcPagePath, grpcPageOf(messages))
  for (const { endpoint, verdict } of asked) {
    if (verdict.kind !== 'differs') continue
    console.log([nameOf(endpoint), ...verdict.problems.slice(0, 5)].join('\n    '))
    process.exitCode = 1
  }
  const count = (kind: string): number => asked.filter(({ verdict }) => verdict.kind === kind).length
  console.log(`${count('done')} done, ${count('not-served')} not served yet, ${count('left-out')} left out, ${count('differs')} differ`)
} finally {
  await cluster.stop()
}
