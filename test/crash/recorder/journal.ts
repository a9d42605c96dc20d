/** Reads what recorder.c has noted: every change of a folder, in order. A journal that says it missed something is refused. */

/** Files are named by inode: the number that a name stands for at that moment. Paths are relative to the folder, `.` is itself. */
export type Step =
  | { readonly kind: 'create'; readonly path: string; readonly inode: number }
  | { readonly kind: 'write'; readonly inode: number; readonly at: number; readonly data: Uint8Array }
  | { readonly kind: 'truncate'; readonly inode: number; readonly size: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink' | 'make-folder' | 'remove-folder'; readonly path: string }
  /** A sync makes durable what was changed before it began, once it has ended. `folder` is null for a file's. */
  | { readonly kind: 'sync-begins' | 'sync-ends'; readonly number: number; readonly inode: number; readonly folder: string | null }

export interface Journal {
  readonly steps: readonly Step[]
  /** What the last step or an open under way may have changed or not: `kill -9` came in between. */
  readonly underWay: Step | { readonly kind: 'open'; readonly path: string } | null
}

const kinds = {
  ...{ create: 1, write: 2, truncate: 3, rename: 4, unlink: 5, makeFolder: 6, removeFolder: 7 },
  ...{ syncBegins: 8, syncEnds: 9, failed: 10, aboutToOpen: 11, unseen: 12 },
} as const
const headBytes = 32

interface Note {
  readonly kind: number
  readonly path: string
  readonly inode: number
  readonly offset: number
  readonly data: Buffer
}

/** The last note may be cut by a kill; its change was not made then. */
function* notesIn(bytes: Buffer): Generator<Note> {
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const pathEnd = at + headBytes + bytes.readUInt32LE(at + 4)
    const end = pathEnd + Number(bytes.readBigUInt64LE(at + 24))
    if (end > bytes.length) return
    yield {
      ...{ kind: bytes.readUInt32LE(at), path: bytes.toString('utf8', at + headBytes, pathEnd), data: bytes.subarray(pathEnd, end) },
      ...{ inode: Number(bytes.readBigUInt64LE(at + 8)), offset: Number(bytes.readBigUInt64LE(at + 16)) },
    }
    at = end
  }
}

const stepOf = ({ kind, path, inode, offset, data }: Note): Step => {
  switch (kind) {
    case kinds.create:
      return { kind: 'create', path, inode }
    case kinds.write:
      return { kind: 'write', inode, at: offset, data }
    case kinds.truncate:
      return { kind: 'truncate', inode, size: offset }
    case kinds.rename:
      return { kind: 'rename', from: path, to: data.toString('utf8') }
    case kinds.unlink:
      return { kind: 'unlink', path }
    case kinds.makeFolder:
      return { kind: 'make-folder', path }
    case kinds.removeFolder:
      return { kind: 'remove-folder', path }
    case kinds.syncBegins:
    case kinds.syncEnds:
      return { kind: kind === kinds.syncBegins ? 'sync-begins' : 'sync-ends', number: offset, inode, folder: path === '' ? null : path }
    default:
      throw new Error(`the journal holds a note of the unknown kind ${kind}`)
  }
}

/** What is left of the step before, of which only so many bytes came about. */
const shortened = (step: Step | undefined, bytes: number): readonly Step[] =>
  step?.kind === 'write' && bytes > 0 ? [{ ...step, data: step.data.subarray(0, bytes) }] : []

const isSync = (step: Step): boolean => step.kind === 'sync-begins' || step.kind === 'sync-ends'

export const readJournal = (bytes: Buffer): Journal => {
  const steps: Step[] = []
  let underWay: Journal['underWay'] = null
  for (const note of notesIn(bytes)) {
    if (note.kind === kinds.unseen) throw new Error(`the recorder cannot follow ${note.path}`)
    if (note.kind === kinds.failed) steps.push(...shortened(steps.pop(), note.offset))
    else if (note.kind === kinds.aboutToOpen) underWay = { kind: 'open', path: note.path }
    else {
      const step = stepOf(note)
      steps.push(step)
      // Others write while a sync runs: its notes say nothing of what else is under way.
      if (!isSync(step)) underWay = step
    }
  }
  return { steps, underWay }
}
