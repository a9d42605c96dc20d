/** A publish of a content that fills hundreds of pages: a few of them make a log carry its write-ahead log over in the middle of its life. */

import { createHash } from 'node:crypto'
import { encodeCommand } from '../../../src-node/state-machine/command-codec.ts'

const contentBytes = 900_000

export const largeCommandOf = (index: number): Uint8Array => {
  const content = Buffer.alloc(contentBytes, `${index} large `)
  const md5 = createHash('md5').update(content).digest('hex')
  const key = { namespace: '', group: 'g', dataId: `large${index % 3}`, expectedMd5: null, sourceIp: '', sourceUser: '' }
  return encodeCommand({ kind: 'publish-config', ...key, content, md5, type: 'text', appName: '', description: '', tags: null, encryptedDataKey: '' })
}
