/**
 * Removes configurations by their ids (nacos-http 5.3, 14): ordinary removals, a bounded number at a time, each with its own history. Ids that name
 * none are skipped. It ends at the first that is refused, and says so.
 */

import type { ConfigIndexRow, DeleteConfig } from '../../../state-machine/types.ts'
import { socketIpOf } from '../client-ip.ts'
import type { ConfigNames } from '../config-names.ts'
import { type Answer, missingParameter, refusal, refuse } from '../errors.ts'
import { rowIds, sourceUserOf } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { refuseOthers } from '../resources.ts'
import { restResultAnswer, resultAnswer, sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'
import { answerLater } from './answer-later.ts'
import { createScanQueue } from './scan-queue.ts'
import { answerToWrite } from './write-config.ts'

const underWayMax = 64

interface Removal {
  readonly rows: readonly ConfigIndexRow[]
  readonly sourceIp: string
  readonly sourceUser: string
}

/** `done` once, when nothing is under way any more; null: all are gone. */
const removeAll = (parts: HttpParts, { rows, sourceIp, sourceUser }: Removal, done: (refused: Answer | null) => void): void => {
  let next = 0
  let underWay = 0
  let refused: Answer | null = null
  let ended = false
  const step = (): void => {
    while (refused === null && next < rows.length && underWay < underWayMax) {
      const { namespace, group, dataId } = rows[next++] as ConfigIndexRow
      const command: DeleteConfig = { kind: 'delete-config', namespace, group, dataId, expectedMd5: null, sourceIp, sourceUser }
      underWay++
      parts.write(command, (outcome) => {
        underWay--
        const answer = answerToWrite(outcome)
        if (typeof answer !== 'number') refused ??= answer
        else parts.counters.writes++
        step()
      })
    }
    if (ended || underWay > 0 || (refused === null && next < rows.length)) return
    ended = true
    done(refused)
  }
  step()
}

export const createRemoveByIds = (parts: HttpParts): ((names: ConfigNames) => Handler) => {
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)
  return (names) => (request, response, parameters) => {
    if (!parameters.has('ids')) refuse(missingParameter('ids', 'String'))
    const ids = rowIds(parameters, 'ids')
    const sourceUser = sourceUserOf(parameters, names.sourceUser)
    const sourceIp = socketIpOf(request)
    const success = names.enveloped ? resultAnswer(true) : restResultAnswer(true)
    const rows: ConfigIndexRow[] = []
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: (row) => {
        if (ids.has(row.id)) rows.push(row)
      },
      done: () =>
        answerLater(parts, response, () => {
          refuseOthers(parameters, 'w', rows)
          removeAll(parts, { rows, sourceIp, sourceUser }, (refused) => sendIfThere(response, refused ?? success))
        }),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
  }
}
