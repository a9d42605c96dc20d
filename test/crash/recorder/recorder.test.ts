/** The recorder against a real process: what it notes must give the folder as the process left it, however the process ends. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repository } from '../../support/headless.ts'
import { createDisk } from '../disk.ts'
import { allKept, nothingKept } from '../fates.ts'
import { differences } from '../folder.ts'
import { readJournal } from './journal.ts'
import { findRecorder, recordingEnv } from './recorder.ts'

const recorder = findRecorder()
if ('missing' in recorder) console.log(recorder.missing)
const library = 'found' in recorder ? recorder.found : ''

let root = ''
let folder = ''
let journal = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'recorder-'))
  folder = join(root, 'folder')
  journal = join(root, 'journal')
  mkdirSync(folder)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const withFs = (script: string): readonly string[] => ['-e', `const fs = require('node:fs'); const at = ${JSON.stringify(folder)} + '/'; ${script}`]
const envOf = (lie?: string) => ({ PATH: process.env.PATH, ...recordingEnv({ library, folder, journal, lie }) })
const run = (script: string, lie?: string): void => {
  execFileSync(process.execPath, withFs(script), { cwd: repository, env: envOf(lie), stdio: 'inherit' })
}
const diskNow = () => {
  const disk = createDisk([])
  for (const step of readJournal(readFileSync(journal)).steps) disk.take(step)
  return disk
}
const missed = (): readonly string[] => differences(folder, diskNow().afterCut(allKept), (path) => path.endsWith('-shm'))
const certain = (): readonly string[] => [...diskNow().afterCut(nothingKept).keys()].toSorted()

describe.skipIf('missing' in recorder)('the recorder', () => {
  it('follows every way in which Node changes a folder', () => {
    run(`
      fs.mkdirSync(at + 'a/b', { recursive: true }); fs.writeFileSync(at + 'a/b/one', 'one'); fs.appendFileSync(at + 'a/b/one', ' more')
      const f = fs.openSync(at + 'two', 'w+'); fs.writeSync(f, 'twotwo'); fs.writeSync(f, 'X', 1); fs.writevSync(f, [Buffer.from('v'), Buffer.from('w')])
      fs.ftruncateSync(f, 4); fs.closeSync(f); fs.renameSync(at + 'two', at + 'three'); fs.writeFileSync(at + 'three', 'again')
      fs.writeFileSync(at + 'gone', ''); fs.rmSync(at + 'gone'); fs.mkdirSync(at + 'c/d', { recursive: true }); fs.writeFileSync(at + 'c/d/e', 'e')
      fs.rmSync(at + 'c', { recursive: true })`)
    expect(missed()).toEqual([])
  })

  it('follows a database with its write-ahead log', () => {
    run(`
      const Database = require('better-sqlite3'); const db = new Database(at + 'x.db'); db.pragma('journal_mode = WAL')
      db.exec('CREATE TABLE t (a)'); for (let i = 0; i < 50; i++) db.prepare('INSERT INTO t VALUES (?)').run('y'.repeat(i * 100))
      db.pragma('wal_checkpoint(TRUNCATE)'); db.exec('DELETE FROM t WHERE length(a) < 900')`)
    expect(missed()).toEqual([])
  })

  it('loses nothing of what was synced when its process is killed in the middle of writing', async () => {
    const script = `const f = fs.openSync(at + 'f', 'a'); fs.fsyncSync(fs.openSync(at, 'r'))
      for (let i = 0; ; i++) { fs.writeSync(f, i + '\\n'); fs.fdatasyncSync(f); fs.writeSync(1, i + '\\n') }`
    const child = spawn(process.execPath, withFs(script), { env: envOf(), stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.length > 2_000) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const kept = Buffer.from(diskNow().afterCut(nothingKept).get('f') ?? []).toString()
    const acknowledged = said.slice(0, said.lastIndexOf('\n') + 1)
    expect(acknowledged.length).toBeGreaterThan(1_000)
    expect(kept.startsWith(acknowledged)).toBe(true)
  })

  it('lets a disk lie about the file that it is told of, and no other', () => {
    run(
      `for (const name of ['true', 'liar']) { const f = fs.openSync(at + name, 'w'); fs.writeSync(f, 'x'); fs.fsyncSync(f) }
      fs.fsyncSync(fs.openSync(at, 'r'))`,
      'liar',
    )
    expect(certain()).toEqual(['liar', 'true'])
    const kept = diskNow().afterCut(nothingKept)
    expect([kept.get('true')?.length, kept.get('liar')?.length]).toEqual([1, 0])
  })

  it('says so when it cannot follow', () => {
    run(`fs.writeFileSync(at + 'f', 'x'); fs.linkSync(at + 'f', at + 'g')`)
    expect(() => readJournal(readFileSync(journal))).toThrow('cannot follow a link')
  })

  it('takes no socket for the file whose number it got', () => {
    run(`const net = require('node:net'); Array.from({ length: 9 }, (_, n) => fs.openSync(at + n, 'w')).forEach((file) => fs.closeSync(file))
      const server = net.createServer((socket) => socket.end('to the peer')).listen(0, '127.0.0.1', () =>
        net.connect(server.address().port, '127.0.0.1').on('data', () => undefined).on('end', () => server.close()))`)
    expect(missed()).toEqual([])
    expect(readJournal(readFileSync(journal)).steps.filter(({ kind }) => kind !== 'create')).toEqual([])
  })

  it('leaves alone what lies elsewhere', () => {
    run(`fs.writeFileSync(at + '../elsewhere', 'x'); fs.writeFileSync(at + '../folder2', 'x')`)
    expect(readJournal(readFileSync(journal)).steps).toEqual([])
  })
})
