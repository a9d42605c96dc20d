/** What all callers together may have in this node's memory: messages that come in or are being answered, and answers that are not taken yet. */

export interface BytesInFlight {
  /** False: there is no room, and nothing was taken. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export const createBytesInFlight = (bytesMax: number): BytesInFlight => {
  let taken = 0
  return {
    take: (bytes) => {
      if (taken + bytes > bytesMax) return false
      taken += bytes
      return true
    },
    give: (bytes) => {
      taken -= bytes
    },
  }
}

/** One holder's share of it: set to what it holds now, given back as a whole. */
export interface Share {
  /** False: there is no room; the share stays as it was. */
  set(bytes: number): boolean
}

export const createShare = (room: BytesInFlight): Share => {
  let held = 0
  return {
    set: (bytes) => {
      if (bytes > held && !room.take(bytes - held)) return false
      if (bytes < held) room.give(held - bytes)
      held = bytes
      return true
    },
  }
}
