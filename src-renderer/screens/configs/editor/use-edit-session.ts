/**
 * One open configuration: what it was when it was opened (the base), what the user made of it, and what is known of the difference. Saves the draft each
 * second and when it is closed. Must never replace text that the user changed: a newer version elsewhere becomes a notice.
 */

import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ConfigDetail, ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import type { DraftStore, SaveResult } from '../draft/draft-store.ts'
import type { Problem } from '../lint/problem.ts'
import { validate } from '../lint/validate.ts'
import { type ConfigState, sameState, stateOf } from '../publish/undo.ts'
import type { EditorHandle } from './code-editor.tsx'
import { type LineEnd, splitLineEnds } from './line-ends.ts'
import { isChecked, utf8Bytes } from './sizes.ts'

const draftEveryMs = 1_000
/** How long typing must rest before the text is measured and checked, by size. */
const settleMs = { small: 150, middle: 600 } as const
const middleChars = 150_000
/** After a write of ours a follower may still answer with the former version for a moment. */
const quietAfterWriteMs = 1_500

/** A version as the nodes hold it; null stands for "does not exist". */
export type Base = (ConfigState & { readonly md5: string }) | null

export interface Measured {
  readonly bytes: number
  readonly lines: number
  readonly end: LineEnd | null
  readonly blank: boolean
  readonly dirty: boolean
  /** null = not checked: too large, or a format without checks. */
  readonly problems: readonly Problem[] | null
}

export type Notice =
  | { readonly kind: 'restored'; readonly savedAtMs: number; readonly changed: boolean }
  | { readonly kind: 'elsewhere'; readonly theirs: ConfigDetail | null }
  | { readonly kind: 'reloaded'; readonly atMs: number }

export interface SessionInput {
  readonly configKey: ConfigKeyInput
  /** undefined = not read yet (a draft may be open already). */
  readonly detail: ConfigDetail | null
  readonly drafts: DraftStore
  readonly editor: RefObject<EditorHandle | null>
}

const emptyState: ConfigState = { content: '', type: 'text', description: '', appName: '', tags: [] }

const baseOf = (detail: ConfigDetail | null): Base => (detail === null ? null : { ...stateOf(detail), md5: detail.md5 })

/** Everything that is said of a state beside its base. */
export const measure = (state: ConfigState, base: Base): Measured => {
  const bytes = utf8Bytes(state.content)
  const { text, main, odd } = splitLineEnds(state.content)
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return {
    bytes,
    lines,
    end: odd.length === 0 ? main : null,
    blank: state.content.trim() === '',
    dirty: base === null || !sameState(state, base),
    problems: isChecked(state.type, bytes) ? validate(state.type, state.content) : null,
  }
}

function openState({ configKey, detail, drafts }: SessionInput) {
  const base = baseOf(detail)
  const draft = drafts.load(configKey)
  const from: ConfigState = base ?? emptyState
  const state: ConfigState = draft === null ? from : { ...from, ...draft.meta, content: draft.content, type: draft.type }
  const differs = draft !== null && base !== null && !sameState(state, base)
  const notice: Notice | null = differs ? { kind: 'restored', savedAtMs: draft.savedAtMs, changed: draft.baseMd5 !== base.md5 } : null
  // An edit that began from an older version goes on being one, so that publishing it asks.
  const baseMd5 = draft !== null && differs ? draft.baseMd5 : (base?.md5 ?? '')
  return { base, state, notice, baseMd5 }
}

export function useEditSession(input: SessionInput) {
  const { configKey, drafts, editor } = input
  const [opened] = useState(() => openState(input))
  const [base, setBase] = useState<Base>(opened.base)
  const [rest, setRest] = useState<ConfigState>(opened.state)
  const [notice, setNotice] = useState<Notice | null>(opened.notice)
  const [measured, setMeasured] = useState<Measured>(() => measure(opened.state, opened.base))
  const [saved, setSaved] = useState<SaveResult>('saved')
  const live = useRef({ base, rest, baseMd5: opened.baseMd5, stale: false, quietUntilMs: 0 })
  live.current.base = base
  live.current.rest = rest

  /** What the user has now, read from the editor. */
  const current = useCallback((): ConfigState => {
    const { rest: known } = live.current
    return { ...known, content: editor.current?.content() ?? known.content }
  }, [editor])

  /** Asked of the text itself: `measured` follows a moment after the typing, too late for who presses Ctrl+S at once. */
  const isDirty = useCallback(() => live.current.base === null || !sameState(current(), live.current.base), [current])

  const saveDraft = useCallback(() => {
    if (!live.current.stale) return
    live.current.stale = false
    const state = current()
    live.current.rest = state
    if (live.current.base !== null && sameState(state, live.current.base)) {
      drafts.discard(configKey)
      return
    }
    const { content, type, ...meta } = state
    const result = drafts.save(configKey, { content, type, meta, baseMd5: live.current.baseMd5, savedAtMs: Date.now() })
    setSaved(result)
  }, [configKey, current, drafts])

  const settle = useCallback(() => setMeasured(measure(current(), live.current.base)), [current])
  const schedule = useSchedules(settle, saveDraft)
  const touched = useCallback(() => {
    live.current.stale = true
    schedule(live.current.rest.content.length > middleChars ? settleMs.middle : settleMs.small)
  }, [schedule])

  useLayoutEffect(() => () => saveDraft(), [saveDraft])
  useEffect(() => {
    addEventListener('pagehide', saveDraft)
    return () => removeEventListener('pagehide', saveDraft)
  }, [saveDraft])

  const actions = useMemo(() => {
    const change = (part: Partial<Omit<ConfigState, 'content'>>) => {
      const next = { ...current(), ...part }
      live.current.rest = next
      setRest(next)
      touched()
    }
    /** Lets the edit stand on another version from now on; the text stays. */
    const rebase = (next: Base) => {
      live.current.base = next
      live.current.baseMd5 = next?.md5 ?? ''
      live.current.quietUntilMs = Date.now() + quietAfterWriteMs
      live.current.stale = true
      setBase(next)
      saveDraft()
      setMeasured(measure(current(), next))
    }
    /** Puts a version into the editor and stands on it. */
    const show = (next: Base) => {
      const state: ConfigState = next ?? { ...emptyState, type: live.current.rest.type }
      live.current.rest = state
      setRest(state)
      editor.current?.replace(state.content)
      setNotice(null)
      rebase(next)
    }
    return {
      change,
      rebase,
      show,
      /** Puts a text into the editor, unpublished, over the version given. */
      showText: (content: string, next: Base) => {
        editor.current?.replace(content)
        setNotice(null)
        rebase(next)
      },
      dismiss: () => setNotice(null),
    }
  }, [current, editor, saveDraft, touched])

  /** Takes in what the node says now. */
  const reconcile = useCallback(
    (detail: ConfigDetail | null) => {
      const { base: known, quietUntilMs } = live.current
      if (Date.now() < quietUntilMs || (detail === null && known === null)) return
      if ((detail?.md5 ?? '') === (known?.md5 ?? '')) return
      if (isDirty() || detail === null) setNotice({ kind: 'elsewhere', theirs: detail })
      else {
        actions.show(baseOf(detail))
        setNotice({ kind: 'reloaded', atMs: detail.modifiedMs })
      }
    },
    [actions, isDirty],
  )

  return {
    initial: opened.state.content,
    base,
    /** The md5 that a publish demands: of the version the edit began from. */
    baseMd5: () => live.current.baseMd5,
    rest,
    notice,
    measured,
    saved,
    current,
    isDirty,
    touched,
    reconcile,
    ...actions,
  }
}
export type EditSession = ReturnType<typeof useEditSession>

/** Two timers: one that restarts with each change, one that does not, so that a draft is saved each second however long the typing goes on. */
function useSchedules(settle: () => void, save: () => void): (afterMs: number) => void {
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const saving = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(
    () => () => {
      clearTimeout(settling.current)
      clearTimeout(saving.current)
      saving.current = undefined
    },
    [],
  )
  return useCallback(
    (afterMs) => {
      clearTimeout(settling.current)
      settling.current = setTimeout(settle, afterMs)
      saving.current ??= setTimeout(() => {
        saving.current = undefined
        save()
      }, draftEveryMs)
    },
    [settle, save],
  )
}
