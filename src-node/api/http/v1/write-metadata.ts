/**
 * `PUT /v3/admin/cs/config/metadata`: what is said of a configuration, its description and tags, without its content. No part of the reference:
 * nacos-maintainer-client 3.1.0 calls it. What is not given stays as it was. To the nodes it is a publish of the same content that fails if there is
 * another one by then, so listeners, who compare by md5, are told nothing. Must never bring back a content that somebody has replaced.
 */

import type { ServerResponse } from 'node:http'
import type { PublishConfig } from '../../../state-machine/types.ts'
import type { AnswerRoom } from '../answer-room.ts'
import { socketIpOf } from '../client-ip.ts'
import { whenItFits } from '../column-excess.ts'
import { v3ConfigNames } from '../config-names.ts'
import { caused, refuse, send } from '../errors.ts'
import { configKey, configTags, limitedText, sourceUserOf } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { sendResult } from '../result.ts'
import type { Handler } from '../router.ts'
import { whenConsistent } from './consistency.ts'
import { readWhole } from './content-check.ts'
import { answerToWrite } from './write-config.ts'

const names = v3ConfigNames

const write = (parts: HttpParts, command: PublishConfig, response: ServerResponse): void =>
  whenItFits(parts, command, response, () =>
    parts.write(command, (outcome) => {
      const answer = answerToWrite(outcome)
      if (typeof answer === 'number') parts.counters.writes++
      if (response.destroyed) return
      if (typeof answer === 'number') sendResult(response, true)
      else send(response, answer)
    }),
  )

export const createConfigMetadata =
  (parts: HttpParts, room: AnswerRoom): Handler =>
  (request, response, parameters) => {
    const key = configKey(parameters, names)
    const tags = configTags(parameters, names)
    const given = parameters.has('desc') ? limitedText(parameters, 'desc', 128) : null
    const user = sourceUserOf(parameters, names.sourceUser)
    // Everything else of the row is written again as it is read here: it must be the newest.
    whenConsistent(parts, response, 'linearizable', () => {
      room.reserve(response, parts.configs.find(key)?.contentBytes ?? 0)
      const row = readWhole(parts, key)
      if (row === undefined) return refuse(caused(404, 'Config not exist, please publish Config first.'))
      const { content, md5, type, appName, encryptedDataKey } = row
      const origin = { sourceIp: socketIpOf(request), sourceUser: user || row.sourceUser }
      const same = { content, md5, expectedMd5: md5, type, appName, encryptedDataKey }
      const said = { tags: tags ?? row.tags, description: given ?? row.description }
      write(parts, { kind: 'publish-config', ...key, ...same, ...said, ...origin }, response)
    })
  }
