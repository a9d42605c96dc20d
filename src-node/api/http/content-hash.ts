/** MD5 of a content, as Nacos wants it everywhere (nacos-http 3.4). A large one is hashed in slices, one a turn of the loop. */

import { createHash, hash } from 'node:crypto'

const sliceBytes = 256 * 1024

/** `done` gets lower-case hex; it is called within this turn for a content of up to 256 KiB. */
export const md5Of = (content: Buffer, done: (md5: string) => void): void => {
  if (content.length <= sliceBytes) {
    done(hash('md5', content, 'hex'))
    return
  }
  const running = createHash('md5')
  let at = 0
  const step = (): void => {
    running.update(content.subarray(at, at + sliceBytes))
    at += sliceBytes
    if (at < content.length) setImmediate(step)
    else done(running.digest('hex'))
  }
  step()
}
