/** The two logs for people on a disk that fills up in the middle of a line: a line is there as a whole or not at all, and later ones are there. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAppLog } from '../../src-main/cluster/app-log.ts'
import { openLogFile } from '../../src-node/observe/log-file.ts'
import { mayMount, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const mountable = mayMount()
if ('missing' in mountable) console.log(mountable.missing)

let disk: SmallDisk
beforeEach(() => {
  disk = mountSmallDisk(1)
})
afterEach(() => disk[Symbol.dispose]())

const openNodeLog = (path: string) => {
  const log = openLogFile({ path, bytesMax: 100_000_000, keep: 1, clock: { wallMs: () => 0, after: () => ({ cancel: () => undefined }) } })
  return { write: (text: string) => log.write('warn', 'test', text), close: log.close }
}
const openAppLog = (path: string) => {
  const log = createAppLog(path)
  return { write: (text: string) => log.write('warn', 'test', text), close: () => undefined }
}

describe.skipIf('missing' in mountable)('a full disk', () => {
  it.each([
    ['nacos.log', openNodeLog],
    ['app.log', openAppLog],
  ])('leaves no torn line in %s', (name, open) => {
    const path = join(disk.path, name)
    const log = open(path)
    log.write('before')
    disk.fill()
    // The last page that the file has takes some, and then a part of one.
    for (let line = 0; line < 200; line++) log.write(`line ${line} ${'x'.repeat(70)}`)
    disk.free()
    log.write('after')
    log.close()
    const lines = readFileSync(path, 'utf8').split('\n')
    const kept = lines.filter((line) => /^[\d-]{10}T[\d:.]{12}Z WARN {2}\[test\] (before|after|line \d+ x{70})$/.test(line))
    const told = lines.filter((line) => /^[\d-]{10}T[\d:.]{12}Z WARN {2}\[log\] \d+ lines were lost: /.test(line))
    expect([lines.at(-1), kept.length + told.length]).toEqual(['', lines.length - 1])
    expect(kept.at(-1)).toMatch(/after$/)
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.length).toBeLessThan(100)
  })
})
