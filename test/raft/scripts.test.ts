/**
 * Runs every script of `scripts/` over the real core and compares what it prints with what stands under its commands. After a wanted change
 * of behaviour `UPDATE_SCRIPTS=1 npx vitest run --project unit test/raft/scripts.test.ts` writes the new output; the diff is the review.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScript } from './script-run.ts'
import { parseScript, renderScript } from './script-text.ts'

const folder = join(import.meta.dirname, 'scripts')
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))
const update = process.env.UPDATE_SCRIPTS === '1'

describe('scripts', () => {
  for (const file of files) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const script = parseScript(text)

    it(`${file.replace('.txt', '')}: ${script.heading[0]}`, () => {
      const { output, failure } = runScript(script)
      const rendered = renderScript(script, output)
      if (update) writeFileSync(path, rendered)
      if (failure !== null) throw failure
      if (!update) expect(rendered).toBe(text)
    })
  }

  it('say what went wrong elsewhere, and demand something that no update rewrites', () => {
    for (const file of files) {
      const { heading, parts } = parseScript(readFileSync(join(folder, file), 'utf8'))
      expect(
        heading.filter((line) => /^(Seen|Source): /.test(line)),
        `${file} names its source`,
      ).toHaveLength(1)
      expect(
        parts.some(({ text }) => text.startsWith('expect ')),
        `${file} expects something`,
      ).toBe(true)
    }
  })
})
