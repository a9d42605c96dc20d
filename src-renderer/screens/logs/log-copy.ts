/** Lines as plain text, as one would read them in a file: full date, level, source, module, words. */

import type { LogLine } from '../../../src-main/contract/index.ts'
import { nodeName } from '../../components/format.ts'

export function asText(lines: readonly LogLine[]): string {
  return lines
    .map(
      (line) =>
        `${new Date(line.atMs).toISOString()} ${line.level.toUpperCase().padEnd(5)} ${line.node === 0 ? 'app' : nodeName(line.node)} ${line.module} ${line.text}`,
    )
    .join('\n')
}
