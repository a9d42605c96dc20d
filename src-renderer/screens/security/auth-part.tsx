/** Whether callers are asked who they are: what that means now and would mean otherwise, the switch, and the administrator it needs. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { administratorRole } from '../../../src-main/contract/index.ts'
import { useAccountOrders } from '../../api/accounts.ts'
import { refusalOf } from '../../api/refusal.ts'
import { Callout } from '../../components/callout.tsx'
import { confirm } from '../../components/confirm.tsx'
import { Facts, Section } from '../../components/section.tsx'
import { toast } from '../../components/toast.tsx'

/** Asks, switches, says so, and switches back on demand. */
export function useAuthSwitch(): (on: boolean) => Promise<void> {
  const { t } = useTranslation('security')
  const frame = useTranslation('frame').t
  const { askCallers } = useAccountOrders()
  return async (on) => {
    const words = on
      ? { title: t('onTitle'), effect: t('onEffect'), action: t('onDo') }
      : { title: t('offTitle'), effect: t('offEffect'), action: t('offDo') }
    if (!(await confirm({ ...words, danger: !on }))) return
    try {
      await askCallers.mutateAsync({ on })
      const undo = () => askCallers.mutateAsync({ on: !on })
      toast.success({ message: t(on ? 'isOn' : 'isOff'), topic: 'auth', undo, undone: t(on ? 'isOff' : 'isOn') })
    } catch (error) {
      const { code, detail } = refusalOf(error)
      toast.error({ message: `${t('switchFailed')}. ${frame(`refusal.${code}`)}`, detail: `${code}: ${detail}`, topic: 'auth' })
    }
  }
}

export function NoAdministrator({ authOn, onMake }: { authOn: boolean; onMake: () => void }) {
  const { t } = useTranslation('security')
  return (
    <Callout
      tone={authOn ? 'bad' : 'warn'}
      title={t('administrator.none')}
      actions={
        <Button variant="default" onClick={onMake}>
          {t('administrator.make')}
        </Button>
      }
    >
      {t(authOn ? 'administrator.noneOn' : 'administrator.noneOff')}
    </Callout>
  )
}

export function AuthPart({ authOn }: { authOn: boolean }) {
  const { t } = useTranslation('security')
  return (
    <Section title={t('auth.title')} lead={t('auth.lead')}>
      <Facts
        rows={[
          {
            name: t('auth.who'),
            value: authOn ? t('auth.whoOn', { role: administratorRole }) : t('auth.whoOff'),
            ...(authOn ? {} : { tone: 'warn' as const }),
          },
          { name: t('auth.clients'), value: t(authOn ? 'auth.clientsOn' : 'auth.clientsOff') },
          { name: t('auth.console'), value: t('auth.consoleBoth') },
          { name: t('auth.kept'), value: t('auth.keptBoth', { file: 'auth.json' }) },
        ]}
      />
    </Section>
  )
}
