/** The switches of naming and their words (nacos-http 8.8): read as they stand, set through Raft, `debug` or not: nodes never differ in them. */

import type { Answer } from '../errors.ts'
import { excerpt } from '../errors.ts'
import { type Act, refusedAs, replyData, whenWritten } from './dialect.ts'
import { requiredText } from './names.ts'

export const showSwitches: Act = (call) => replyData(call, JSON.stringify(call.port.switches()))

const versionWords = (value: string): string => {
  const [kind = '', version] = value.split(':')
  if (version === undefined) return `illegal format, must be 'type:version', but got: ${excerpt(value)}`
  return ['java', 'python', 'c', 'go', 'csharp'].includes(kind)
    ? 'illegal version, must match: [0-9]+\\.[0-9]+\\.[0-9]+'
    : `unsupported client type: ${excerpt(kind)}`
}

/** What Nacos says of a value that this entry cannot take. */
const wordsOf = (entry: string, value: string): string => {
  const number = /^[+-]?\d+(\.\d+)?$/.test(value)
  switch (entry) {
    case 'pushVersion':
      return versionWords(value)
    case 'limitedUrlMap':
      return 'invalid input for limited urls'
    case 'distroThreshold':
      return number ? `distroThreshold can not be zero or negative: ${excerpt(value)}` : `For input string: "${excerpt(value)}"`
    case 'pushCacheMillis':
      return number ? 'min cache time for http or tcp is too small(<10000)' : `For input string: "${excerpt(value)}"`
    case 'defaultCacheMillis':
      return number ? 'min default cache time  is too small(<1000)' : `For input string: "${excerpt(value)}"`
    case 'serviceStatusSynchronizationPeriodMillis':
      return number ? 'serviceStatusSynchronizationPeriodMillis is too small(<5000)' : `For input string: "${excerpt(value)}"`
    case 'serverStatusSynchronizationPeriodMillis':
      return number ? 'serverStatusSynchronizationPeriodMillis is too small(<15000)' : `For input string: "${excerpt(value)}"`
    default:
      return `For input string: "${excerpt(value)}"`
  }
}

/** An unknown entry changes nothing and is no mistake, as in Nacos. */
export const setSwitch: Act = (call) => {
  const entry = requiredText(call, 'entry')
  const value = requiredText(call, 'value')
  const illegal = (): Answer => refusedAs(400, 'parameter validate error', wordsOf(entry, value))
  const write = whenWritten(call, (why) => (why === 'switch-unknown' ? null : illegal()))
  call.parts.noted(`switch ${excerpt(entry)} set to ${excerpt(value)}, asked from ${call.request.socket.remoteAddress}`)
  call.port.setSwitch(entry, value, write)
}
