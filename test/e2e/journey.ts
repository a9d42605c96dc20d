/**
 * The journey of issue "one command, three real nodes" over a Playwright page, the same for Chromium and for Electron: a configuration is
 * made, its diff shown, published; each node has it; the leader is killed from the window; the new one appears; the log finds its election.
 */

import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { raftState, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const screenLimitMs = 20_000
const electionLimitMs = 10_000

export const heading = (page: Page): Locator => page.getByRole('heading', { level: 1 })

/** The window shows three nodes, one of them leader, and the true sentence. */
export const seesAllServe = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: /^(Overview|总览)/ }).click()
  await heading(page)
    .filter({ hasText: /All three nodes serve/ })
    .waitFor({ timeout: screenLimitMs })
}

export const content = 'server:\n  port: 8080\n  name: 旅程 🚀\n'

/** Makes, shows the diff of, and publishes `dataId`; leaves the editor open. */
export const publishesNew = async (page: Page, dataId: string): Promise<void> => {
  await page.getByRole('button', { name: 'New config' }).first().click()
  const form = page.getByRole('dialog', { name: 'New configuration' })
  await form.getByLabel('dataId').fill(dataId)
  await form.getByRole('button', { name: 'Open the editor' }).click()
  const editor = page.getByRole('textbox', { name: `Content of ${dataId}` })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(content)
  await page.keyboard.press('ControlOrMeta+s')
  const dialog = page.getByRole('dialog', { name: new RegExp(`Publish ${dataId}`) })
  await dialog.getByText('port: 8080').first().waitFor({ timeout: screenLimitMs })
  // The focus is in the dialog: keys must not go to the editor behind.
  await dialog.locator('button:focus', { hasText: /^Publish / }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText(/Committed at index/).waitFor({ timeout: screenLimitMs })
}

export const eachNodeHas = async (bases: readonly string[], dataId: string): Promise<void> => {
  for (const base of bases) {
    const answer = await waitUntil(`${base} to have ${dataId}`, async () => {
      const found = await read(base, { dataId })
      return found.status === 200 ? found : null
    })
    expect(answer.text).toBe(content)
  }
}

/** Kills the leader by the button and waits until the window names another one. Returns the new term. */
export const killsLeader = async (page: Page, bases: readonly string[]): Promise<{ readonly leaderId: number; readonly term: number }> => {
  await seesAllServe(page)
  const before = await raftState(bases[0] ?? '')
  await page.getByRole('button', { name: 'Kill leader' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Kill / })
    .click()
  const survivors = bases.filter((_, at) => at + 1 !== before.leaderId)
  const after = await waitUntil(
    'another leader',
    async () => {
      const state = await raftState(survivors[0] ?? '')
      return state.leaderId !== null && state.leaderId !== before.leaderId && state.term > before.term ? state : null
    },
    electionLimitMs,
  )
  const leaderId = after.leaderId ?? 0
  await page
    .getByText(new RegExp(`node-${leaderId} · term ${after.term}`))
    .first()
    .waitFor({ timeout: electionLimitMs })
  await seesAllServe(page)
  return { leaderId, term: after.term }
}

/** Searches the merged log for the election of `term` and sees its line. */
export const findsElection = async (page: Page, { leaderId, term }: { readonly leaderId: number; readonly term: number }): Promise<void> => {
  await page.getByRole('link', { name: /^Logs/ }).click()
  const text = `node-${leaderId} became leader of term ${term}`
  await page.getByRole('textbox', { name: 'Search in the log' }).fill(text)
  await page.getByRole('log').getByText(text).first().waitFor({ timeout: screenLimitMs })
}
