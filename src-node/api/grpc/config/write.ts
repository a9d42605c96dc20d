/** ConfigPublishRequest and ConfigRemoveRequest (nacos-grpc 5.1, 5.3): one command each through the leader, and its outcome as an answer. */

import type { WriteOutcome } from '../../../raft-driver/ports.ts'
import type { GrayRule } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigKey, PublishConfig, Reply } from '../../../state-machine/types.ts'
import type { SinkExcess } from '../../../storage/sink.ts'
import { excessWords } from '../../http/column-excess.ts'
import { md5Of } from '../../http/content-hash.ts'
import { valueBytesMax } from '../../http/form.ts'
import { tagProblem } from '../../http/parameters.ts'
import type { SharedStoreView } from '../../http/ports.ts'
import { grayPublish, grayRecord, grayRemoval } from '../../http/v1/gray-writes.ts'
import { isBlankContent } from '../../http/v1/write-config.ts'
import { tagsOf, textsProblem, typeOfWord } from '../../zip/config-rules.ts'
import { errorCodes, failedAs, type GrpcAnswer, refusedAs, succeeded } from '../answers.ts'
import { givenText, type JsonObject, objectOf, textOf } from '../json-fields.ts'
import type { GrpcParts } from '../ports.ts'
import type { RequestHandler, Respond } from '../requests.ts'
import { grayRuleIn } from './gray.ts'
import { namedConfig } from './names.ts'

const published = 'ConfigPublishResponse'
const removed = 'ConfigRemoveResponse'
const userCharactersMax = 128
const md5CharactersMax = 64

const bad = (type: string, words: string): GrpcAnswer => failedAs(type, errorCodes.badRequest, words)

/** A problem in words, or the bytes. */
const contentOf = (body: JsonObject): Buffer | string => {
  const text = givenText(body, 'content')
  if (text === null) return 'content is blank : '
  // A lone surrogate has no bytes; what would stand for it is not what was published.
  if (!text.isWellFormed()) return 'the content is not valid UTF-8'
  const content = Buffer.from(text)
  if (content.length > valueBytesMax) return `invalid content, over ${valueBytesMax}`
  return isBlankContent(content) ? 'content is blank : ' : content
}

const replied = (type: string, reply: Reply): GrpcAnswer => {
  switch (reply.kind) {
    case 'published':
    case 'deleted':
    case 'gray-done':
      return succeeded(type)
    case 'gray-too-many':
      return bad(type, `gray config version is over max count :${reply.versionsMax}`)
    case 'cas-conflict':
      return failedAs(type, errorCodes.serverError, 'Cas publish fail, server md5 may have changed.')
    default:
      return failedAs(type, errorCodes.serverError, 'the nodes could not read this write; nothing was changed')
  }
}

/** What a publish demands and says beside its content; a sentence for what is refused. */
const textsIn = (body: JsonObject): Omit<PublishConfig, 'kind' | 'content' | 'md5' | 'namespace' | 'group' | 'dataId' | 'sourceIp'> | string => {
  const more = objectOf(body, 'additionMap')
  const texts = {
    appName: textOf(more, 'appName'),
    description: textOf(more, 'desc'),
    encryptedDataKey: textOf(more, 'encryptedDataKey'),
  }
  const sourceUser = textOf(more, 'src_user')
  const casMd5 = textOf(body, 'casMd5').trim()
  const tags = tagsOf(givenText(more, 'config_tags'))
  const problem = textsProblem(texts)
  if (problem !== null) return problem
  if (typeof tags === 'string') return tags
  if (sourceUser.length > userCharactersMax) return `too long src_user, over ${userCharactersMax}`
  if (casMd5.length > md5CharactersMax) return 'casMd5 is not an md5'
  return { ...texts, tags, sourceUser, type: typeOfWord(textOf(more, 'type')), expectedMd5: casMd5 === '' ? null : casMd5 }
}

/** Of a publish: a sentence, or for whom it is. */
const ruleIn = (body: JsonObject): GrayRule | null | string => {
  const more = objectOf(body, 'additionMap')
  return grayRuleIn(textOf(more, 'betaIps').trim(), textOf(more, 'tag').trim())
}

interface AskedPublish extends ConfigKey {
  readonly content: Buffer
  readonly texts: Exclude<ReturnType<typeof textsIn>, string>
  readonly rule: GrayRule | null
}

/** A sentence for the first thing that is refused. */
const publishIn = (body: JsonObject): AskedPublish | string => {
  const named = namedConfig(body)
  if (typeof named === 'string') return named
  const content = contentOf(body)
  if (typeof content === 'string') return content
  const texts = textsIn(body)
  if (typeof texts === 'string') return texts
  const rule = ruleIn(body)
  return typeof rule === 'string' ? rule : { ...named.key, content, texts, rule }
}

export const createConfigWrites = (parts: GrpcParts): readonly RequestHandler[] => {
  const answered =
    (type: string, respond: Respond) =>
    (outcome: WriteOutcome<Reply>): void => {
      if (outcome.kind === 'applied') {
        parts.counters.writes++
        respond(replied(type, outcome.reply))
      } else respond(refusedAs(type, outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
    }

  /** At once as a rule; a node that has only just started may have to hear first what the columns of the shared database hold. */
  const whenItFits = (excessIn: (store: SharedStoreView) => SinkExcess | null, respond: Respond, go: () => void): void => {
    const { sharedStore } = parts
    if (sharedStore === null) {
      go()
      return
    }
    sharedStore.columnsKnown((known) => {
      const excess = known ? excessIn(sharedStore) : null
      if (excess !== null) respond(bad(published, excessWords(excess)))
      else if (known) go()
      else respond(refusedAs(published, 'storage_unavailable'))
    })
  }

  const publish: RequestHandler['handle'] = ({ body, connection, user }, respond) => {
    const asked = publishIn(body)
    if (typeof asked === 'string') return respond(bad(published, asked))
    const { rule, texts, ...rest } = asked
    const candidate = { ...rest, ...texts, sourceIp: connection.ip, sourceUser: user === '' ? texts.sourceUser : user }
    const go = (): void =>
      md5Of(rest.content, (md5) => {
        const command: PublishConfig = { kind: 'publish-config', ...candidate, md5 }
        if (rule === null) parts.write(command, answered(published, respond))
        else {
          const version = grayPublish(command, rule)
          const record = grayRecord(version)
          whenItFits(
            (store) => store.tooBigForRecord(record),
            respond,
            () => parts.grays.propose(version, answered(published, respond)),
          )
        }
      })
    if (rule === null) whenItFits((store) => store.tooBigFor(candidate), respond, go)
    else go()
  }

  const remove: RequestHandler['handle'] = ({ body, connection, user }, respond) => {
    const named = namedConfig(body)
    const tag = textOf(body, 'tag').trim()
    const problem = typeof named === 'string' ? named : tagProblem(tag)
    if (typeof named === 'string' || problem !== null) return respond(bad(removed, String(problem)))
    const origin = { sourceIp: connection.ip, sourceUser: user === '' ? textOf(body, 'src_user').slice(0, userCharactersMax) : user }
    const done = answered(removed, respond)
    if (tag === '') parts.write({ kind: 'delete-config', ...named.key, expectedMd5: null, ...origin }, done)
    else parts.grays.propose(grayRemoval(parts, named.key, tag, origin), done)
  }

  return [
    { type: 'ConfigPublishRequest', responseType: published, access: 'config-write', bodyBytesMax: Number.POSITIVE_INFINITY, handle: publish },
    { type: 'ConfigRemoveRequest', responseType: removed, access: 'config-write', handle: remove },
  ]
}
