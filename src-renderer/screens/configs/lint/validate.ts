/** One door to the checks of all formats. Pure: same text, same problems; must never throw on any text. */

import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { checkJson } from './json.ts'
import { type Finding, type Problem, toProblems, withLineFeeds } from './problem.ts'
import { checkProperties } from './properties.ts'
import { checkToml } from './toml.ts'
import { checkXml } from './xml.ts'
import { checkYaml } from './yaml.ts'

const none = (): readonly Finding[] => []

const checks: Record<ConfigTypeName, (text: string) => readonly Finding[]> = {
  json: checkJson,
  yaml: checkYaml,
  xml: checkXml,
  toml: checkToml,
  properties: checkProperties,
  html: none,
  text: none,
}

/** All problems of a content in the order of the text; for text and html always none. Offsets count every line break as one. */
export const validate = (type: ConfigTypeName, content: string): readonly Problem[] => {
  const text = withLineFeeds(content)
  try {
    return toProblems(text, checks[type](text))
  } catch (error) {
    return toProblems(text, [{ from: 0, to: 0, code: 'syntax', detail: error instanceof Error ? error.message : String(error) }])
  }
}
