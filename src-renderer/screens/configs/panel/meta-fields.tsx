/** Description, app and tags: part of the edit, published with the next publish. Limits: Nacos' ParamUtils (reference nacos-http 3.3). */

import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigState } from '../publish/undo.ts'
import classes from './info-panel.module.css'

const maxDescriptionChars = 128
const maxAppChars = 128
const maxTags = 5
const maxTagChars = 64

const calm = { label: classes.label ?? '' }

const tagsOf = (text: string): readonly string[] =>
  text
    .split(/[,，]/)
    .map((tag) => tag.trim())
    .filter(Boolean)

export interface MetaFieldsProps {
  readonly rest: ConfigState
  readonly onChange: (part: Partial<Omit<ConfigState, 'content'>>) => void
}

export function MetaFields({ rest, onChange }: MetaFieldsProps) {
  const { t } = useTranslation('configs')
  const known = rest.tags.join(', ')
  const [typed, setTyped] = useState<string | null>(null)
  const tags = typed === null ? rest.tags : tagsOf(typed)
  const badTags = tags.length > maxTags || tags.some((tag) => tag.length > maxTagChars)
  return (
    <section className={classes.section}>
      <Textarea
        size="xs"
        label={t('info.description')}
        classNames={calm}
        placeholder={t('info.descriptionHint')}
        rows={2}
        maxLength={maxDescriptionChars}
        value={rest.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <TextInput
        label={t('info.appName')}
        classNames={calm}
        maxLength={maxAppChars}
        value={rest.appName}
        onChange={(event) => onChange({ appName: event.currentTarget.value })}
      />
      <TextInput
        label={t('info.tags')}
        classNames={calm}
        placeholder={t('info.tagsHint')}
        value={typed ?? known}
        error={badTags ? t('info.tagsTooMany') : null}
        onChange={(event) => {
          const next = event.currentTarget.value
          setTyped(next)
          const parsed = tagsOf(next)
          if (parsed.length <= maxTags && parsed.every((tag) => tag.length <= maxTagChars)) onChange({ tags: parsed })
        }}
        onBlur={() => setTyped(badTags ? typed : null)}
      />
    </section>
  )
}
