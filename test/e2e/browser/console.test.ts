/** The console in a real Chromium against headless mode. */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import { deletesNamespace, makesAdministrator, makesNamespace, makesUser, namespaceIds, statusOf, turnsAuth } from '../access.ts'
import { violationsOf } from '../accessibility.ts'
import { startChromium } from '../chromium.ts'
import { eachNodeHas, findsElection, killsLeader, publishesNew, seesAllServe } from '../journey.ts'
import { pictureOfFailure, takePictures } from '../looks.ts'
import { allScriptsMaxBytes, firstScriptsMaxBytes, scriptSizes } from '../script-sizes.ts'

const dataId = 'journey.yaml'

describe('the console in Chromium', () => {
  let cluster: HeadlessCluster
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const outside: string[] = []

  beforeAll(async () => {
    cluster = await startHeadless()
    browser = await startChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    const origin = new URL(cluster.ready.console ?? '').origin
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) outside.push(request.url())
    })
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  beforeEach(({ task, onTestFailed }) => onTestFailed(() => pictureOfFailure(page, task.name)))

  it('asks for a code when it has none, and shows no node', async () => {
    const stranger = await browser.newPage({ locale: 'en-US' })
    await stranger.goto(cluster.ready.console ?? '')
    await stranger.getByRole('heading', { name: 'This console needs a code' }).waitFor()
    expect(await stranger.getByText('node-1').count()).toBe(0)
    await stranger.close()
  })

  it('opens with the code of the ready line and keeps it out of the address', async () => {
    await page.goto(`${cluster.ready.console}/#code=${cluster.ready.consoleCode}`)
    await seesAllServe(page)
    expect(page.url()).not.toContain(cluster.ready.consoleCode)
  })

  it('makes a configuration, shows its diff, publishes it, and each node has it', async () => {
    await publishesNew(page, dataId)
    await eachNodeHas(cluster.bases, dataId)
  })

  it('deletes it, and one press brings it back', async () => {
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByText(`${dataId} is deleted`).waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByText(`${dataId} is back, as it was`).waitFor()
    await eachNodeHas(cluster.bases, dataId)
  })

  it('makes a namespace by keyboard, deletes it once its name was typed, and one press brings it back', async () => {
    await makesNamespace(page, 'dev')
    await deletesNamespace(page, 'dev')
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByText('dev is back, with its ID').waitFor()
    expect(await namespaceIds(cluster.bases[2] ?? '')).toContain('dev')
  })

  it('makes the administrator, a user and what it may, and has every node ask who a caller is', async () => {
    const password = await makesAdministrator(page)
    await makesUser(page, { name: 'ann', password: 'geheim', role: 'dev', namespace: 'dev' })
    await turnsAuth(page, 'on')
    for (const base of cluster.bases) expect(await statusOf(base, { dataId })).toBe(403)
    const [first = ''] = cluster.bases
    const ann = { username: 'ann', password: 'geheim' }
    expect(await statusOf(first, { dataId, username: 'nacos', password })).toBe(200)
    expect(await statusOf(first, { dataId, ...ann })).toBe(403)
    expect(await statusOf(first, { dataId, tenant: 'dev', ...ann })).toBe(404)
    await turnsAuth(page, 'off')
    await eachNodeHas(cluster.bases, dataId)
  })

  it('kills the leader from the window, shows the new one, and the log finds its election', async () => {
    await findsElection(page, await killsLeader(page, cluster.bases))
  })

  it('looks the same in both themes and languages, and is accessible in each', async () => {
    const found: string[] = []
    const taken = await takePictures({
      page,
      shell: 'browser',
      dataId,
      onScreen: async (name) => void found.push(...(await violationsOf(page)).map((violation) => `${name}: ${violation}`)),
    })
    expect(taken).toHaveLength(28)
    expect(found).toEqual([])
  })

  it('comes in scripts of the size that they may have', () => {
    const { firstBytes, allBytes } = scriptSizes()
    expect(firstBytes).toBeLessThan(firstScriptsMaxBytes)
    expect(allBytes).toBeLessThan(allScriptsMaxBytes)
  })

  it('keeps the session over a reload', async () => {
    await page.reload()
    await seesAllServe(page)
  })

  it('never complained in the browser’s console and never asked anybody else', () => {
    expect(complaints).toEqual([])
    expect(outside).toEqual([])
  })
})
