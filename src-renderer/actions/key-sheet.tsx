/** The sheet of keys (`?`): what works everywhere and what works on this screen, from the action table. */

import { Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { KeyCaps } from '../components/key-caps.tsx'
import classes from './key-sheet.module.css'
import { useAction, useRunnable } from './registry.ts'
import { actionTable } from './table.ts'

export function KeySheet() {
  const { t } = useTranslation('frame')
  const [opened, { toggle, close }] = useDisclosure(false)
  const runnable = useRunnable()
  useAction('keySheet', toggle)
  const rows = actionTable.filter((row) => row.keys !== null && runnable(row.id))
  const parts = [
    [t('palette.groupScreen'), rows.filter((row) => row.group === 'screen')],
    [t('sheet.everywhere'), rows.filter((row) => row.group !== 'screen')],
  ] as const
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('sheet.title')}
      size={440}
      classNames={{ title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('sheet.close') }}
    >
      {parts.map(([title, list]) =>
        list.length === 0 ? null : (
          <section key={title}>
            <h3 className={classes.part}>{title}</h3>
            <dl className={classes.list}>
              {list.map((row) => (
                <div key={row.id} className={classes.row}>
                  <dt>{t(`action.${row.id}`)}</dt>
                  <dd>{row.keys === null ? null : <KeyCaps keys={row.keys} />}</dd>
                </div>
              ))}
            </dl>
          </section>
        ),
      )}
      <p className={classes.note}>{t('sheet.note')}</p>
    </Modal>
  )
}
