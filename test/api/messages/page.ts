/** `docs/grpc.md`: the table for readers, a module after the other. Owns its words. */

import { join } from 'node:path'
import { repository } from '../../support/headless.ts'
import type { Message } from './messages.ts'

export const grpcPagePath = join(repository, 'docs', 'grpc.md')

const modules: readonly Message['module'][] = ['internal', 'configuration', 'naming', 'lock', 'registry of AI']

const wayOf = (message: Message): string => {
  switch (message.way) {
    case 'asked':
      return `client asks, \`${message.answer}\``
    case 'said':
      return 'client says on its stream'
    case 'pushed':
      return 'server pushes'
    case 'left-out':
      return ''
  }
}

const isDone = ({ way }: Message): boolean => way !== 'left-out'
const stateOf = (message: Message): string => (message.way === 'left-out' ? `left out: ${message.why}` : 'done')

const linesOf = (module: Message['module'], messages: readonly Message[]): readonly string[] => [
  '',
  `## ${module[0]?.toUpperCase()}${module.slice(1)}: ${messages.filter(isDone).length} of ${messages.length}`,
  '',
  '| Message | Nacos | § | Way | |',
  '|---|---|---|---|---|',
  ...messages.map((message) => `| \`${message.type}\` | ${message.versions} | ${message.section} | ${wayOf(message)} | ${stateOf(message)} |`),
]

export const grpcPageOf = (messages: readonly Message[]): string =>
  [
    '# Messages over gRPC',
    '',
    'Every message that clients and servers of Nacos 2.x and 3.x send each other over gRPC, and whether a node takes or sends it. Written by `npm run endpoints`;',
    "`npm test` asks a node's gRPC server for each, has it push what it pushes, and fails if one is not as this page says, or if a node knows one that is not here.",
    '§ is the section of our reference of the gRPC protocol.',
    '',
    `${messages.filter(isDone).length} of ${messages.length} are done.`,
    ...modules.flatMap((module) =>
      linesOf(
        module,
        messages.filter((message) => message.module === module),
      ),
    ),
    '',
  ].join('\n')
