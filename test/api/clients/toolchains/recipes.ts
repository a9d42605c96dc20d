/**
 * How the programs of the clients in Java, Go and Python are made: what is fetched, by exact versions, and what is built. Owns commands only;
 * `make.ts` carries them out. What they bring and build lies in a folder that git ignores.
 */

import { delimiter, join } from 'node:path'
import type { Command } from '../program.ts'
import type { ClientRow } from '../table.ts'

export interface Step {
  /** Completes "could not be …". */
  readonly words: 'fetched' | 'built'
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Where each tool of a recipe was found, by name. */
export type Tools = Readonly<Record<string, string>>

export interface Recipe {
  readonly row: ClientRow
  /** Names of commands, all of which it takes; each says its version if it is asked so. */
  readonly tools: Readonly<Record<string, readonly string[]>>
  /** Where its source stands, which is also where its steps run. */
  readonly sources: string
  steps(tools: Tools, folder: string): readonly Step[]
  command(tools: Tools, folder: string): Command
}

const programs = join(import.meta.dirname, '..', 'programs')

/** A short life on few threads: no second compiler, no collector of its own threads. */
const briefly = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']

/** A file that does not come is not waited for by the half hour. */
const impatiently = '-Dmaven.wagon.rto=15000'

const java = (row: ClientRow): Recipe => {
  const sources = join(programs, 'java')
  const libraries = (folder: string): string => join(folder, 'libraries', '*')
  const classes = (folder: string): string => join(folder, 'classes')
  return {
    ...{ row, sources, tools: { mvn: ['--version'], javac: ['-version'], java: ['-version'] } },
    steps: ({ mvn = '', javac = '' }, folder) => [
      {
        ...{ words: 'fetched', file: mvn },
        args: [
          ...['--batch-mode', '--quiet', impatiently, `-Dnacos.version=${row.version}`],
          ...['dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'libraries')}`],
        ],
      },
      {
        ...{ words: 'built', file: javac },
        args: ['-J-XX:TieredStopAtLevel=1', '-encoding', 'UTF-8', '-cp', libraries(folder), '-d', classes(folder), 'Program.java'],
      },
    ],
    command: ({ java: file = '' }, folder) => ({
      file,
      args: [...briefly, '-cp', [libraries(folder), classes(folder)].join(delimiter), 'Program'],
    }),
  }
}

const go = (row: ClientRow): Recipe => {
  // The toolchain of the machine, never one that it would fetch for itself.
  const env = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' }
  return {
    ...{ row, sources: join(programs, 'go'), tools: { go: ['version'] } },
    steps: ({ go: file = '' }, folder) => [
      { ...{ words: 'fetched', file, env }, args: ['mod', 'download'] },
      { ...{ words: 'built', file, env }, args: ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', join(folder, 'program'), '.'] },
    ],
    command: (_, folder) => ({ file: join(folder, 'program'), args: [] }),
  }
}

const python = (row: ClientRow): Recipe => {
  const sources = join(programs, 'python')
  const own = (folder: string): string => join(folder, 'bin', 'python')
  return {
    ...{ row, sources, tools: { python3: ['--version'] } },
    steps: ({ python3 = '' }, folder) => [
      { words: 'fetched', file: python3, args: ['-m', 'venv', folder] },
      { words: 'fetched', file: own(folder), args: ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', 'requirements.txt'] },
    ],
    command: (_, folder) => ({ file: own(folder), args: [join(sources, 'program.py')] }),
  }
}

/** By the name of a client's row; those of one name's language share its store, and are made one after another. */
const makers = { java, java2: java, go, python }
type Made = keyof typeof makers

const isMade = (name: string): name is Made => name in makers

export const recipeOf = (row: ClientRow): Recipe => {
  if (!isMade(row.name)) throw new Error(`nobody knows how ${row.name} is made`)
  return makers[row.name](row)
}
