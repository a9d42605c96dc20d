/**
 * A disk as it may stand after a power cut: what was synced is there; of everything later each part may be there, or not, or torn. Owns the
 * rules of what a sync makes durable, no others: a file's sync keeps its bytes and its length, a folder's sync keeps the names in it. It knows
 * nothing of what the files mean.
 */

import type { Step } from './recorder/journal.ts'

/** By path relative to the folder; null is a folder. */
export type Image = ReadonlyMap<string, Uint8Array | null>

/** What a disk holds in the beginning, all of it durable. */
export interface FoundFile {
  readonly path: string
  readonly inode: number
  /** Null: a folder. */
  readonly bytes: Uint8Array | null
}

interface StoredFile {
  /** The name that it was made or found under. */
  readonly name: string
  durable: Uint8Array
  unsynced: DataChange[]
}

/** Not durable yet. `order` grows over all changes of the disk. */
export type DataChange =
  | { readonly kind: 'write'; readonly order: number; readonly file: string; readonly at: number; readonly data: Uint8Array }
  | { readonly kind: 'truncate'; readonly order: number; readonly file: string; readonly size: number }

export interface NameChange {
  readonly order: number
  /** A sync of any of them makes it durable. */
  readonly folders: readonly string[]
  readonly becomes: readonly (readonly [path: string, file: StoredFile | 'folder' | null])[]
}

/** Of a write: which of its sectors of 512 bytes arrive. `zeros`: the file has grown, its bytes have not arrived. */
export type DataFate = 'kept' | 'dropped' | 'zeros' | ((sector: number) => boolean)

export interface Fate {
  data(change: DataChange): DataFate
  name(change: NameChange): boolean
}

export interface Disk {
  /** The next thing that happens to it. */
  take(step: Step): void
  /** What is found after a power cut at this moment. */
  afterCut(fate: Fate): Image
  unsyncedData(): readonly DataChange[]
  unsyncedNames(): readonly NameChange[]
}

const sectorBytes = 512

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.')

const resized = (bytes: Uint8Array, size: number): Uint8Array => {
  if (size <= bytes.length) return bytes.subarray(0, size)
  // Room to grow: files grow page by page.
  const room = size <= bytes.buffer.byteLength - bytes.byteOffset ? new Uint8Array(bytes.buffer, bytes.byteOffset, size) : null
  if (room !== null) return room.fill(0, bytes.length)
  const larger = new Uint8Array(Math.max(size, 2 * bytes.length)).subarray(0, size)
  larger.set(bytes)
  return larger
}

const written = (bytes: Uint8Array, change: DataChange & { kind: 'write' }, fate: DataFate): Uint8Array => {
  const { at, data } = change
  const result = resized(bytes, Math.max(bytes.length, at + data.length))
  if (fate === 'zeros') result.fill(0, Math.max(at, Math.min(bytes.length, at + data.length)), at + data.length)
  else if (fate === 'kept') result.set(data, at)
  else if (typeof fate === 'function') {
    // Sectors are those of the file, not of the write.
    for (let from = at; from < at + data.length; ) {
      const sector = Math.floor(from / sectorBytes)
      const to = Math.min((sector + 1) * sectorBytes, at + data.length)
      if (fate(sector)) result.set(data.subarray(from - at, to - at), from)
      from = to
    }
  }
  return result
}

const changed = (bytes: Uint8Array, change: DataChange, fate: DataFate): Uint8Array => {
  if (fate === 'dropped') return bytes
  return change.kind === 'truncate' ? resized(bytes, change.size) : written(bytes, change, fate)
}

type Names = Map<string, StoredFile | 'folder'>

const rename = (names: Names, change: NameChange): void => {
  for (const [path, file] of change.becomes) {
    if (file === null) names.delete(path)
    else names.set(path, file)
  }
}

/** A file whose folder is not there is not there either. */
const reachable = (names: Names, path: string): boolean => {
  const folder = folderOf(path)
  return folder === '.' || (names.get(folder) === 'folder' && reachable(names, folder))
}

const storedOf = ({ path, bytes }: FoundFile): StoredFile => ({ name: path, durable: bytes?.slice() ?? new Uint8Array(0), unsynced: [] })

export const createDisk = (found: readonly FoundFile[]): Disk => {
  const byInode = new Map<number, StoredFile>()
  /** As the running process sees it, and as it is certain to be. */
  const seen: Names = new Map()
  const durable: Names = new Map()
  let renames: NameChange[] = []
  const syncs = new Map<number, number>()
  let order = 0
  for (const each of found) {
    const node = each.bytes === null ? 'folder' : storedOf(each)
    if (node !== 'folder') byInode.set(each.inode, node)
    seen.set(each.path, node)
    durable.set(each.path, node)
  }

  const changeNames = (...becomes: NameChange['becomes']): void => {
    const change = { order: order++, folders: [...new Set(becomes.map(([path]) => folderOf(path)))], becomes }
    renames.push(change)
    rename(seen, change)
  }
  const fileOf = (inode: number): StoredFile => {
    const file = byInode.get(inode)
    if (file === undefined) throw new Error(`nothing is known of the file with inode ${inode}`)
    return file
  }
  const syncFile = (file: StoredFile, before: number): void => {
    for (const change of file.unsynced) if (change.order < before) file.durable = changed(file.durable, change, 'kept')
    file.unsynced = file.unsynced.filter((change) => change.order >= before)
  }
  const syncFolder = (folder: string, before: number): void => {
    const isNow = (change: NameChange): boolean => change.order < before && change.folders.includes(folder)
    for (const change of renames) if (isNow(change)) rename(durable, change)
    renames = renames.filter((change) => !isNow(change))
  }
  const endSync = (number: number, { inode, folder }: { inode: number; folder: string | null }): void => {
    const before = syncs.get(number) ?? 0
    syncs.delete(number)
    if (folder === null) syncFile(fileOf(inode), before)
    else syncFolder(folder, before)
  }

  const take: Disk['take'] = (step) => {
    switch (step.kind) {
      case 'create': {
        const file: StoredFile = { name: step.path, durable: new Uint8Array(0), unsynced: [] }
        byInode.set(step.inode, file)
        return changeNames([step.path, file])
      }
      case 'write': {
        const file = fileOf(step.inode)
        file.unsynced.push({ kind: 'write', order: order++, file: file.name, at: step.at, data: step.data })
        return
      }
      case 'truncate': {
        const file = fileOf(step.inode)
        file.unsynced.push({ kind: 'truncate', order: order++, file: file.name, size: step.size })
        return
      }
      case 'rename': {
        const moved = seen.get(step.from)
        if (moved === undefined || moved === 'folder') throw new Error(`${step.from} is renamed, and is no file that is known`)
        return changeNames([step.from, null], [step.to, moved])
      }
      case 'unlink':
      case 'remove-folder':
        return changeNames([step.path, null])
      case 'make-folder':
        return changeNames([step.path, 'folder'])
      case 'sync-begins':
        syncs.set(step.number, order)
        return
      case 'sync-ends':
        return endSync(step.number, step)
    }
  }

  const afterCut: Disk['afterCut'] = (fate) => {
    const names: Names = new Map(durable)
    for (const change of renames) if (fate.name(change)) rename(names, change)
    const image = new Map<string, Uint8Array | null>()
    for (const [path, node] of names) {
      if (!reachable(names, path)) continue
      if (node === 'folder') image.set(path, null)
      else {
        let bytes: Uint8Array = node.unsynced.length === 0 ? node.durable : node.durable.slice()
        for (const change of node.unsynced) bytes = changed(bytes, change, fate.data(change))
        image.set(path, bytes)
      }
    }
    return image
  }
  const files = (): ReadonlySet<StoredFile> => new Set([...seen.values(), ...durable.values()].filter((node) => node !== 'folder'))
  return {
    take,
    afterCut,
    unsyncedData: () => [...files()].flatMap(({ unsynced }) => unsynced).toSorted((a, b) => a.order - b.order),
    unsyncedNames: () => renames,
  }
}
