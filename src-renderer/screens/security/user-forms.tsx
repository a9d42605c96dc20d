/** The two forms that take a password: for a new user, and a new one for a user who is there. */

import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DialogForm } from '../../components/dialog-form.tsx'
import { useAttempts } from '../../components/use-attempts.ts'
import { type AccountFault, passwordFault, repeatFault, userFault } from './account-rules.ts'

/** An empty field is no fault before somebody pressed the button; nor is a repetition that is still being typed. */
function useFaultWords() {
  const { t } = useTranslation('security')
  const [tried, setTried] = useState(false)
  const words = (fault: AccountFault | null): string | null => {
    if (fault === null || (!tried && (fault.kind === 'empty' || fault.kind === 'differs'))) return null
    return t(`userForm.fault.${fault.kind}`, { max: fault.max })
  }
  return { words, tried: () => setTried(true) }
}

function usePasswords() {
  const [password, setPassword] = useState('')
  const [repeat, setRepeat] = useState('')
  return { password, setPassword, repeat, setRepeat, faults: { password: passwordFault(password), repeat: repeatFault(password, repeat) } }
}

interface PasswordsProps {
  readonly passwords: ReturnType<typeof usePasswords>
  readonly words: (fault: AccountFault | null) => string | null
  readonly first?: boolean
}

function Passwords({ passwords, words, first = false }: PasswordsProps) {
  const { t } = useTranslation('security')
  const { password, setPassword, repeat, setRepeat, faults } = passwords
  return (
    <>
      <PasswordInput
        size="xs"
        data-autofocus={first || undefined}
        label={t('userForm.password')}
        value={password}
        error={words(faults.password)}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
      />
      <PasswordInput
        size="xs"
        label={t('userForm.repeat')}
        value={repeat}
        error={words(faults.repeat)}
        onChange={(event) => setRepeat(event.currentTarget.value)}
        autoComplete="new-password"
      />
    </>
  )
}

export interface UserFormProps {
  readonly taken: ReadonlySet<string>
  /** Rejects with a refusal. */
  readonly onCreate: (name: string, password: string) => Promise<void>
  readonly onClose: () => void
}

export function UserForm({ taken, onCreate, onClose }: UserFormProps) {
  const { t } = useTranslation('security')
  const [name, setName] = useState('')
  const passwords = usePasswords()
  const { words, tried } = useFaultWords()
  const attempts = useAttempts()
  const fault = userFault(name, taken)
  const submit = async () => {
    tried()
    if (fault !== null || passwords.faults.password !== null || passwords.faults.repeat !== null) return
    if (await attempts.attempt(() => onCreate(name, passwords.password))) onClose()
  }
  return (
    <DialogForm
      title={t('userForm.title')}
      action={t('userForm.action')}
      failed={t('userForm.failed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextInput
        data-autofocus
        label={t('userForm.name')}
        value={name}
        error={words(fault)}
        onChange={(event) => setName(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
      />
      <Passwords {...{ passwords, words }} />
    </DialogForm>
  )
}

export interface PasswordFormProps {
  readonly name: string
  /** Rejects with a refusal. */
  readonly onSet: (password: string) => Promise<void>
  readonly onClose: () => void
}

export function PasswordForm({ name, onSet, onClose }: PasswordFormProps) {
  const { t } = useTranslation('security')
  const passwords = usePasswords()
  const { words, tried } = useFaultWords()
  const attempts = useAttempts()
  const submit = async () => {
    tried()
    if (passwords.faults.password !== null || passwords.faults.repeat !== null) return
    if (await attempts.attempt(() => onSet(passwords.password))) onClose()
  }
  return (
    <DialogForm
      title={t('passwordForm.title', { name })}
      words={t('passwordForm.words')}
      action={t('passwordForm.action')}
      failed={t('passwordForm.failed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Passwords {...{ passwords, words }} first />
    </DialogForm>
  )
}
