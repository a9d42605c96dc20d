/**
 * Servlet parameters, from query and form alike, and the rules that Nacos puts on them (nacos-http 3.1-3.3) with its exact
 * words. Text is strict UTF-8: bytes of another charset are refused, never replaced. Must never decode a content to text.
 */

import { isUtf8 } from 'node:buffer'
import { anybody, type Caller } from '../../auth/authorizer.ts'
import type { ConfigKey, ConfigType } from '../../state-machine/types.ts'
import { dataIdRule, groupRule, lengthProblem, type NameRule, nameProblem, namespaceRule } from '../name-rules.ts'
import { type ConfigNames, v1ConfigNames } from './config-names.ts'
import { caused, excerpt, filterRefusal, missingParameter, refuse } from './errors.ts'
import type { Field } from './form.ts'

export interface Parameters {
  has(name: string): boolean
  /** The raw value, undefined if absent. Refuses a parameter that is given twice with different values. */
  bytes(name: string): Field | undefined
  /** As text, `''` if absent; over `bytesMax` it is refused with `tooLong`. */
  text(name: string, rule: TextRule): string
  /** The body if its content type is JSON's, else null. */
  json(): Buffer | null
  /** Who sends it; while nobody is asked: somebody without a name who may do all. */
  caller(): Caller
}

export interface TextRule {
  readonly bytesMax: number
  /** Thrown as an answer; a function, since it is seldom needed. */
  tooLong(): never
}

const sameField = (a: Field, b: Field): boolean => a.overlong === b.overlong && a.value.equals(b.value)

const findField = (fields: readonly Field[], name: string): Field | undefined => {
  let found: Field | undefined
  for (const field of fields) {
    if (field.name !== name) continue
    if (found === undefined) found = field
    else if (!sameField(found, field)) refuse(caused(400, `parameter ${name} is given more than once`))
  }
  return found
}

export const utf8Text = (bytes: Buffer, what: string): string => {
  if (!isUtf8(bytes)) refuse(caused(400, `${what} is not valid UTF-8`))
  return bytes.toString()
}

/** Query first, as servlets have it. */
export const createParameters = (query: readonly Field[], form: readonly Field[], json: Buffer | null, caller: Caller = anybody): Parameters => {
  const fields = form.length === 0 ? query : query.length === 0 ? form : [...query, ...form]
  const bytes = (name: string): Field | undefined => findField(fields, name)
  return {
    has: (name) => fields.some((field) => field.name === name),
    bytes,
    text: (name, rule) => {
      const field = bytes(name)
      if (field === undefined) return ''
      if (field.overlong || field.value.length > rule.bytesMax) rule.tooLong()
      return utf8Text(field.value, `parameter ${name}`)
    },
    json: () => json,
    caller: () => caller,
  }
}

const filterLength = (rule: NameRule): never => refuse(filterRefusal(lengthProblem(rule)))

/** The filter's check of one name; blank passes. */
export const checkName = (text: string, rule: NameRule): string => {
  const problem = nameProblem(text, rule)
  return problem === null ? text : refuse(filterRefusal(problem))
}

const isBlank = (text: string): boolean => text.trim() === ''

/** Four bytes a character at most, so a name within the filter's limit never fails here first. */
export const nameText = (parameters: Parameters, name: string, rule: NameRule): string =>
  checkName(parameters.text(name, { bytesMax: rule.charactersMax * 4, tooLong: () => filterLength(rule) }), rule)

/** `''`, blank, `public` and `null` are one namespace: the default one (nacos-http 3.1, "safe choice"). */
export const normalNamespace = (given: string): string => (given === 'public' || given === 'null' || isBlank(given) ? '' : given)

/** One listened name triple, checked like parameters (the same filter reads poll bodies in 2.3+). */
export const listenedKey = (dataId: string, group: string, tenant: string): ConfigKey => ({
  namespace: normalNamespace(checkName(tenant, namespaceRule)),
  group: checkName(group, groupRule),
  dataId: checkName(dataId, dataIdRule),
})

/** Names that are chosen in a list of a body; blank passes. */
export const listedName = (dataId: string, group: string): void => {
  checkName(dataId, dataIdRule)
  checkName(group, groupRule)
}

/** v2 and v3 take a blank one for none. */
const requireName = (parameters: Parameters, name: string, text: string, { enveloped }: ConfigNames): void => {
  if (!parameters.has(name) || (enveloped && isBlank(text))) refuse(missingParameter(name, 'String'))
  if (isBlank(text)) refuse(caused(400, `invalid ${name} : ${text}`))
}

/** The filter judges all three before the controller misses one, as in Nacos. */
export const configKey = (parameters: Parameters, names: ConfigNames = v1ConfigNames): ConfigKey => {
  const tenant = nameText(parameters, names.namespace, namespaceRule)
  const dataId = nameText(parameters, 'dataId', dataIdRule)
  const group = nameText(parameters, names.group, groupRule)
  requireName(parameters, 'dataId', dataId, names)
  requireName(parameters, names.group, group, names)
  return { namespace: normalNamespace(tenant), group, dataId }
}

/** The namespace of an operation that has no configuration's name; absent or blank is the default one. */
export const optionalNamespace = (parameters: Parameters, name: string): string => normalNamespace(nameText(parameters, name, namespaceRule))

/** Names of a search: must be present, may be empty, may hold `*` in a blurred one (the filter skips those). */
export const searchNames = (parameters: Parameters, blurred: boolean, names: ConfigNames = v1ConfigNames): ConfigKey => {
  const tenant = nameText(parameters, names.namespace, namespaceRule)
  const read = (name: string, rule: NameRule): string => {
    if (!parameters.has(name)) refuse(missingParameter(name, 'String'))
    return nameText(parameters, name, blurred ? { ...rule, pattern: /^/ } : rule)
  }
  return { namespace: normalNamespace(tenant), dataId: read('dataId', dataIdRule), group: read(names.group, groupRule) }
}

/** A Java `int` of at least 1; required unless there is a `fallback`. */
export const positiveInt = (parameters: Parameters, name: string, fallback?: number): number => {
  if (!parameters.has(name)) return fallback ?? refuse(missingParameter(name, 'int'))
  const text = parameters.text(name, { bytesMax: 32, tooLong: () => refuse(caused(400, `parameter ${name} is not a number`)) })
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) refuse(caused(400, `For input string: "${excerpt(text)}"`))
  return Number(text)
}

/** A required Java `long` that names a row; beyond what a number can tell apart there is no row. */
export const rowNumber = (parameters: Parameters, name: string): number => {
  if (!parameters.has(name)) refuse(missingParameter(name, 'Long'))
  const text = parameters.text(name, { bytesMax: 32, tooLong: () => refuse(caused(400, `parameter ${name} is not a number`)) })
  if (!/^[+-]?\d{1,19}$/.test(text)) refuse(caused(400, `For input string: "${excerpt(text)}"`))
  return Number.isSafeInteger(Number(text)) ? Number(text) : 0
}

/** The most ids of one request; a console sends a page of them. */
const idsMax = 10_000

/** A comma list of row ids, blanks left out. */
export const rowIds = (parameters: Parameters, name: string): ReadonlySet<number> => {
  const words = limitedText(parameters, name, idsMax * 20)
    .split(',')
    .filter((word) => !isBlank(word))
  for (const word of words) if (!/^\s*\d{1,15}\s*$/.test(word)) refuse(caused(400, `For input string: "${excerpt(word)}"`))
  if (words.length > idsMax) refuse(caused(400, `too much ${name}, over ${idsMax}`))
  return new Set(words.map(Number))
}

/** An optional text with Nacos's limit in characters and its words (`too long desc, over 128`). */
export const limitedText = (parameters: Parameters, name: string, charactersMax: number): string => {
  const tooLong = (): never => refuse(caused(400, `too long ${name}, over ${charactersMax}`))
  const text = parameters.text(name, { bytesMax: charactersMax * 4, tooLong })
  return text.length > charactersMax ? tooLong() : text
}

/** Who is signed in; else whoever the caller says it is, which proves nothing. */
export const sourceUserOf = (parameters: Parameters, name: string): string => parameters.caller().name || limitedText(parameters, name, 128)

const tagLengthMax = 16
const tagPattern = /^[\p{L}\p{Nd}_\-.:]*$/u

/** A sentence: why this is no tag of a gray version. */
export const tagProblem = (tag: string): string | null => {
  if (tag.length > tagLengthMax) return `too long tag, over ${tagLengthMax}`
  return tagPattern.test(tag) ? null : `invalid tag : ${tag}`
}

/** Of a gray version; `''` if it is blank or not given. */
export const tagOf = (parameters: Parameters): string => {
  const tag = limitedText(parameters, 'tag', tagLengthMax).trim()
  const problem = tagProblem(tag)
  return problem === null ? tag : refuse(caused(400, problem))
}

const types: ReadonlySet<string> = new Set(['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset'])

/** Anything unknown or blank is `text` (nacos-http 3.3). */
export const configType = (parameters: Parameters): ConfigType => {
  const given = limitedText(parameters, 'type', 32)
  return types.has(given) ? (given as ConfigType) : 'text'
}

const tagsMax = 5
const tagCharactersMax = 64

/** null if not given: the tags of an existing configuration then stay. */
export const configTags = (parameters: Parameters, { tags: name }: ConfigNames = v1ConfigNames): readonly string[] | null => {
  if (!parameters.has(name)) return null
  const tooLong = (): never => refuse(caused(400, `too long tag, over ${tagCharactersMax}`))
  const text = parameters.text(name, { bytesMax: tagsMax * (tagCharactersMax + 1) * 4, tooLong })
  const tags = text.split(',').filter((tag) => tag !== '')
  if (tags.length > tagsMax) refuse(caused(400, `too much config_tags, over ${tagsMax}`))
  for (const tag of tags) if (tag.length > tagCharactersMax) tooLong()
  return tags
}
