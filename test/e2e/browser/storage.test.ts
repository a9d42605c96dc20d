/** The storage screen in a real Chromium, a real headless cluster and a MariaDB of the test's own: from SQLite to a shared database, by keyboard. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findMariadb } from '../../runner/tools.ts'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import { type Mariadb, startMariadb } from '../../support/mariadb.ts'
import { publish, raftState, read, refusalOf, remove } from '../../support/nacos.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { violationsOf } from '../accessibility.ts'
import { startChromium } from '../chromium.ts'
import { heading } from '../journey.ts'
import { pictureOfFailure } from '../looks.ts'

const screenLimitMs = 20_000
const password = 'secret'

describe.skipIf('missing' in findMariadb())('the storage screen in Chromium', () => {
  let database: Mariadb
  let cluster: HeadlessCluster
  let browser: Browser
  let page: Page
  let name = ''
  let dataDir = ''
  const complaints: string[] = []

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nacos-trio-storage-'))
    database = await startMariadb()
    name = await database.database()
    cluster = await startHeadless({ data: dataDir })
    browser = await startChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`${cluster.ready.console}/#code=${cluster.ready.consoleCode}`)
    await page.getByRole('link', { name: /^Storage/ }).click()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
    await database?.remove()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  beforeEach(({ task, onTestFailed }) => onTestFailed(() => pictureOfFailure(page, task.name)))

  const form = (): Locator => page.getByRole('dialog', { name: 'Where configurations are kept' })
  const fill = async (values: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(values)) await form().getByLabel(label, { exact: true }).fill(value)
  }
  /** By keyboard: Enter in a field. Gives the states of the steps, in their order. */
  const test = async (verdict: string): Promise<(string | null)[]> => {
    await form().getByLabel('Database', { exact: true }).press('Enter')
    await form().getByText(verdict, { exact: true }).waitFor({ timeout: screenLimitMs })
    return form()
      .locator('[data-step]')
      .evaluateAll((steps) => steps.map((step) => step.getAttribute('data-state')))
  }
  const skipped = (count: number): string[] => Array.from({ length: count }, () => 'skipped')
  const failedStep = (): Locator => form().locator('[data-state=failed]')
  const use = (): Locator => form().getByRole('button', { name: 'Restart with MySQL' })

  it('a wrong port: nothing listens there', async () => {
    await page.getByRole('button', { name: 'Use a MySQL' }).click()
    await fill({ Host: '127.0.0.1', Port: '1', User: 'trio', Password: password, Database: name })
    expect(await test('It does not work yet: Port.')).toEqual(['passed', 'failed', ...skipped(7)])
    expect(await failedStep().textContent()).toContain('Nothing listens at 127.0.0.1:1. Start MySQL there, or correct the port.')
    expect(await use().isDisabled()).toBe(true)
  })

  it('a wrong password', async () => {
    await fill({ Port: String(database.port), Password: 'wrong' })
    expect(await test('It does not work yet: Login.')).toEqual(['passed', 'passed', 'failed', ...skipped(6)])
    expect(await failedStep().textContent()).toContain('MySQL does not let trio in')
  })

  it('a database that is not there', async () => {
    await database.sql(`CREATE USER sees_all@'%' IDENTIFIED BY '${password}'; GRANT ALL ON *.* TO sees_all@'%'`)
    await fill({ User: 'sees_all', Password: password, Database: 'nowhere' })
    expect(await test('It does not work yet: Database.')).toEqual(['passed', 'passed', 'passed', 'failed', ...skipped(5)])
    expect(await failedStep().textContent()).toContain('CREATE DATABASE nowhere')
    expect(await violationsOf(page)).toEqual([])
  })

  it('everything moves into another one and back, by a form that looks first', async () => {
    const other = await database.database()
    expect((await publish(cluster.bases[0] ?? '', { dataId: 'moved' }, 'along')).status).toBe(200)
    await page.keyboard.press('Escape')
    await form().waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Move everything…' }).click()
    const into = page.getByRole('dialog', { name: 'Move everything into a MySQL' })
    const values = { Host: '127.0.0.1', Port: String(database.port), User: 'trio', Password: password, Database: other }
    for (const [label, value] of Object.entries(values)) await into.getByLabel(label, { exact: true }).fill(value)
    await into.getByLabel('Database', { exact: true }).press('Enter')
    await into.getByText('2 rows would be written').waitFor({ timeout: screenLimitMs })
    expect(await violationsOf(page)).toEqual([])
    await into.getByRole('button', { name: 'Move into MySQL' }).click()
    await page.getByRole('dialog', { name: 'Move everything into MySQL?' }).getByRole('button', { name: 'Move into MySQL' }).click()
    await into.getByText('Both sides are alike').waitFor({ timeout: screenLimitMs })
    expect(await database.sql('SELECT content FROM config_info', other)).toMatchObject([{ content: 'along' }])
    expect(await violationsOf(page)).toEqual([])
    // The focus stands on the button that closes it.
    await page.keyboard.press('Enter')
    await into.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Move everything…' }).click()
    const back = page.getByRole('dialog', { name: 'Move everything back to SQLite' })
    await back.getByRole('button', { name: 'Look first' }).click()
    await back.getByText('nothing would be left behind').waitFor({ timeout: screenLimitMs })
    await back.getByRole('button', { name: 'Move to SQLite' }).click()
    await page.getByRole('dialog', { name: 'Move everything to SQLite?' }).getByRole('button', { name: 'Move to SQLite' }).click()
    await back.getByText('Everything is in SQLite').waitFor({ timeout: screenLimitMs })
    await page.keyboard.press('Enter')
    await back.waitFor({ state: 'hidden' })
    expect(await raftState(cluster.bases[0] ?? '')).toMatchObject({ storage: { kind: 'sqlite' } })
    expect((await remove(cluster.bases[0] ?? '', { dataId: 'moved' })).status).toBe(200)
  }, 90_000)

  it('a good one: the nodes start with it, and each configuration goes there, the old ones too', async () => {
    expect((await publish(cluster.bases[0] ?? '', { dataId: 'old' }, 'before')).status).toBe(200)
    await page.getByRole('button', { name: 'Use a MySQL' }).click()
    await fill({ Host: '127.0.0.1', Port: String(database.port), User: 'trio', Password: password, Database: name })
    expect(new Set(await test('This database can be used.'))).toEqual(new Set(['passed']))
    await use().click()
    await page.getByRole('dialog', { name: 'Restart with MySQL?' }).getByRole('button', { name: 'Restart with MySQL' }).click()
    await heading(page).filter({ hasText: 'Every configuration is in MySQL too' }).waitFor({ timeout: screenLimitMs })
    await form().waitFor({ state: 'hidden' })
    expect(await raftState(cluster.bases[0] ?? '')).toMatchObject({ storage: { kind: 'mysql' } })
    expect((await publish(cluster.bases[1] ?? '', { dataId: 'new' }, 'after')).status).toBe(200)
    const rows = await database.sql('SELECT data_id FROM config_info ORDER BY data_id', name)
    expect(rows.map((row) => String(row.data_id))).toEqual(['new', 'old'])
    expect(await violationsOf(page)).toEqual([])
  })

  it('MySQL goes away: the screen says since when, why, and what goes on; and that it is back', async () => {
    await database.stop('SIGKILL')
    await heading(page).filter({ hasText: 'MySQL is away: configuration writes are refused' }).waitFor({ timeout: screenLimitMs })
    await page.getByText(`Nothing listens at 127.0.0.1:${database.port}.`).waitFor({ timeout: screenLimitMs })
    expect(refusalOf(await publish(cluster.bases[1] ?? '', { dataId: 'new' }, 'refused'))).toBe('storage_unavailable')
    expect((await read(cluster.bases[2] ?? '', { dataId: 'old' })).text).toBe('before')
    expect(await violationsOf(page)).toEqual([])
    await database.start()
    await heading(page).filter({ hasText: 'Every configuration is in MySQL too' }).waitFor({ timeout: screenLimitMs })
  })

  it('the password stands in its own file, and in no log, setting or address', async () => {
    const file = (path: string): string => readFileSync(join(dataDir, path), 'utf8')
    expect(file('mysql-password.json')).toContain(password)
    const open = ['storage.json', 'logs/app.log', ...[1, 2, 3].map((id) => `node-${id}/logs/nacos.log`)]
    expect(open.filter((path) => file(path).includes(password))).toEqual([])
    expect(page.url()).not.toContain(password)
    expect(await page.content()).not.toContain(password)
  })

  it('a node compares its files and says what it repaired; a check reads all of its data', async () => {
    const cached = join(dataDir, 'node-2', 'data', 'config-data', 'DEFAULT_GROUP', 'old')
    await waitUntil('the file of node-2', () => existsSync(cached))
    writeFileSync(cached, 'by hand')
    await page.getByRole('button', { name: 'Compare files: node-2' }).click()
    await page.getByText('1 different').waitFor({ timeout: screenLimitMs })
    expect(readFileSync(cached, 'utf8')).toBe('before')
    await page.getByRole('button', { name: 'Check the data: node-3' }).click()
    await page.getByText('node-3 is sound').waitFor({ timeout: screenLimitMs })
  })

  it('never complained in the browser’s console', () => {
    expect(complaints).toEqual([])
  })

  it('headless mode uses it at its next start on the folder, unasked; the command line wins', async () => {
    await cluster.stop()
    cluster = await startHeadless({ data: dataDir, args: ['--no-console'] })
    expect(await raftState(cluster.bases[0] ?? '')).toMatchObject({ storage: { kind: 'mysql' } })
    // A write waits 0.9 s for the first word of the database: on a busy machine that may come later.
    await waitUntil('a write to be stored', async () => (await publish(cluster.bases[0] ?? '', { dataId: 'third' }, 'x')).status === 200)
    expect(await database.sql("SELECT content FROM config_info WHERE data_id = 'third'", name)).toMatchObject([{ content: 'x' }])
    await cluster.stop()
    cluster = await startHeadless({ data: dataDir, args: ['--no-console', '--storage', 'sqlite'] })
    expect(await raftState(cluster.bases[0] ?? '')).toMatchObject({ storage: { kind: 'sqlite' } })
  })
})
