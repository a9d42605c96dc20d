/**
 * Who listens on a port, as far as the system tells this user. Linux: /proc; elsewhere lsof or netstat, if they are there.
 * Only looks; every look is bounded in time, and null is an honest answer.
 */

import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { tokenVariable } from './worker-env.ts'

export interface PortHolder {
  /** The process to end, if the port is to be free. */
  readonly pid: number
  readonly name: string
  /** The process that listens, where it is a node that the other one supervises. */
  readonly node?: number
}

const lookMs = 2_000
const listening = '0A'
const helpersBetween = 3

/** Inodes of the sockets in state LISTEN on `port`, from the text of /proc/net/tcp or tcp6. */
export const listeningInodes = (table: string, port: number): string[] => {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) === true && fields[3] === listening)
    .map((fields) => fields[9] ?? '')
    .filter((inode) => inode !== '' && inode !== '0')
}

/** Program text on a command line (`node -e …`) is no name. */
const inlineFlags: ReadonlySet<string> = new Set(['-e', '--eval', '-p', '--print', '-pe', '-c'])
const nameChars = 80

/** A short name a person knows, on one line: the program, and the script that an interpreter runs. */
export const nameOfCommand = (commandLine: string): string => {
  const [program = '', ...args] = commandLine.split('\0').filter((part) => part !== '')
  const name = basename(program)
  const runsScript = /^(node|python\d?|java|ruby|bun|deno)/.test(name) && !args.some((arg) => inlineFlags.has(arg))
  const script = runsScript ? args.find((arg) => !arg.startsWith('-')) : undefined
  return (script === undefined ? name : `${name} ${basename(script)}`).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, nameChars)
}

/** Field 4 of /proc/pid/stat, counted after the last `)`; 0 when there is none. */
const parentPid = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0) || 0

const orEmpty = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')

const holdsInode = async (pid: string, links: ReadonlySet<string>): Promise<boolean> => {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  for (const fd of fds) {
    if (links.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return true
  }
  return false
}

const isNode = async (pid: number): Promise<boolean> =>
  (await orEmpty(`/proc/${pid}/environ`)).split('\0').some((entry) => entry.startsWith(`${tokenVariable}=`))

/**
 * Ending a node's process only makes its supervisor start another: the one to name is the supervisor, past Chromium's own helpers. An orphan's new
 * parent is a stranger, known by running another program. Null then.
 */
const supervisorOf = async (pid: number): Promise<number | null> => {
  let parent = await parentOf(pid)
  for (let steps = 0; steps < helpersBetween && (await orEmpty(`/proc/${parent}/cmdline`)).includes('--type='); steps++)
    parent = await parentOf(parent)
  const [own, other] = await Promise.all([pid, parent].map((each) => readlink(`/proc/${each}/exe`).catch(() => null)))
  return own === other && own !== null ? parent : null
}

const nodeHolder = async (pid: number): Promise<PortHolder> => {
  const supervisor = await supervisorOf(pid)
  return supervisor === null
    ? { pid, name: 'a node that an earlier Nacos Trio left behind' }
    : { pid: supervisor, name: 'another Nacos Trio', node: pid }
}

const parentOf = async (pid: number): Promise<number> => parentPid(await orEmpty(`/proc/${pid}/stat`))

const onLinux = async (port: number): Promise<PortHolder | null> => {
  const tables = await Promise.all([orEmpty('/proc/net/tcp'), orEmpty('/proc/net/tcp6')])
  const links = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`))
  if (links.size === 0) return null
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    if (!(await holdsInode(pid, links))) continue
    if (await isNode(Number(pid))) return nodeHolder(Number(pid))
    const name = nameOfCommand(await orEmpty(`/proc/${pid}/cmdline`))
    return { pid: Number(pid), name: name === '' ? 'a process' : name }
  }
  return null
}

const run = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: lookMs, maxBuffer: 4 * 1024 * 1024 }, (_error, stdout) => resolve(stdout))
  })

const onMac = async (port: number): Promise<PortHolder | null> => {
  const fields = (await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])).split('\n')
  const pid = fields.find((field) => field.startsWith('p'))?.slice(1)
  const name = fields.find((field) => field.startsWith('c'))?.slice(1)
  return pid === undefined || name === undefined ? null : { pid: Number(pid), name }
}

const onWindows = async (port: number): Promise<PortHolder | null> => {
  const rows = (await run('netstat', ['-ano', '-p', 'TCP'])).split('\n').map((row) => row.trim().split(/\s+/))
  const pid = rows.find((fields) => fields[1]?.endsWith(`:${port}`) === true && fields.length >= 5)?.[4]
  if (pid === undefined) return null
  const name = /^"([^"]+)"/.exec(await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']))?.[1]
  return { pid: Number(pid), name: name ?? 'a process' }
}

/** The process that listens on `port`, or null when the system does not say. */
export const findHolder = (port: number): Promise<PortHolder | null> => {
  if (process.platform === 'linux') return onLinux(port)
  return process.platform === 'win32' ? onWindows(port) : onMac(port)
}
