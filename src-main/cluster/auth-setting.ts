/**
 * Whether the nodes ask callers who they are, from one start to the next: `auth.json` in the data folder. Off in a new folder. What the command line
 * names is kept too: a start without the word must not open what was closed. A file that cannot be read counts as on.
 */

import { join } from 'node:path'
import { readJson, replaceFile } from './durable-file.ts'

const format = 1
const settingFile = 'auth.json'

export interface AuthSetting {
  readonly isOn: () => boolean
  /** Throws the system's error if it cannot be written; then nothing has changed. */
  readonly choose: (on: boolean) => void
}

const readKept = (dir: string): boolean => {
  const found = readJson(join(dir, settingFile))
  if (found === undefined) return false
  const { version, auth } = typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>) : {}
  return !(version === format && auth === 'off')
}

/** @param dir the data folder, which is ours. */
export const openAuthSetting = (dir: string): AuthSetting => {
  let on = readKept(dir)
  return {
    isOn: () => on,
    choose: (wanted) => {
      if (wanted !== readKept(dir))
        replaceFile(join(dir, settingFile), `${JSON.stringify({ version: format, auth: wanted ? 'on' : 'off' }, null, 2)}\n`)
      on = wanted
    },
  }
}
