/** Namespaces, users and the auth switch as people use them, over a Playwright page, and what a node says of it afterwards. */

import type { Page } from 'playwright-core'
import { send } from '../support/http.ts'
import { configsPath } from '../support/nacos.ts'

const screenLimitMs = 20_000

/** HTTP status of a read of `DEFAULT_GROUP`, with these parameters. */
export const statusOf = async (base: string, fields: Readonly<Record<string, string>>): Promise<number> =>
  (await send(base, { path: `${configsPath}?${new URLSearchParams({ group: 'DEFAULT_GROUP', ...fields })}` })).status

export const namespaceIds = async (base: string): Promise<readonly string[]> => {
  const { text } = await send(base, { path: '/nacos/v1/console/namespaces' })
  return (JSON.parse(text) as { data: { namespace: string }[] }).data.map(({ namespace }) => namespace)
}

/** By keyboard alone; its name is its ID. */
export const makesNamespace = async (page: Page, id: string): Promise<void> => {
  await page.locator('body').press('g')
  await page.keyboard.press('p')
  await page.getByRole('button', { name: 'New namespace' }).focus()
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'New namespace' })
  await form.getByLabel('Name', { exact: true }).and(page.locator(':focus')).waitFor({ timeout: screenLimitMs })
  await page.keyboard.type(id)
  await page.keyboard.press('Tab')
  await page.keyboard.type(id)
  await page.keyboard.press('Enter')
  await page.getByRole('rowheader', { name: id, exact: true }).waitFor({ timeout: screenLimitMs })
}

export const deletesNamespace = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name: `Delete ${name}` }).click()
  await page.getByRole('dialog').getByLabel(`Type ${name} to delete it`).fill(name)
  await page.keyboard.press('Enter')
  await page.getByText(`${name} is deleted`).waitFor({ timeout: screenLimitMs })
}

/** Returns the password that a node made up. */
export const makesAdministrator = async (page: Page): Promise<string> => {
  await page.getByRole('link', { name: 'Auth is off' }).click()
  await page.getByRole('button', { name: 'Make the administrator' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make the administrator' }).click()
  const made = page.getByRole('dialog', { name: 'The administrator is made' })
  const password = await made.locator('dd .mono').nth(1).textContent({ timeout: screenLimitMs })
  await made.getByRole('button', { name: 'Done' }).click()
  return password ?? ''
}

interface NewUser {
  readonly name: string
  readonly password: string
  readonly role: string
  /** All of which the role may read and write. */
  readonly namespace: string
}

/** By keyboard where a toast may lie over a button for a while. */
export const makesUser = async (page: Page, { name, password, role, namespace }: NewUser): Promise<void> => {
  await page.getByRole('button', { name: 'New user' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'New user' })
  await form.getByLabel('User name').fill(name)
  await form.getByLabel('Password', { exact: true }).fill(password)
  await form.getByLabel('Password again').fill(password)
  await form.getByRole('button', { name: 'Create user' }).click()
  await page.getByRole('button', { name: `Give a role: ${name}` }).press('Enter')
  await page.getByRole('dialog').locator('input').fill(role)
  await page.getByRole('dialog').getByRole('button', { name: 'Give role' }).click()
  await page.getByRole('button', { name: `Add permission: ${role}` }).press('Enter')
  const permission = page.getByRole('dialog', { name: `What ${role} may` })
  await permission.locator('input').first().click()
  await page.getByRole('option', { name: namespace, exact: true }).click()
  await permission.getByRole('button', { name: 'Add permission' }).click()
  await page.getByRole('button', { name: new RegExp(`Take “read and write ${namespace}:`) }).waitFor({ timeout: screenLimitMs })
}

/** Done once the badge says so. */
export const turnsAuth = async (page: Page, to: 'on' | 'off'): Promise<void> => {
  await page.getByRole('button', { name: `Turn auth ${to}` }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Turn auth ${to}` })
    .click()
  await page.getByRole('link', { name: 'Auth is off' }).waitFor({ state: to === 'on' ? 'hidden' : 'visible', timeout: screenLimitMs })
}
