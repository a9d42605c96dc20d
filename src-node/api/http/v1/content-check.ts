/**
 * What the store gave against what the machine's memory says was written: length and md5. A difference is damage of the disk:
 * that request gets 503, and the node ends, since nothing else of that file may be believed either.
 */

import { exitCodes } from '../../../observe/channel.ts'
import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow, ConfigKey, ConfigRow } from '../../../state-machine/types.ts'
import { type StorageFailure, storageFailure } from '../../../storage/storage-failure.ts'
import { md5Of } from '../content-hash.ts'
import { send, storeBroken } from '../errors.ts'
import type { PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'

const damaged = (row: ConfigKey, what: string): StorageFailure =>
  storageFailure(exitCodes.dataDamaged, `state.db: the content of dataId ${row.dataId}, group ${row.group} ${what}`)

const missing = (row: ConfigKey): StorageFailure => damaged(row, 'is missing')
const otherLength = (row: ConfigKey): StorageFailure => damaged(row, 'has another length than what was written')
export const otherMd5 = (row: ConfigKey): StorageFailure => damaged(row, 'is not what was written (its md5 differs)')

/** What the machine's memory says of a content. */
type WrittenContent = ConfigKey & Pick<ConfigIndexRow, 'md5' | 'contentBytes'>

/** A small content within this turn, a large one in slices, one a turn. `done` gets the content, or why it cannot be believed. */
export const checkContent = (row: WrittenContent, content: Uint8Array | undefined, done: (result: Uint8Array | StorageFailure) => void): void => {
  if (content === undefined) done(missing(row))
  else if (content.length !== row.contentBytes) done(otherLength(row))
  else md5Of(Buffer.from(content.buffer, content.byteOffset, content.length), (md5) => done(md5 === row.md5 ? content : otherMd5(row)))
}

/** The whole row as it is now, undefined if there is none. Its bytes are still to be hashed. Throws a `StorageFailure`. */
export const readWhole = (parts: HttpParts, key: ConfigKey): ConfigRow | undefined => {
  const known = parts.configs.find(key)
  if (known === undefined) return undefined
  const row = parts.configs.readConfig(key)
  if (row === undefined) throw missing(known)
  if (row.content.length !== known.contentBytes) throw otherLength(known)
  if (row.md5 !== known.md5) throw otherMd5(known)
  return row
}

/** The content of a gray version. Its bytes are still to be hashed. Throws a `StorageFailure`. */
export const readGray = ({ grays }: Pick<HttpParts, 'grays'>, row: GrayRow): Uint8Array => {
  const content = grays.readContent(row)
  if (content === undefined) throw missing(row)
  if (content.length !== row.contentBytes) throw otherLength(row)
  return content
}

/** For failures that are found outside the handler's own turn. */
export const answerBroken = (parts: HttpParts, response: PlainResponse, failure: StorageFailure): void => {
  parts.storeBroken(failure)
  if (response.headersSent) response.destroy()
  else if (!response.destroyed) send(response, storeBroken)
}
