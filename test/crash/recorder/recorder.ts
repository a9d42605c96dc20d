/** The recorder as a library that a process can be started with: built by the C compiler of this machine, once per version of its source. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { onPath, type Tool } from '../../runner/tools.ts'
import { repository } from '../../support/headless.ts'

const source = join(import.meta.dirname, 'recorder.c')
const buildLimitMs = 60_000

/** The library, built if need be; or why there is none. Linux only: it is preloaded by the system's linker. */
export const findRecorder = (): Tool => {
  if (process.platform !== 'linux') return { missing: `no recorder: it needs Linux, this is ${process.platform}` }
  const compiler = onPath(['cc', 'gcc', 'clang'])
  if (compiler === undefined) return { missing: 'no recorder: there is no C compiler (cc, gcc or clang) on the PATH' }
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const folder = join(repository, 'node_modules', '.cache', 'crash-recorder')
  const library = join(folder, `recorder-${version}-${process.arch}.so`)
  if (existsSync(library)) return { found: library }
  mkdirSync(folder, { recursive: true })
  const beside = `${library}.${process.pid}`
  try {
    execFileSync(compiler, ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-o', beside, source, '-ldl', '-lpthread'], {
      stdio: 'pipe',
      timeout: buildLimitMs,
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    return { missing: `no recorder: ${compiler} could not build it: ${said.slice(0, 500)}` }
  }
  renameSync(beside, library)
  return { found: library }
}

export interface Recording {
  readonly library: string
  readonly folder: string
  readonly journal: string
  /** Syncs of files whose name ends so are left out in silence. */
  readonly lie?: string | undefined
}

/** What a process needs in its environment to be recorded. */
export const recordingEnv = ({ library, folder, journal, lie }: Recording): Record<string, string> => ({
  LD_PRELOAD: library,
  NACOS_CRASH_FOLDER: folder,
  NACOS_CRASH_JOURNAL: journal,
  ...(lie === undefined ? {} : { NACOS_CRASH_LIE: lie }),
})

/** Ends the process when there is no recorder: with a failure where nothing may be left out. */
export const recorderOrEnd = (): string => {
  const tool = findRecorder()
  if ('found' in tool) return tool.found
  const strict = process.env.REQUIRE_ALL === '1'
  console.log(`${tool.missing}; nothing was tested${strict ? ', which REQUIRE_ALL=1 forbids' : ''}`)
  process.exit(strict ? 1 : 0)
}
