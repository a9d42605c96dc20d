/** The grammar of each format, for colours and folding. Loaded with the editor's chunk only. */

import { html } from '@codemirror/lang-html'
import { json } from '@codemirror/lang-json'
import { xml } from '@codemirror/lang-xml'
import { yaml } from '@codemirror/lang-yaml'
import { StreamLanguage } from '@codemirror/language'
import { properties } from '@codemirror/legacy-modes/mode/properties'
import { toml } from '@codemirror/legacy-modes/mode/toml'
import type { Extension } from '@codemirror/state'
import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'

const grammars: Record<ConfigTypeName, () => Extension> = {
  yaml,
  json,
  xml: () => xml({ autoCloseTags: false }),
  html: () => html({ autoCloseTags: false }),
  properties: () => StreamLanguage.define(properties),
  toml: () => StreamLanguage.define(toml),
  text: () => [],
}

/** Nothing for a text that is too large to be parsed on the thread that draws. */
export const languageOf = (type: ConfigTypeName, large: boolean): Extension => (large ? [] : grammars[type]())
