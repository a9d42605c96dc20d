/** Writes an `application/x-www-form-urlencoded` body. Long values are encoded in slices, so that the supervisor's loop never stands still for them. */

/** Below this the built-in encoder is fast enough to run in one go. */
const sliceBytes = 256 * 1024
const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1')
const percent = 0x25

/** The characters that stand for themselves: letters, digits and `*-._`. */
const plain = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._') plain[char.charCodeAt(0)] = 1

/** Encodes names and values as UTF-8; the server reads back exactly the same strings. */
export async function encodeForm(fields: Readonly<Record<string, string>>): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const [name, value] of Object.entries(fields)) {
    parts.push(Buffer.from(`${parts.length === 0 ? '' : '&'}${encodeURIComponent(name)}=`, 'latin1'))
    const bytes = Buffer.from(value, 'utf8')
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve))
      parts.push(encodeSlice(bytes.subarray(at, at + sliceBytes)))
    }
  }
  return Buffer.concat(parts)
}

function encodeSlice(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * 3)
  let length = 0
  for (const byte of bytes) {
    if (plain[byte] === 1) {
      out[length++] = byte
    } else {
      out[length++] = percent
      out[length++] = hexDigits[byte >> 4] ?? 0
      out[length++] = hexDigits[byte & 15] ?? 0
    }
  }
  return out.subarray(0, length)
}
