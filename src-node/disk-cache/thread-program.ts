/**
 * What the cache's thread does with files, one order after the other: compare, write, remove, list, stage, settle. Plain system calls one behind the other,
 * which cost a third of what the same calls cost beside a loop; nothing but this thread waits for a slow disk.
 *
 * It never follows a link, neither in a file's place nor in a folder's; a file is written beside and renamed, so that whoever reads sees the old
 * content or the new one. A whole folder that is made for the first time is staged: it stands aside until it is settled, and its files, which nobody
 * sees, are written in place, for half of the system calls' time. It decides nothing and keeps no content.
 *
 * `cacheThread` becomes the text of a thread of its own (see cache-thread.ts), so that it runs from source and from the bundle alike: it may use
 * nothing but its arguments and the language.
 */

import type * as Crypto from 'node:crypto'
import type * as Fs from 'node:fs'

/** Paths are relative to the root, with `/`. Lists of one order go side by side: copying them to a thread is cheap. */
export type ThreadOrder =
  /** `bytes`: the length that a file should have, -1 for no file at all. Codes: `''` as it should be, `missing`, `different`, `extra`. */
  | { readonly kind: 'compare'; readonly paths: readonly string[]; readonly bytes: readonly number[]; readonly md5s: readonly string[] }
  /** File n gets the next `bytes[n]` of `contents`, or goes, for -1. Codes: `''` done, `md5` the content is not what was written, or the system's. */
  | {
      readonly kind: 'write'
      readonly paths: readonly string[]
      readonly bytes: readonly number[]
      readonly md5s: readonly string[]
      readonly contents: Uint8Array
    }
  /** The next names under `folders`, from the begin on or where the last order ended, and what stands aside of them. Empty folders go on the way. */
  | { readonly kind: 'list'; readonly folders: readonly string[]; readonly begin: boolean; readonly count: number }
  /** Those of these top folders that are not there stand aside from now on, with what a life before has left of them. */
  | { readonly kind: 'stage'; readonly folders: readonly string[] }
  /** What stands aside of these moves into its place. What somebody has put there meanwhile stays. */
  | { readonly kind: 'settle'; readonly folders: readonly string[] }

export interface ThreadAnswer {
  /** One for each path of the order. */
  readonly codes: readonly string[]
  /** Of a `list`: everything but folders. */
  readonly paths: readonly string[]
  readonly more: boolean
  /** Of a `list`: folders that could not be read; of a `settle`: what could not be moved; with the system's code. */
  readonly problems: readonly string[]
}

export const cacheThread = (fs: typeof Fs, crypto: typeof Crypto, root: string): ((order: ThreadOrder) => ThreadAnswer) => {
  const noFollow = fs.constants.O_NOFOLLOW ?? 0
  // Non-blocking: a pipe that somebody put there would wait for its other end.
  const readFlags = fs.constants.O_RDONLY | noFollow | (fs.constants.O_NONBLOCK ?? 0)
  const tempFlags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | noFollow
  const piece = new Uint8Array(256 * 1024)
  const foldersDeepMax = 64
  let temps = 0

  const codeOf = (error: unknown): string => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
    return String(error)
  }
  /** A name that is no configuration's: see file-names.ts. */
  const asideName = (folder: string): string => `%tmp-${folder}`
  const staged = new Set<string>()
  const isStaged = (path: string): boolean => staged.size > 0 && staged.has(path.includes('/') ? path.slice(0, path.indexOf('/')) : path)
  const fullPath = (path: string): string => `${root}/${isStaged(path) ? asideName(path) : path}`
  const quietly = (task: () => void): boolean => {
    try {
      task()
      return true
    } catch {
      return false
    }
  }
  const kindAt = (path: string): 'folder' | 'other' | 'none' => {
    const found = fs.lstatSync(fullPath(path), { throwIfNoEntry: false })
    return found === undefined ? 'none' : found.isDirectory() ? 'folder' : 'other'
  }

  /** One folder of a path: a link or a file in its place is as good as no folder, and goes when one is to be made. */
  const stepInto = (path: string, make: boolean): '' | 'missing' | 'different' => {
    const kind = kindAt(path)
    if (kind === 'folder') return ''
    if (!make) return kind === 'none' ? 'missing' : 'different'
    if (kind === 'other') fs.unlinkSync(fullPath(path))
    fs.mkdirSync(fullPath(path), { mode: 0o700 })
    return ''
  }
  /** Looked at once an order: between two, people may have changed anything. */
  const createFolders = (make: boolean): ((folder: string) => string) => {
    const known = new Map<string, string>()
    const look = (folder: string): string => {
      const found = known.get(folder)
      if (found !== undefined) return found
      const slash = folder.lastIndexOf('/')
      let code = slash < 0 ? '' : look(folder.slice(0, slash))
      try {
        if (code === '') code = stepInto(folder, make)
      } catch (error) {
        code = codeOf(error)
      }
      known.set(folder, code)
      return code
    }
    return look
  }
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

  const hashOf = (file: number, bytes: number): string => {
    if (bytes <= piece.length) {
      const read = fs.readSync(file, piece, 0, piece.length, 0)
      return read === bytes ? crypto.hash('md5', piece.subarray(0, read), 'hex') : ''
    }
    const hash = crypto.createHash('md5')
    for (let at = 0; at < bytes; ) {
      const read = fs.readSync(file, piece, 0, piece.length, at)
      if (read === 0) return ''
      hash.update(piece.subarray(0, read))
      at += read
    }
    return hash.digest('hex')
  }
  const isSame = (path: string, bytes: number, md5: string): boolean => {
    const file = fs.openSync(fullPath(path), readFlags)
    try {
      const found = fs.fstatSync(file)
      return found.isFile() && found.size === bytes && hashOf(file, bytes) === md5
    } finally {
      fs.closeSync(file)
    }
  }
  const compare = (path: string, bytes: number, md5: string, folders: (folder: string) => string): string => {
    const folder = folders(folderOf(path))
    if (bytes < 0) return folder !== '' || kindAt(path) === 'none' ? '' : 'extra'
    if (folder !== '') return folder === 'missing' ? 'missing' : 'different'
    // Mostly nothing is there yet, which costs a tenth of what an error costs.
    if (isStaged(path) && kindAt(path) === 'none') return 'missing'
    try {
      return isSame(path, bytes, md5) ? '' : 'different'
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? 'missing' : 'different'
    }
  }

  const openTemp = (path: string): number => {
    try {
      return fs.openSync(path, tempFlags, 0o600)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      fs.unlinkSync(path)
      return fs.openSync(path, tempFlags, 0o600)
    }
  }
  /** A folder in the way goes if it is empty; whose files those are nobody knows. */
  const renameOver = (from: string, to: string): void => {
    try {
      fs.renameSync(from, to)
    } catch (error) {
      if (!quietly(() => fs.rmdirSync(to))) throw error
      fs.renameSync(from, to)
    }
  }
  const putAt = (place: string, content: Uint8Array): void => {
    const file = openTemp(place)
    try {
      try {
        for (let at = 0; at < content.length; ) at += fs.writeSync(file, content, at, content.length - at)
      } finally {
        fs.closeSync(file)
      }
    } catch (error) {
      quietly(() => fs.unlinkSync(place))
      throw error
    }
  }
  const put = (path: string, content: Uint8Array): void => {
    if (isStaged(path) && quietly(() => putAt(fullPath(path), content))) return
    const temp = fullPath(`${folderOf(path)}/%tmp-${temps++}`)
    putAt(temp, content)
    try {
      renameOver(temp, fullPath(path))
    } catch (error) {
      quietly(() => fs.unlinkSync(temp))
      throw error
    }
  }
  /** A name alone is taken away: of a link too, never what it points to. */
  const drop = (path: string): void => {
    const kind = kindAt(path)
    if (kind === 'folder') fs.rmdirSync(fullPath(path))
    else if (kind === 'other') fs.unlinkSync(fullPath(path))
  }
  const change = (
    path: string,
    content: Uint8Array | null,
    md5: string,
    folders: { make(folder: string): string; look(folder: string): string },
  ): string => {
    try {
      if (content === null) {
        if (folders.look(folderOf(path)) === '') drop(path)
        return ''
      }
      if (crypto.hash('md5', content, 'hex') !== md5) return 'md5'
      const folder = folders.make(folderOf(path))
      if (folder === '') put(path, content)
      return folder
    } catch (error) {
      return codeOf(error)
    }
  }
  const writeAll = ({ paths, bytes, md5s, contents }: Extract<ThreadOrder, { kind: 'write' }>): readonly string[] => {
    const folders = { make: createFolders(true), look: createFolders(false) }
    let at = 0
    return paths.map((path, n) => {
      const length = bytes[n] ?? -1
      const content = length < 0 ? null : contents.subarray(at, at + length)
      at += Math.max(0, length)
      return change(path, content, md5s[n] ?? '', folders)
    })
  }

  let problems: string[] = []
  function* names(folder: string, depth: number): Generator<string> {
    if (depth > foldersDeepMax || kindAt(folder) !== 'folder') return
    const open = fs.opendirSync(fullPath(folder), { bufferSize: 256 })
    let seen = 0
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        seen++
        const path = `${folder}/${entry.name}`
        if (entry.isDirectory() || (!entry.isFile() && kindAt(path) === 'folder')) yield* namesOrProblem(path, depth + 1)
        else yield path
      }
    } finally {
      open.closeSync()
    }
    if (seen === 0) quietly(() => fs.rmdirSync(fullPath(folder)))
  }
  function* namesOrProblem(folder: string, depth: number): Generator<string> {
    try {
      yield* names(folder, depth)
    } catch (error) {
      problems.push(`${folder}: ${codeOf(error)}`)
    }
  }
  function* namesIn(folders: readonly string[]): Generator<string> {
    for (const folder of folders) {
      if (kindAt(folder) === 'other') yield folder
      else yield* namesOrProblem(folder, 0)
      if (!staged.has(folder)) yield* namesOrProblem(asideName(folder), 0)
    }
  }
  let listing: Generator<string> | null = null
  const list = ({ folders, begin, count }: Extract<ThreadOrder, { kind: 'list' }>): ThreadAnswer => {
    if (begin || listing === null) {
      listing?.return(undefined)
      listing = namesIn(folders)
      problems = []
    }
    const paths: string[] = []
    let more = true
    while (more && paths.length < count) {
      const next = listing.next()
      if (next.done === true) more = false
      else paths.push(next.value)
    }
    return { codes: [], paths, more, problems }
  }

  const stage = (folders: readonly string[]): void => {
    for (const folder of folders) if (kindAt(folder) === 'none') staged.add(folder)
  }
  /** File by file: the folder has come to be there. What is in the way of a file stays, and the file goes. */
  const moveAll = (folder: string): void => {
    const make = createFolders(true)
    for (const aside of namesOrProblem(asideName(folder), 0)) {
      const path = aside.slice(asideName('').length)
      const code = make(folderOf(path))
      if (code !== '') problems.push(`${path}: ${code}`)
      else if (kindAt(path) !== 'none') fs.unlinkSync(fullPath(aside))
      else fs.renameSync(fullPath(aside), fullPath(path))
    }
  }
  const settle = (folders: readonly string[]): ThreadAnswer => {
    problems = []
    for (const folder of folders) {
      staged.delete(folder)
      const aside = asideName(folder)
      try {
        if (kindAt(aside) !== 'folder') continue
        if (!quietly(() => fs.renameSync(fullPath(aside), fullPath(folder)))) moveAll(folder)
      } catch (error) {
        problems.push(`${folder}: ${codeOf(error)}`)
      }
    }
    return { ...nothing, problems }
  }

  const nothing: ThreadAnswer = { codes: [], paths: [], more: false, problems: [] }
  const carryOut = (order: ThreadOrder): ThreadAnswer => {
    switch (order.kind) {
      case 'list':
        return list(order)
      case 'stage':
        stage(order.folders)
        return nothing
      case 'settle':
        return settle(order.folders)
      case 'write':
        return { ...nothing, codes: writeAll(order) }
      case 'compare': {
        const folders = createFolders(false)
        return { ...nothing, codes: order.paths.map((path, n) => compare(path, order.bytes[n] ?? -1, order.md5s[n] ?? '', folders)) }
      }
    }
  }
  return carryOut
}
