/** How to read this configuration from a program, with the address of a node that runs now. */

import { ActionIcon, Select, Tooltip } from '@mantine/core'
import { Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import { useClusterView } from '../../../api/cluster.ts'
import { useCopy } from '../../../components/copy-value.tsx'
import classes from './info-panel.module.css'
import { type SnippetLanguage, snippet, snippetLanguages } from './snippets.ts'

export function SnippetBox({ configKey }: { configKey: ConfigKeyInput }) {
  const { t } = useTranslation('configs')
  const { view } = useClusterView()
  const copy = useCopy()
  const [language, setLanguage] = useState<SnippetLanguage>('curl')
  const address = view?.nodes.find((node) => node.process === 'running')?.http ?? view?.nodes[0]?.http
  if (address === undefined) return null
  const text = snippet(language, { ...configKey, address })
  return (
    <section className={classes.section}>
      <div className={classes.useHead}>
        <h3 className={classes.heading}>{t('info.use')}</h3>
        <Select
          aria-label={t('info.use')}
          data={[...snippetLanguages]}
          value={language}
          allowDeselect={false}
          w={92}
          comboboxProps={{ position: 'top-end' }}
          onChange={(value) => setLanguage(snippetLanguages.find((one) => one === value) ?? 'curl')}
        />
        <Tooltip label={t('info.copy')}>
          <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('info.copy')} onClick={() => void copy(text, t('info.snippet'))}>
            <Copy size={13} />
          </ActionIcon>
        </Tooltip>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
      <pre className={classes.code} tabIndex={0}>
        {text}
      </pre>
    </section>
  )
}
