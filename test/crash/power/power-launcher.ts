/**
 * A launcher whose nodes each live on a disk of their own that forgets: whenever a node is started again, its folder is first set to what a power
 * cut at its end may have left, drawn from a seed. The product's supervisor, its environment for workers and the workers themselves are as they
 * are; the recorder is added here, to what the launcher is given. `logs/` is left alone: it is what people look into afterwards.
 */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createForkLauncher } from '../../../src-main/cluster/fork-launcher.ts'
import type { Launcher } from '../../../src-main/cluster/launcher.ts'
import { createDisk, type Disk, type Fate } from '../disk.ts'
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
  /** Once, when this node starts again, its power has not gone: it finds all that it wrote, and none of it is more durable than it was. */
  readonly spare: (node: number) => void
  /** Of all nodes together. */
  readonly starts: () => number
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
  /** What the journal's first step finds. */
  readonly disk: Disk
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

/** The one change that a kill has interrupted, as far as it came: what stands at `path` now. */
const finish = (disk: Disk, root: string, path: string): void => {
  const found = statSync(join(root, path), { throwIfNoEntry: false })
  const isKnown = disk.afterCut(allKept).has(path)
  if (found === undefined) disk.take({ kind: 'unlink', path })
  else if (found.isDirectory()) disk.take({ kind: 'make-folder', path })
  else {
    if (isKnown) disk.take({ kind: 'truncate', inode: found.ino, size: found.size })
    else disk.take({ kind: 'create', path, inode: found.ino })
    disk.take({ kind: 'write', inode: found.ino, at: 0, data: new Uint8Array(readFileSync(join(root, path))) })
  }
}

/**
 * Brings the disk to the end of this life. Everything kept must then give the folder as the kill left it: what the recorder has missed comes back in
 * words.
 */
const follow = ({ root, journal, disk }: Life): string | null => {
  const { steps, underWay } = readJournal(readFileSync(journal))
  for (const step of steps) disk.take(step)
  const differ = differences(root, disk.afterCut(allKept), ignores)
  const missed = differ.filter((path) => !explains(underWay, root, path))
  if (missed.length > 0) return `the recorder has missed changes of ${missed.join(', ')}`
  for (const path of differ) finish(disk, root, path)
  return null
}

export const createPowerLauncher = (options: PowerLauncherOptions): PowerLauncher => {
  const { library, workDir, lie } = options
  const lives = new Map<number, Life>()
  const spared = new Set<number>()
  const cuts: Cut[] = []
  let starts = 0
  const fork = createForkLauncher()
  const found = (root: string): Disk => createDisk(readFolder(root, isShared))
  /** The disk that this node finds when it starts again. */
  const diskAfter = (node: number, last: Life): Disk => {
    const problem = follow(last)
    const { root, disk } = last
    if (spared.delete(node) && problem === null) return disk
    const { words, fate } = options.draw(disk)
    cuts.push({ node, words, unsyncedWrites: disk.unsyncedData().length, unsyncedNames: disk.unsyncedNames().length, problem })
    writeFolder(root, disk.afterCut(fate), ignores)
    return found(root)
  }
  return {
    launch: (spec, listener) => {
      const root = dirname(dirname(spec.outputFile))
      const last = lives.get(spec.nodeId)
      const disk = last === undefined ? found(root) : diskAfter(spec.nodeId, last)
      const journal = join(workDir, `node-${spec.nodeId}.journal`)
      // Made here: a node that is killed before it begins has written nothing.
      writeFileSync(journal, '')
      lives.set(spec.nodeId, { root, journal, disk })
      starts++
      return fork.launch({ ...spec, env: { ...spec.env, ...recordingEnv({ library, folder: root, journal, lie }) } }, listener)
    },
    spare: (node) => void spared.add(node),
    cuts: () => cuts,
    starts: () => starts,
  }
}
