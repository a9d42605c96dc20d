/** Whether the disks of a node have room for a start. Looks at them, and changes nothing. */

import { statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** A start writes a few dozen pages; below this it is not worth one. */
const startBytes = 1024 * 1024

/** People put single files on other disks; each is looked at where it is. */
const places = ['.', 'logs', 'data', 'data/raft.db', 'data/state.db'] as const

/** A place that cannot be looked at holds nobody up: the node itself says what is wrong there. */
const hasRoomAt = async (path: string): Promise<boolean> => {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize >= startBytes
  } catch {
    return true
  }
}

/** @param dir the node's home */
export const hasRoom = async (dir: string): Promise<boolean> => (await Promise.all(places.map((place) => hasRoomAt(join(dir, place))))).every(Boolean)
