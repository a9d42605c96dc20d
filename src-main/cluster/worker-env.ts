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

/**
 * glibc raises the size from which a piece of memory is given back by itself with every large one that is freed, and keeps an arena for each thread: a
 * node that had imported kept over 20 MB that nobody used (measured, 100,000 configurations). Other systems do not read these.
 */
const allocator = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' } as const

/** Picks the allowed names out of `source` and adds the ownership mark. */
export const workerEnv = (source: Readonly<Record<string, string | undefined>>, token: string): Record<string, string> => {
  const env: Record<string, string> = { ...allocator, [tokenVariable]: token }
  for (const name of allowed) {
    const value = source[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
