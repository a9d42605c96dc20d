/**
 * ConfigFuzzyWatchRequest and NamingFuzzyWatchRequest (nacos-grpc 5.6, 6.3): a client begins or ends to watch a pattern, and says which names it has. It is
 * answered once the pattern has been looked through; what the client lacks comes on its stream.
 */

import { anything } from '../../../auth/permission-match.ts'
import { type FuzzyPattern, fuzzyPatternOf } from '../../../notify/fuzzy-pattern.ts'
import type { FuzzyFound, FuzzyWatches } from '../../../notify/fuzzy-watches.ts'
import { nameProblem, namespaceRule } from '../../name-rules.ts'
import { errorCodes, failedAs, type GrpcAnswer, paramCheck, refusedAs, succeeded } from '../answers.ts'
import type { Connection } from '../connection.ts'
import { flagOf, type JsonObject, listOf, textOf } from '../json-fields.ts'
import type { RequestHandler } from '../requests.ts'
import { type FuzzyDialect, fuzzyResource } from './dialects.ts'
import type { FuzzyNotifier } from './fuzzy-notifier.ts'

const overLimit = {
  patterns: { code: 50_310, words: 'fuzzy watch pattern over limit' },
  matches: { code: 50_311, words: 'fuzzy watch pattern matched count over limit' },
} as const

/** Twice what a pattern may find: a client has no more, unless it watched another server. The rest it is told of again, or later. */
export const receivedMax = 1_000
/** Of the longest names there are. */
const keyCharactersMax = 1_024

const patternIn = (body: JsonObject): FuzzyPattern | null => fuzzyPatternOf(textOf(body, 'groupKeyPattern'))

const withoutStars = (text: string): string => text.replaceAll('*', '')

/** A sentence: why this is no pattern. */
const checkedPattern = (body: JsonObject, { rules }: FuzzyDialect): FuzzyPattern | string => {
  const pattern = patternIn(body)
  if (pattern === null) return paramCheck("Param 'groupKeyPattern' is illegal, it must be namespace>>group>>name.")
  const { namespace, group, name } = pattern
  const problem =
    nameProblem(namespace, namespaceRule) ?? nameProblem(withoutStars(group), rules.group) ?? nameProblem(withoutStars(name), rules.name)
  return problem === null ? pattern : paramCheck(problem)
}

const receivedIn = (body: JsonObject): ReadonlySet<string> => {
  const received = new Set<string>()
  for (const key of listOf(body, 'receivedGroupKeys')) {
    if (received.size >= receivedMax) break
    if (typeof key === 'string' && key.length <= keyCharactersMax) received.add(key)
  }
  return received
}

interface Watching {
  readonly pattern: string
  readonly body: JsonObject
  readonly notifier: FuzzyNotifier
}

export interface FuzzyWatchParts {
  readonly dialect: FuzzyDialect
  readonly watches: FuzzyWatches
  /** What tells a client; null once it is gone. */
  notifierOf(connection: Connection): FuzzyNotifier | null
}

export const createFuzzyWatch = ({ dialect, watches, notifierOf }: FuzzyWatchParts): RequestHandler => {
  const { request: type, response: responseType, access } = dialect
  const success = succeeded(responseType)
  const over = ({ code, words }: (typeof overLimit)[keyof typeof overLimit]): GrpcAnswer => failedAs(responseType, code, words)

  const begin = (of: FuzzyFound, { pattern, body, notifier }: Watching): GrpcAnswer => {
    switch (of.kind) {
      case 'gone':
        return success
      case 'too-many-patterns':
        return over(overLimit.patterns)
      case 'found': {
        const isFull = of.isFull()
        const plan = { pattern, found: of.keys, received: receivedIn(body), isInitializing: flagOf(body, 'initializing'), tellsGone: !isFull }
        if (!notifier.sync(plan)) return refusedAs(responseType, 'overloaded')
        return isFull ? over(overLimit.matches) : success
      }
    }
  }

  return {
    ...{ type, responseType, access },
    resources: (body) => {
      const pattern = patternIn(body)
      return [pattern === null ? anything(dialect.kind) : fuzzyResource(dialect, pattern)]
    },
    handle: ({ body, connection }, respond) => {
      const pattern = checkedPattern(body, dialect)
      if (typeof pattern === 'string') return respond(failedAs(responseType, errorCodes.badRequest, pattern))
      const notifier = notifierOf(connection)
      if (notifier === null) return
      const watchType = textOf(body, 'watchType')
      if (watchType === 'WATCH') watches.watch(notifier, pattern, (of) => respond(begin(of, { pattern: pattern.text, body, notifier })))
      else if (watchType === 'CANCEL_WATCH') {
        watches.unwatch(notifier, pattern.text)
        notifier.cancel(pattern.text)
        respond(success)
      } else respond(dialect.unknown(watchType))
    },
  }
}
