/** A value that can be copied: mono text with a button that shows on hover or focus and says what was copied. */

import { ActionIcon, Tooltip } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './copy-value.module.css'
import { toast } from './toast.tsx'

const checkShownMs = 1_200

/** Puts text on the clipboard and says so in a toast; also says when the system refuses. Resolves true if copied. */
export function useCopy(): (text: string, what: string) => Promise<boolean> {
  const { t } = useTranslation('frame')
  return async (text, what) => {
    try {
      await navigator.clipboard.writeText(text)
      toast.success({ message: t('toast.copied', { what }) })
      return true
    } catch {
      toast.error({ message: t('toast.copyFailed') })
      return false
    }
  }
}

/** The button alone: copies, says so, and shows a check for a moment. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation('frame')
  const copy = useCopy()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), checkShownMs)
    return () => clearTimeout(timer)
  }, [copied])
  const label = t('copy', { what })
  return (
    <Tooltip label={label}>
      <ActionIcon size={20} variant="subtle" color="gray" aria-label={label} onClick={async () => setCopied(await copy(value, what))}>
        {copied ? <Check size={12} /> : <Copy size={12} />}
      </ActionIcon>
    </Tooltip>
  )
}

export function CopyValue({ value, what }: { value: string; what: string }) {
  return (
    <span className={classes.value}>
      <span className={classes.button}>
        <CopyButton value={value} what={what} />
      </span>
      <span className="mono">{value}</span>
    </span>
  )
}
