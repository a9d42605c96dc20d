/** How a write is taken back: the former state is written again, on condition that nobody wrote after us. Pure. */

import type { ConfigDetail, ConfigKeyInput, ConfigTypeName } from '../../../../src-main/contract/index.ts'

/** What a configuration holds, without what the nodes add. */
export interface ConfigState {
  readonly content: string
  readonly type: ConfigTypeName
  readonly description: string
  readonly appName: string
  readonly tags: readonly string[]
}

export type UndoStep =
  | { readonly kind: 'publish'; readonly key: ConfigKeyInput; readonly state: ConfigState; readonly expectedMd5: string }
  | { readonly kind: 'remove'; readonly key: ConfigKeyInput; readonly expectedMd5: string }

/** The step that takes a publish back; `before` is null if it created the configuration, `md5` is what it wrote. */
export const undoOfPublish = (key: ConfigKeyInput, before: ConfigState | null, md5: string): UndoStep =>
  before === null ? { kind: 'remove', key, expectedMd5: md5 } : { kind: 'publish', key, state: before, expectedMd5: md5 }

/** The step that takes a removal back: on condition that nobody made a new one under the name. */
export const undoOfRemove = (key: ConfigKeyInput, before: ConfigState): UndoStep => ({ kind: 'publish', key, state: before, expectedMd5: '' })

export const stateOf = ({ content, type, description, appName, tags }: ConfigDetail | ConfigState): ConfigState => ({
  content,
  type,
  description,
  appName,
  tags,
})

/** Whether two states would be stored alike. */
export const sameState = (a: ConfigState, b: ConfigState): boolean =>
  a.content === b.content && a.type === b.type && a.description === b.description && a.appName === b.appName && a.tags.join() === b.tags.join()
