/** Small files that must be whole or absent: written beside, synced, renamed, and the folder synced. Nothing else. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a rename or link in `folder` durable. Windows cannot open a folder; its rename is journaled. */
const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Writes `text` with mode 0600 and syncs it. Throws the system's error. */
export const writeSynced = (file: string, text: string): void => {
  const fd = openSync(file, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Replaces `file` by `text`: after a crash it is the old or the new one. Throws the system's error. */
export const replaceFile = (file: string, text: string): void => {
  const beside = `${file}.${process.pid}.tmp`
  writeSynced(beside, text)
  renameSync(beside, file)
  syncFolder(dirname(file))
}

/** The same without a sync: whole after a crash of ours, not of the machine. Throws the system's error. */
export const replaceFileUnsynced = (file: string, text: string): void => {
  const beside = `${file}.${process.pid}.tmp`
  writeFileSync(beside, text, { mode: 0o600 })
  renameSync(beside, file)
}

/** Parsed content, `undefined` without a file, `null` when it is not JSON. Throws on any other error. */
export const readJson = (file: string): unknown => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
