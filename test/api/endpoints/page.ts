/** `docs/endpoints.md`: the table for readers, an area after the other. Owns its words. Nothing in it changes from run to run. */

import { join } from 'node:path'
import { repository } from '../../support/headless.ts'
import type { Asked, Verdict } from './ask.ts'
import type { Area } from './row.ts'

export const pagePath = join(repository, 'docs', 'endpoints.md')

const areas: readonly Area[] = ['configuration', 'naming', 'cluster', 'namespace', 'server', 'operations', 'users']

const stateOf = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'done':
      return 'done'
    case 'not-served':
      return 'not served yet'
    case 'left-out':
      return `left out: ${verdict.why}`
    case 'differs':
      return 'served, not as the reference has it'
  }
}

const isDone = ({ verdict }: Asked): boolean => verdict.kind === 'done'
const share = (asked: readonly Asked[]): string => `${asked.filter(isDone).length} of ${asked.length}`

const areaLines = (area: Area, asked: readonly Asked[]): readonly string[] => [
  '',
  `## ${area[0]?.toUpperCase()}${area.slice(1)}: ${share(asked)}`,
  '',
  '| Endpoint | Nacos | § | |',
  '|---|---|---|---|',
  ...asked.map(
    ({ endpoint: { method, path, versions, section }, verdict }) => `| \`${method} ${path}\` | ${versions} | ${section} | ${stateOf(verdict)} |`,
  ),
]

export const pageOf = (asked: readonly Asked[]): string =>
  [
    '# Endpoints',
    '',
    'Every endpoint of the HTTP API of Nacos 1.x to 3.x, below `/nacos`, and whether a node serves it. Written by `npm run endpoints`, which asks a',
    'node for each and looks at status and body; `npm test` does the same and fails if this page is not what came of it. Where a parameter decides what',
    'is meant, it stands behind the path. § is the section of our reference of the HTTP API.',
    '',
    `${share(asked)} are done.`,
    ...areas.flatMap((area) =>
      areaLines(
        area,
        asked.filter(({ endpoint }) => endpoint.area === area),
      ),
    ),
    '',
  ].join('\n')
