/** A scenario as it was recorded: played once in a process of its own, under the recorder, to its end. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDisk } from '../disk.ts'
import { allKept } from '../fates.ts'
import { differences } from '../folder.ts'
import { readJournal, type Step } from '../recorder/journal.ts'
import { recordingEnv } from '../recorder/recorder.ts'
import { nodeName } from './places.ts'
import type { Scenario } from './scenarios.ts'

const workload = fileURLToPath(new URL('./workload.ts', import.meta.url))
const playLimitMs = 60_000

/**
 * @param lie syncs of files whose name ends so are left out
 * @throws if the recorder has missed a change: everything kept must give the folder as the process left it.
 */
export const record = (scenario: Scenario, library: string, lie?: string): readonly Step[] => {
  const root = mkdtempSync(join(tmpdir(), 'crash-points-'))
  try {
    const [folder, otherDir, journal] = [join(root, 'recorded'), join(root, 'other'), join(root, 'journal')]
    mkdirSync(join(folder, nodeName), { recursive: true })
    execFileSync(process.execPath, [workload, scenario.name, folder, otherDir], {
      env: { PATH: process.env.PATH, ...recordingEnv({ library, folder, journal, lie }) },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: playLimitMs,
    })
    const { steps } = readJournal(readFileSync(journal))
    const disk = createDisk([{ path: nodeName, inode: 0, bytes: null }])
    for (const step of steps) disk.take(step)
    const missed = differences(folder, disk.afterCut(allKept), (path) => path.endsWith('-shm'))
    if (missed.length > 0) throw new Error(`the recorder has missed changes of ${missed.join(', ')}`)
    return steps
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
