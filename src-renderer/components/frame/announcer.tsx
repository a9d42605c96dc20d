/** Tells screen readers who leads and how the cluster fares, at most once in two seconds; the newest word wins. */

import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClusterView } from '../../api/cluster.ts'
import { currentLanguage } from '../../i18n/i18n.ts'
import { nodeName } from '../format.ts'
import { headline } from '../headline.ts'

const quietMs = 2_000

export function Announcer() {
  const { t } = useTranslation('overview')
  const health = useTranslation('health').t
  const { view } = useClusterView()
  const [said, setSaid] = useState('')
  const wanted = useRef('')
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const leader =
    view === null || view.leaderId === null ? t('announce.noLeader') : t('announce.leader', { node: nodeName(view.leaderId), term: view.term ?? '' })
  const words = view === null ? '' : `${headline(view, health, currentLanguage()).title}. ${leader}.`
  useEffect(() => {
    wanted.current = words
    if (timer.current !== undefined || words === '') return
    setSaid(words)
    timer.current = setTimeout(() => {
      timer.current = undefined
      setSaid(wanted.current)
    }, quietMs)
  }, [words])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return (
    <div className="sr-only" aria-live="polite" role="status">
      {said}
    </div>
  )
}
