/** What a check and a copy say, in words; and that there is one at a time. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDataCare, dateName } from './data-care.ts'
import type { OrderAnswer } from './observe/channel.ts'
import type { LogFindings } from './raft-log/log-check.ts'
import type { CheckFindings, SnapshotInfo } from './storage/types.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'data-care-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const sound: CheckFindings = { found: [], configs: 3, history: 9, bytes: 1024 * 1024 }
const info: SnapshotInfo = { index: 7, term: 1, bytes: 2 * 1024 * 1024, sha256: new Uint8Array([0xab, 0xcd]) }

const setUp = ({
  state = sound,
  log = { found: [], entries: 5 },
  copy = info,
}: {
  state?: CheckFindings | 'failed'
  log?: LogFindings
  copy?: SnapshotInfo | 'failed' | 'disk_full'
} = {}) => {
  const said: string[] = []
  let release: (() => void)[] = []
  const care = createDataCare({
    ...{ nodeId: 2, wallMs: () => Date.UTC(2026, 10, 25, 22, 10, 3, 7), say: (level, line) => said.push(`${level} ${line}`) },
    store: {
      check: (done) => void release.push(() => done(state)),
      backupTo: (path, done) => {
        writeFileSync(path, 'a copy, or half of one')
        done(copy)
      },
    },
    raftLog: { check: (done) => done(log) },
  })
  const answers: OrderAnswer[] = []
  const check = (): void => care.check((answer) => answers.push(answer))
  const end = (): void => {
    const ends = release
    release = []
    for (const each of ends) each()
  }
  return { care, check, end, answers, said }
}

it('a sound node is told by what was read of it', () => {
  const { check, end, answers, said } = setUp()
  check()
  end()
  const words =
    'sound: state.db, every page of 1.0 MiB and the content of 3 configurations (9 rows of history); raft.db, 5 entries, each with its checksum'
  expect(answers).toEqual([{ ok: true, words }])
  expect(said).toEqual([`info ${words}`])
})

it('damage in either file is told, with what to do', () => {
  const { check, end, answers } = setUp({ state: { ...sound, found: ['page 7'] }, log: { found: ['entry 3 is damaged'], entries: 2 } })
  check()
  end()
  expect(answers[0]).toMatchObject({ ok: false, words: expect.stringContaining('DAMAGED: state.db: page 7; raft.db: entry 3 is damaged.') })
  expect(answers[0]?.words).toContain('"rebuild 2" brings this node back')
})

it('a file that could not be read is no sound one', () => {
  const unread = setUp({ state: 'failed' })
  unread.check()
  unread.end()
  expect(unread.answers[0]).toMatchObject({ ok: false, words: expect.stringContaining('could not be read to its end') })
  const both = setUp({ state: 'failed', log: { found: ['entry 3'], entries: 0 } })
  both.check()
  both.end()
  expect(both.answers[0]?.words).toContain('DAMAGED: state.db could not be read to its end; raft.db: entry 3')
})

it('one at a time', () => {
  const { check, end, answers } = setUp()
  check()
  check()
  expect(answers).toEqual([{ ok: false, words: expect.stringContaining('under way at this node already') }])
  end()
  check()
  end()
  expect(answers.map(({ ok }) => ok)).toEqual([false, true, true])
})

it('a copy stands in the folder that was named, under a name with the date', () => {
  const { care, answers } = setUp()
  const folder = join(dir, 'new', 'folder')
  care.backup(folder, (answer) => answers.push(answer))
  const name = 'nacos-trio-node-2-2026-11-25T22-10-03Z.db'
  expect(readdirSync(folder)).toEqual([name])
  expect(answers).toEqual([{ ok: true, words: `the state after entry 7 stands in ${join(folder, name)} (2.0 MiB, SHA-256 abcd)` }])
  care.backup(folder, (answer) => answers.push(answer))
  expect(answers[1]).toMatchObject({ ok: false, words: expect.stringContaining('exists already') })
})

it.each([
  ['disk_full', 'there is no room'],
  ['failed', 'could not be written'],
] as const)('a copy that came to nothing (%s) leaves nothing', (copy, words) => {
  const { care, answers } = setUp({ copy })
  care.backup(dir, (answer) => answers.push(answer))
  expect(answers[0]).toMatchObject({ ok: false, words: expect.stringContaining(words) })
  expect(readdirSync(dir)).toEqual([])
})

it('a folder that cannot be made, or is not named from the root on, is refused', () => {
  const { care, answers } = setUp()
  writeFileSync(join(dir, 'file'), '')
  care.backup(join(dir, 'file', 'folder'), (answer) => answers.push(answer))
  care.backup('somewhere', (answer) => answers.push(answer))
  expect(answers.map(({ words }) => words)).toEqual([expect.stringContaining('cannot be made'), expect.stringContaining('from the root on')])
  expect(existsSync('somewhere')).toBe(false)
})

it('a date is good in a file name', () => {
  expect(dateName(0)).toBe('1970-01-01T00-00-00Z')
})
