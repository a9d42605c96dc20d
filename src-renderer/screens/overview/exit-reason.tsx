/** Why a node is down, in a sentence, and when it comes back. */

import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NodeView } from '../../../src-main/contract/index.ts'
import { formatWhen } from '../../components/format.ts'

export function ExitReason({ node, nowMs }: { node: NodeView; nowMs: number }) {
  const { t } = useTranslation('overview')
  const exit = node.lastExit
  if (exit === null) return <span>{t('neverStarted')}</span>
  const values = { time: formatWhen(exit.atMs, nowMs), signal: exit.signal ?? '?', code: exit.code ?? '?' }
  return <span title={exit.reason}>{t(`exit.${exit.kind}`, values)}</span>
}

const tickMs = 100

/** Or what it waits for. Counts down by this window's clock from the moment the view came, so that two clocks need not agree. */
export function RestartCountdown({ node, nowMs }: { node: NodeView; nowMs: number }) {
  const { t } = useTranslation('overview')
  const waitMs = node.restartAtMs === null ? 0 : node.restartAtMs - nowMs
  const [leftMs, setLeftMs] = useState(waitMs)
  useEffect(() => {
    const endMs = performance.now() + waitMs
    setLeftMs(waitMs)
    const timer = setInterval(() => setLeftMs(endMs - performance.now()), tickMs)
    return () => clearInterval(timer)
  }, [waitMs])
  if (node.restartAtMs === null) return <span>{t('waitsForRoom')}</span>
  return <span>{leftMs > 0 ? t('restartsIn', { seconds: (Math.ceil(leftMs / tickMs) / 10).toFixed(1) }) : t('restartsNow')}</span>
}
