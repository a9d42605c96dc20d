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
  readonly kind: 'file'
  /** The name that it was made or found under. */
  readonly name: string
  durable: Uint8Array
  unsynced: DataChange[]
}

/** Not durable yet. `order` grows over all changes of the disk. */
export type DataChange =
  | { readonly kind: 'write'; readonly order: number; readonly file: string; readonly at: number; readonly data: Uint8Array }
  | { readonly kind: 'truncate'; readonly order: number; readonly file: string; readonly size: number }

/** Itself, whatever its name is: what is in it goes along when it is renamed. */
interface Folder {
  readonly kind: 'folder'
}
type Stored = StoredFile | Folder

/** A name in a folder, and what it stands for from then on. */
interface NewName {
  readonly folder: Folder
  readonly name: string
  readonly stands: Stored | null
}

/** A sync of any of the folders makes it durable. */
export interface NameChange {
  readonly order: number
  readonly becomes: readonly NewName[]
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

type Names = Map<Folder, Map<string, Stored>>

const namesIn = (names: Names, folder: Folder): Map<string, Stored> => {
  const found = names.get(folder) ?? new Map<string, Stored>()
  names.set(folder, found)
  return found
}

const rename = (names: Names, { becomes }: NameChange): void => {
  for (const { folder, name, stands } of becomes) {
    if (stands === null) namesIn(names, folder).delete(name)
    else namesIn(names, folder).set(name, stands)
  }
}

const root: Folder = { kind: 'folder' }
const splitPath = (path: string): readonly [folder: string, name: string] => {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? ['.', path] : [path.slice(0, slash), path.slice(slash + 1)]
}

const at = (names: Names, path: string): Stored | undefined => {
  if (path === '.') return root
  const [parent, name] = splitPath(path)
  const folder = at(names, parent)
  return folder?.kind === 'folder' ? names.get(folder)?.get(name) : undefined
}
const placeAt = (names: Names, path: string): { readonly folder: Folder; readonly name: string } => {
  const [parent, name] = splitPath(path)
  const folder = at(names, parent)
  if (folder?.kind !== 'folder') throw new Error(`${parent} is no folder that is known`)
  return { folder, name }
}

/** All that can be reached from `folder`, by path. */
function* reachable(names: Names, folder: Folder, before = ''): Generator<readonly [path: string, stored: Stored]> {
  for (const [name, stored] of names.get(folder) ?? []) {
    yield [before + name, stored]
    if (stored.kind === 'folder') yield* reachable(names, stored, `${before}${name}/`)
  }
}

const storedOf = ({ path, bytes }: FoundFile): StoredFile => ({
  kind: 'file',
  name: path,
  durable: bytes?.slice() ?? new Uint8Array(0),
  unsynced: [],
})

export const createDisk = (found: readonly FoundFile[]): Disk => {
  const byInode = new Map<number, StoredFile>()
  /** As the running process sees it, and as it is certain to be. */
  const seen: Names = new Map()
  const durable: Names = new Map()
  let renames: NameChange[] = []
  const syncs = new Map<number, { readonly before: number; readonly folder: Stored | undefined }>()
  let order = 0
  // A folder comes before what is in it.
  for (const each of found.toSorted((a, b) => a.path.length - b.path.length)) {
    const stands: Stored = each.bytes === null ? { kind: 'folder' } : storedOf(each)
    if (stands.kind === 'file') byInode.set(each.inode, stands)
    const change = { order: 0, becomes: [{ ...placeAt(seen, each.path), stands }] }
    rename(seen, change)
    rename(durable, change)
  }

  const changeNames = (...becomes: (readonly [path: string, stands: Stored | null])[]): void => {
    const change = { order: order++, becomes: becomes.map(([path, stands]) => ({ ...placeAt(seen, path), stands })) }
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
  const syncFolder = (folder: Stored | undefined, before: number): void => {
    const isNow = (change: NameChange): boolean => change.order < before && change.becomes.some((name) => name.folder === folder)
    for (const change of renames) if (isNow(change)) rename(durable, change)
    renames = renames.filter((change) => !isNow(change))
  }
  const endSync = (number: number, inode: number, isFile: boolean): void => {
    const { before, folder } = syncs.get(number) ?? { before: 0, folder: undefined }
    syncs.delete(number)
    if (isFile) syncFile(fileOf(inode), before)
    else syncFolder(folder, before)
  }

  const take: Disk['take'] = (step) => {
    switch (step.kind) {
      case 'create': {
        const file: StoredFile = { kind: 'file', name: step.path, durable: new Uint8Array(0), unsynced: [] }
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
        const moved = at(seen, step.from)
        if (moved === undefined) throw new Error(`${step.from} is renamed, and nothing is known of it`)
        return changeNames([step.from, null], [step.to, moved])
      }
      case 'unlink':
      case 'remove-folder':
        return changeNames([step.path, null])
      case 'make-folder':
        return changeNames([step.path, { kind: 'folder' }])
      case 'sync-begins':
        syncs.set(step.number, { before: order, folder: step.folder === null ? undefined : at(seen, step.folder) })
        return
      case 'sync-ends':
        return endSync(step.number, step.inode, step.folder === null)
    }
  }

  const afterCut: Disk['afterCut'] = (fate) => {
    const names: Names = new Map(Array.from(durable, ([folder, inside]) => [folder, new Map(inside)]))
    for (const change of renames) if (fate.name(change)) rename(names, change)
    const image = new Map<string, Uint8Array | null>()
    for (const [path, stored] of reachable(names, root)) {
      if (stored.kind === 'folder') {
        image.set(path, null)
        continue
      }
      let bytes: Uint8Array = stored.unsynced.length === 0 ? stored.durable : stored.durable.slice()
      for (const change of stored.unsynced) bytes = changed(bytes, change, fate.data(change))
      image.set(path, bytes)
    }
    return image
  }
  const files = (): ReadonlySet<StoredFile> =>
    new Set([seen, durable].flatMap((names) => [...names.values()].flatMap((inside) => [...inside.values()])).filter((node) => node.kind === 'file'))
  return {
    take,
    afterCut,
    unsyncedData: () => [...files()].flatMap(({ unsynced }) => unsynced).toSorted((a, b) => a.order - b.order),
    unsyncedNames: () => renames,
  }
}
