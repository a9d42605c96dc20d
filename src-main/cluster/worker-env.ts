/**
 * The environment that a worker gets: a list of allowed names and the mark of ownership, nothing else.
 * A shell's NODE_OPTIONS, proxies and tokens must never reach a worker.
 */

/** Name of the mark by which an orphan is known as ours. Not a secret: it opens nothing. */
export const tokenVariable = 'NACOS_TRIO_TOKEN'

const allowed = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'SystemDrive',
  'windir',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
] as const

/** Picks the allowed names out of `source` and adds the ownership mark. */
export const workerEnv = (source: Readonly<Record<string, string | undefined>>, token: string): Record<string, string> => {
  const env: Record<string, string> = { [tokenVariable]: token }
  for (const name of allowed) {
    const value = source[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
