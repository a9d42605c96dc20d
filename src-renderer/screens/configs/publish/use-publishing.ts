/**
 * Publishing, step by step: review the diff, send on condition of the md5 the edit began from, show the result with undo; on a conflict lay both texts
 * side by side. Must never write over a version that the user has not seen, and never let go of the user's text.
 */

import { useCallback, useRef, useState } from 'react'
import type { ConfigDetail, ConfigKeyInput, Refusal } from '../../../../src-main/contract/index.ts'
import { useFetchConfig, usePublishConfig, useRemoveConfig } from '../../../api/configs.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { toast } from '../../../components/toast.tsx'
import { isChecked, utf8Bytes } from '../editor/sizes.ts'
import type { Base, EditSession } from '../editor/use-edit-session.ts'
import type { Problem } from '../lint/problem.ts'
import { validate } from '../lint/validate.ts'
import { type ConfigState, stateOf, type UndoStep, undoOfPublish } from './undo.ts'
import { useRefusalWords } from './use-refusal-words.ts'

export type PublishStep =
  | {
      readonly kind: 'review'
      readonly before: Base
      readonly state: ConfigState
      readonly problems: readonly Problem[] | null
      readonly bytes: number
      /** Of the publish that is reviewed: after an unknown outcome it may be sent again, and is written once. */
      readonly requestId: string
    }
  | { readonly kind: 'conflict'; readonly theirs: ConfigDetail | null; readonly mine: ConfigState }

export interface PublishResult {
  readonly nodeId: number
  /** null: nobody answered; a look afterwards found it written. */
  readonly tookMs: number | null
  readonly index: number | null
  readonly created: boolean
  readonly undo: UndoStep
  /** `done` and `failed` end the strip's Undo. */
  readonly phase: { readonly kind: 'offered' | 'running' | 'done' } | { readonly kind: 'failed'; readonly refusal: Refusal }
}

/** What a look at the published version said after an unknown outcome. */
export type Checked = 'former' | 'other' | null

interface PublishingInput {
  readonly configKey: ConfigKeyInput
  readonly node: number | null
  readonly session: EditSession
  readonly onChanged: () => void
}

const detailBase = (detail: ConfigDetail | null): Base => (detail === null ? null : { ...stateOf(detail), md5: detail.md5 })

export function usePublishing({ configKey, node, session, onChanged }: PublishingInput) {
  const wordsOf = useRefusalWords()
  const fetchConfig = useFetchConfig()
  const publishing = usePublishConfig()
  const removing = useRemoveConfig()
  const [step, setStep] = useState<PublishStep | null>(null)
  const [result, setResult] = useState<PublishResult | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [checked, setChecked] = useState<Checked>(null)
  const [sending, setSending] = useState(false)
  const busy = useRef(false)

  /** The newest version, from the leader if there is one; null = there is none. */
  const newest = async (): Promise<ConfigDetail | null> => {
    try {
      return await fetchConfig({ ...configKey, node })
    } catch (error) {
      if (refusalOf(error).code === 'not_found') return null
      throw error
    }
  }
  const forgetErrors = () => {
    setRefusal(null)
    setChecked(null)
  }
  const reviewOver = (before: Base, state: ConfigState) => {
    const bytes = utf8Bytes(state.content)
    forgetErrors()
    const problems = isChecked(state.type, bytes) ? validate(state.type, state.content) : null
    setStep({ kind: 'review', before, state, bytes, problems, requestId: crypto.randomUUID() })
  }
  const finish = (written: { nodeId: number; md5: string; tookMs: number | null; index: number | null }, before: Base, state: ConfigState) => {
    session.rebase({ ...state, md5: written.md5 })
    session.dismiss()
    setStep(null)
    setResult({
      nodeId: written.nodeId,
      tookMs: written.tookMs,
      index: written.index,
      created: before === null,
      undo: undoOfPublish(configKey, before === null ? null : stateOf(before), written.md5),
      phase: { kind: 'offered' },
    })
    onChanged()
  }
  const toConflict = async (mine: ConfigState) => {
    const theirs = await newest()
    forgetErrors()
    setStep({ kind: 'conflict', theirs, mine })
  }

  /** Sends what was reviewed through the node given (null: the leader). */
  const publish = async (through: number | null) => {
    if (step?.kind !== 'review' || busy.current) return
    busy.current = true
    setSending(true)
    forgetErrors()
    const { before, state, requestId } = step
    try {
      const { tags, ...others } = state
      const demands = { expectedMd5: before?.md5 ?? '', requestId }
      const written = await publishing.mutateAsync({ ...configKey, ...others, tags: [...tags], node: through, ...demands })
      finish(written, before, state)
    } catch (error) {
      const said = refusalOf(error)
      if (said.code === 'cas_conflict') await toConflict(state).catch((other: unknown) => setRefusal(refusalOf(other)))
      else setRefusal(said)
    } finally {
      busy.current = false
      setSending(false)
    }
  }

  /** After an unknown outcome: looks at what is published. If it is ours, the publish is taken as done. */
  const check = async () => {
    if (step?.kind !== 'review') return
    try {
      const now = await newest()
      if (now?.content === step.state.content && now.type === step.state.type) {
        finish({ nodeId: now.nodeId, md5: now.md5, tookMs: null, index: null }, step.before, step.state)
        return
      }
      setChecked((now?.md5 ?? '') === (step.before?.md5 ?? '') ? 'former' : 'other')
    } catch (error) {
      setRefusal(refusalOf(error))
    }
  }

  const undo = async () => {
    if (!result || result.phase.kind === 'running') return
    setResult({ ...result, phase: { kind: 'running' } })
    try {
      const next = await carryOut(result.undo, node, publishing.mutateAsync, removing.mutateAsync)
      session.rebase(next)
      setResult({ ...result, phase: { kind: 'done' } })
      onChanged()
    } catch (error) {
      setResult({ ...result, phase: { kind: 'failed', refusal: refusalOf(error) } })
    }
  }

  return {
    step,
    result,
    refusal,
    checked,
    sending,
    /** Opens the diff against the version the edit stands on. If a newer one is known by its md5, both texts are shown first. */
    review: useLatest(() => {
      const state = session.current()
      const known = session.base
      const stale = session.baseMd5() !== (known?.md5 ?? '')
      if (session.notice?.kind === 'elsewhere') setStep({ kind: 'conflict', theirs: session.notice.theirs, mine: state })
      else if (stale)
        void toConflict(state).catch((error: unknown) => {
          const refusal = refusalOf(error)
          toast.error({ message: wordsOf(refusal).cause, detail: `${refusal.code}: ${refusal.detail}` })
        })
      else reviewOver(known, state)
    }),
    publish,
    check,
    undo,
    conflictWith: (theirs: ConfigDetail | null) => setStep({ kind: 'conflict', theirs, mine: session.current() }),
    takeTheirs: (): Base => {
      const theirs = step?.kind === 'conflict' ? detailBase(step.theirs) : session.base
      session.show(theirs)
      setStep(null)
      return theirs
    },
    keepMine: (content: string) => {
      if (step?.kind !== 'conflict') return
      const theirs = detailBase(step.theirs)
      session.showText(content, theirs)
      reviewOver(theirs, { ...step.mine, content })
    },
    merge: (content: string) => {
      if (step?.kind !== 'conflict') return
      session.showText(content, detailBase(step.theirs))
      setStep(null)
    },
    close: () => {
      setStep(null)
      forgetErrors()
    },
    forget: useCallback(() => setResult((before) => (before?.phase.kind === 'running' ? before : null)), []),
  }
}

type Publish = ReturnType<typeof usePublishConfig>['mutateAsync']
type Remove = ReturnType<typeof useRemoveConfig>['mutateAsync']

async function carryOut(step: UndoStep, node: number | null, publish: Publish, remove: Remove): Promise<Base> {
  if (step.kind === 'remove') {
    await remove({ ...step.key, node, expectedMd5: step.expectedMd5 })
    return null
  }
  const written = await publish({ ...step.key, ...step.state, tags: [...step.state.tags], node, expectedMd5: step.expectedMd5 })
  return { ...step.state, md5: written.md5 }
}

/** A function that stays the same and does what the newest render meant. */
function useLatest(act: () => void): () => void {
  const latest = useRef(act)
  latest.current = act
  return useCallback(() => latest.current(), [])
}
