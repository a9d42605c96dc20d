/**
 * A launcher whose nodes each live on a disk of their own that forgets: whenever a node is started again, its folder is first set to what a power
 * cut at its end may have left, drawn from a seed. The product's supervisor, its environment for workers and the workers themselves are as they
 * are; the recorder is added here, to what the launcher is given. `logs/` is left alone: it is what people look into afterwards.
 */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createForkLauncher } from '../../../src-main/cluster/fork-launcher.ts'
import type { Launcher } from '../../../src-main/cluster/launcher.ts'
import { createDisk, type Disk, type Fate, type FoundFile } from '../disk.ts'
import { allKept } from '../fates.ts'
import { differences, type Ignores, readFolder, writeFolder } from '../folder.ts'
import { type Journal, readJournal } from '../recorder/journal.ts'
import { recordingEnv } from '../recorder/recorder.ts'

export interface Cut {
  readonly node: number
  /** How the unsynced part fared, for people. */
  readonly words: string
  readonly unsyncedWrites: number
  readonly unsyncedNames: number
  /** What the recorder has missed, in words: then the cut says nothing. */
  readonly problem: string | null
}

export interface PowerLauncher extends Launcher {
  readonly cuts: () => readonly Cut[]
}

export interface PowerLauncherOptions {
  readonly library: string
  /** For journals; outside of the nodes' folders. */
  readonly workDir: string
  readonly draw: (disk: Disk) => { readonly words: string; readonly fate: Fate }
  readonly lie?: string | undefined
}

interface Life {
  readonly root: string
  readonly journal: string
  readonly before: readonly FoundFile[]
}

/** Made anew by SQLite at each open, and not recorded. */
const isShared: Ignores = (path) => path.endsWith('-shm')
const ignores: Ignores = (path) => path === 'logs' || path.startsWith('logs/') || isShared(path)

/** May the one change under way explain that this file differs? */
const explains = (underWay: Journal['underWay'], root: string, path: string): boolean => {
  if (underWay === null) return false
  if ('inode' in underWay && underWay.kind !== 'create') return statSync(join(root, path), { throwIfNoEntry: false })?.ino === underWay.inode
  if (underWay.kind === 'rename') return path === underWay.from || path === underWay.to
  return 'path' in underWay && underWay.path === path
}

/** Everything kept must give the folder as the kill left it, or the recorder has missed a change. */
const missedBy = (disk: Disk, { root, underWay }: { root: string; underWay: Journal['underWay'] }): string | null => {
  const missed = differences(root, disk.afterCut(allKept), ignores).filter((path) => !explains(underWay, root, path))
  return missed.length === 0 ? null : `the recorder has missed changes of ${missed.join(', ')}`
}

const cutPower = (node: number, { root, journal, before }: Life, draw: PowerLauncherOptions['draw']): Cut => {
  const { steps, underWay } = readJournal(readFileSync(journal))
  const disk = createDisk(before)
  for (const step of steps) disk.take(step)
  const problem = missedBy(disk, { root, underWay })
  const { words, fate } = draw(disk)
  const cut = { node, words, unsyncedWrites: disk.unsyncedData().length, unsyncedNames: disk.unsyncedNames().length, problem }
  writeFolder(root, disk.afterCut(fate), ignores)
  return cut
}

export const createPowerLauncher = (options: PowerLauncherOptions): PowerLauncher => {
  const { library, workDir, lie } = options
  const lives = new Map<number, Life>()
  const cuts: Cut[] = []
  const fork = createForkLauncher()
  return {
    launch: (spec, listener) => {
      const root = dirname(dirname(spec.outputFile))
      const last = lives.get(spec.nodeId)
      if (last !== undefined) cuts.push(cutPower(spec.nodeId, last, options.draw))
      const journal = join(workDir, `node-${spec.nodeId}.journal`)
      // Made here: a node that is killed before it begins has written nothing.
      writeFileSync(journal, '')
      lives.set(spec.nodeId, { root, journal, before: readFolder(root, isShared) })
      return fork.launch({ ...spec, env: { ...spec.env, ...recordingEnv({ library, folder: root, journal, lie }) } }, listener)
    },
    cuts: () => cuts,
  }
}
