/** The fields that name a shared database and a login. Shows faults only after somebody tried. */

import { Checkbox, PasswordInput, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FieldName, MysqlFields as Fields } from '../../../components/mysql-url.ts'
import classes from './storage-form.module.css'

export interface MysqlFieldsProps {
  readonly fields: Fields
  readonly onField: (name: FieldName, value: string) => void
  readonly faults: ReadonlySet<FieldName>
  readonly password: string
  readonly onPassword: (value: string) => void
  /** One is known for this user and these addresses: the field may stay empty. */
  readonly passwordKnown: boolean
  readonly keep: boolean
  readonly onKeep: (keep: boolean) => void
}

export function MysqlFields({ fields, onField, faults, ...props }: MysqlFieldsProps) {
  const { t } = useTranslation('storage')
  const field = (name: FieldName) => ({
    label: t(`form.${name}`),
    value: fields[name],
    onChange: (event: { currentTarget: { value: string } }) => onField(name, event.currentTarget.value),
    error: faults.has(name) ? t(`form.problem.${name}`) : null,
    spellCheck: false,
    autoComplete: 'off',
    name: `mysql-${name}`,
  })
  return (
    <div className={classes.fields}>
      <div className={classes.pair}>
        <TextInput {...field('host')} data-autofocus />
        <TextInput {...field('port')} inputMode="numeric" />
      </div>
      <div className={classes.halves}>
        <TextInput {...field('user')} />
        <PasswordInput
          size="xs"
          label={t('form.password')}
          value={props.password}
          onChange={(event) => props.onPassword(event.currentTarget.value)}
          placeholder={props.passwordKnown ? t('form.passwordAsBefore') : ''}
          autoComplete="new-password"
          name="mysql-password"
        />
      </div>
      <TextInput {...field('database')} />
      <TextInput {...field('more')} description={t('form.moreHint')} />
      <Checkbox
        size="xs"
        label={t('form.keep')}
        description={t('form.keepHint', { file: 'mysql-password.json' })}
        checked={props.keep}
        onChange={(event) => props.onKeep(event.currentTarget.checked)}
      />
    </div>
  )
}
