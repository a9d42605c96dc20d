/** What of an entry's name and metadata becomes a configuration: the rules of a publish (nacos-http 3.2, 3.3), as verdicts. */

import type { ConfigType } from '../../state-machine/types.ts'

const namePattern = /^[a-zA-Z0-9\-_:.]+$/
const dataIdCharactersMax = 256
const groupCharactersMax = 128
const textCharactersMax = 128
const keyCharactersMax = 1024
const tagsMax = 5
const tagCharactersMax = 64

const isName = (text: string, charactersMax: number): boolean =>
  text.length <= charactersMax && namePattern.test(text) && text !== '.' && text !== '..'

/** `GROUP/DATAID`, both of them names that a publish takes; else null. Such a name cannot lead out of any folder. */
export const keyOfEntry = (name: string): { readonly group: string; readonly dataId: string } | null => {
  const [group = '', dataId = '', ...more] = name.split('/')
  return more.length === 0 && isName(group, groupCharactersMax) && isName(dataId, dataIdCharactersMax) ? { group, dataId } : null
}

/** A sentence if a publish would refuse one of the texts. */
export const textsProblem = (texts: { readonly appName: string; readonly description: string; readonly encryptedDataKey: string }): string | null => {
  if (texts.appName.length > textCharactersMax) return `too long appName, over ${textCharactersMax}`
  if (texts.description.length > textCharactersMax) return `too long desc, over ${textCharactersMax}`
  if (texts.encryptedDataKey.length > keyCharactersMax) return `too long encryptedDataKey, over ${keyCharactersMax}`
  return /^[\x20-\x7e]*$/.test(texts.encryptedDataKey) ? null : 'invalid encryptedDataKey'
}

/** null: not given. A sentence for what a publish would refuse. */
export const tagsOf = (text: string | null): readonly string[] | null | string => {
  if (text === null) return null
  const tags = text.split(',').filter((tag) => tag !== '')
  if (tags.length > tagsMax) return `too much config_tags, over ${tagsMax}`
  return tags.some((tag) => tag.length > tagCharactersMax) ? `too long tag, over ${tagCharactersMax}` : tags
}

/** In an order that stands for their numbers within one run. */
export const configTypes: readonly ConfigType[] = ['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset']
/** One of ours, never the given word itself: that one may hold on to the line which it was cut from. */
export const typeOfWord = (word: string): ConfigType => configTypes.find((type) => type === word) ?? 'text'

const typeOfEnding: ReadonlyMap<string, ConfigType> = new Map([
  ['yml', 'yaml'],
  ['yaml', 'yaml'],
  ['json', 'json'],
  ['xml', 'xml'],
  ['htm', 'html'],
  ['html', 'html'],
  ['properties', 'properties'],
  ['toml', 'toml'],
])

/** Without metadata Nacos goes by the end of the dataId; anything else is text. */
export const typeOfDataId = (dataId: string): ConfigType => {
  const dot = dataId.lastIndexOf('.')
  return (dot < 0 ? undefined : typeOfEnding.get(dataId.slice(dot + 1).toLowerCase())) ?? 'text'
}
