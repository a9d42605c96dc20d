/** ConfigPublishRequest and ConfigRemoveRequest (nacos-grpc 5.1, 5.3): one command each through the leader, and its outcome as an answer. */

import type { Command, PublishConfig, Reply } from '../../../state-machine/types.ts'
import type { SinkCandidate } from '../../../storage/sink.ts'
import { columnExcess } from '../../http/column-excess.ts'
import { md5Of } from '../../http/content-hash.ts'
import { valueBytesMax } from '../../http/form.ts'
import { isBlankContent } from '../../http/v1/write-config.ts'
import { tagsOf, textsProblem, typeOfWord } from '../../zip/config-rules.ts'
import { errorCodes, failedAs, type GrpcAnswer, refusedAs, succeeded } from '../answers.ts'
import { givenText, type JsonObject, objectOf, textOf } from '../json-fields.ts'
import type { GrpcParts } from '../ports.ts'
import type { GrpcCall, RequestHandler, Respond } from '../requests.ts'
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
      return succeeded(type)
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

const isGray = (body: JsonObject): boolean => {
  const more = objectOf(body, 'additionMap')
  return textOf(more, 'betaIps').trim() !== '' || textOf(more, 'tag').trim() !== '' || textOf(body, 'tag').trim() !== ''
}

const noGray = 'gray configurations (betaIps, tag) are not served by this version'

export const createConfigWrites = (parts: GrpcParts): readonly RequestHandler[] => {
  const write = (type: string, command: Command, respond: Respond): void =>
    parts.write(command, (outcome) => {
      if (outcome.kind !== 'applied') return respond(refusedAs(type, outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
      parts.counters.writes++
      respond(replied(type, outcome.reply))
    })

  /** At once as a rule; a node that has only just started may have to hear first what the columns of the shared database hold. */
  const whenItFits = (candidate: SinkCandidate, respond: Respond, go: () => void): void => {
    if (parts.sharedStore === null) {
      go()
      return
    }
    parts.sharedStore.columnsKnown((known) => {
      const excess = known ? columnExcess(parts, candidate) : null
      if (excess !== null) respond(bad(published, excess))
      else if (known) go()
      else respond(refusedAs(published, 'storage_unavailable'))
    })
  }

  const publish = ({ body, connection }: GrpcCall, respond: Respond): void => {
    const named = namedConfig(body)
    if (typeof named === 'string') {
      respond(bad(published, named))
      return
    }
    const content = contentOf(body)
    if (typeof content === 'string') {
      respond(bad(published, content))
      return
    }
    const texts = textsIn(body)
    if (typeof texts === 'string') {
      respond(bad(published, texts))
      return
    }
    if (isGray(body)) {
      respond(failedAs(published, errorCodes.serverError, noGray))
      return
    }
    const candidate = { ...named.key, content, ...texts, sourceIp: connection.ip }
    whenItFits(candidate, respond, () => md5Of(content, (md5) => write(published, { kind: 'publish-config', ...candidate, md5 }, respond)))
  }

  const remove = ({ body, connection }: GrpcCall, respond: Respond): void => {
    const named = namedConfig(body)
    if (typeof named === 'string') {
      respond(bad(removed, named))
      return
    }
    if (isGray(body)) {
      respond(failedAs(removed, errorCodes.serverError, noGray))
      return
    }
    const sourceUser = textOf(body, 'src_user').slice(0, userCharactersMax)
    write(removed, { kind: 'delete-config', ...named.key, expectedMd5: null, sourceIp: connection.ip, sourceUser }, respond)
  }

  return [
    { type: 'ConfigPublishRequest', responseType: published, access: 'config-write', bodyBytesMax: Number.POSITIVE_INFINITY, handle: publish },
    { type: 'ConfigRemoveRequest', responseType: removed, access: 'config-write', handle: remove },
  ]
}
