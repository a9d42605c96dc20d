/** Rules that need no parser: lengths, names, words. Reads what git would keep, so build output and logs never count. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const maxLines = 450
const measured = /\.(ts|tsx|css|mjs|cjs)$/
const worded = /\.(ts|tsx|css|mjs|cjs|md|html)$/
const drawers = /(^|\/)(utils?|helpers?|common|misc)\//
/** Written in pieces, or this file would report itself. */
const later = new RegExp(`\\b(${['TO', 'FIX', 'XX'].map((start, at) => start + ['DO', 'ME', 'X'][at]).join('|')})\\b`)
const leftOut = /\b(describe|suite|it|test|bench|context|task)(\.\w+)*\.(only|skip|todo)\b/

/** Files of one process share their modules: a replaced one must stay with those that run alone. */
const mocks = /\bvi\.(mock|doMock)\(/
const runsAlone = /\.mocked\.test\.tsx?$/

/** Paths below `root` that are tracked, or new and not ignored; with forward slashes. */
export const sourceFiles = (root: string): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))

const lineProblems = (path: string, text: string): readonly string[] => {
  const lines = text.split('\n')
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  const problems = measured.test(path) && count > maxLines ? [`${path}: ${count} lines, ${maxLines} is the limit`] : []
  const isTest = /\.test\.tsx?$/.test(path)
  for (const [at, line] of lines.entries()) {
    const word = later.exec(line)?.[0]
    if (word !== undefined) problems.push(`${path}:${at + 1}: ${word}: do it, or say why not`)
    if (isTest && mocks.test(line) && !runsAlone.test(path))
      problems.push(`${path}:${at + 1}: a module is replaced: name the file *.mocked.test.ts, which runs alone`)
    if (isTest && leftOut.test(line)) problems.push(`${path}:${at + 1}: a test is left out: ${line.trim()}`)
  }
  return problems
}

/** Every broken text rule below `root`, as `path:line: words`. */
export const textProblems = (root: string): readonly string[] => {
  const problems: string[] = []
  for (const path of sourceFiles(root)) {
    if (drawers.test(path)) problems.push(`${path}: a folder named after nothing; name it after what it holds`)
    if (worded.test(path)) problems.push(...lineProblems(path, readFileSync(join(root, path), 'utf8')))
  }
  return problems
}
