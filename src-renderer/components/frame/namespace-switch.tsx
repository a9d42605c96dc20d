/** The namespace in use, by name, and the way to the configurations of another. */

import { Menu, UnstyledButton } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNamespaceNames } from '../../api/namespaces.ts'
import { formatNumber } from '../format.ts'
import { addressOf, useNamespaceInUse } from '../namespace-in-use.ts'
import classes from './header.module.css'

/** More are found on their own screen. */
const shownMax = 50

export function NamespaceSwitch() {
  const { t } = useTranslation('frame')
  const navigate = useNavigate()
  const { id } = useNamespaceInUse()
  const [opened, setOpened] = useState(false)
  // The default one has a name that everybody knows.
  const all = useNamespaceNames(opened || id !== '').data?.namespaces ?? []
  const name = all.find((each) => each.id === id)?.name ?? (id === '' ? 'public' : id)
  const more = all.length - shownMax
  return (
    <Menu position="bottom-start" width={240} opened={opened} onChange={setOpened} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton className={`${classes.pill} ${classes.switch}`} title={t('header.namespace')}>
          <span className={classes.quiet}>{t('header.namespace')}</span> <span className={classes.namespace}>{name}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={classes.namespaces ?? ''}>
        {all.slice(0, shownMax).map((each) => (
          <Menu.Item
            key={each.id}
            aria-current={each.id === id}
            className={classes.choice ?? ''}
            onClick={() => void navigate({ to: '/configs', search: addressOf(each.id) })}
          >
            {each.name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => void navigate({ to: '/namespaces' })}>
          {more > 0 ? t('header.moreNamespaces', { n: formatNumber(more) }) : t('header.manageNamespaces')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
