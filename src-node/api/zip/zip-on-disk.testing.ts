/** For tests: a zip in a file of its own for as long as it is looked at, and turns without a clock. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTurns, type Turns } from '../turns.ts'
import { type OpenZip, openZip } from './zip-reader.ts'

/** A turn for each step: whatever is cut between two of them is cut. */
export const manyTurns = (): Turns => createTurns({ monotonicMs: () => 0, defer: setImmediate }, 0)

export const withZip = async <T>(bytes: Buffer, look: (zip: OpenZip) => Promise<T>): Promise<T> => {
  const dir = mkdtempSync(join(tmpdir(), 'nacos-trio-zip-'))
  const path = join(dir, 'a.zip')
  writeFileSync(path, bytes)
  try {
    const zip = await openZip(path)
    try {
      return await look(zip)
    } finally {
      zip.close()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

export const gathered = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
