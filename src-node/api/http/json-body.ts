/** A JSON body as one field, for the few operations that take one; small by nature, so its limit is low. Shaped like the form decoder. */

import type { Field } from './form.ts'

/** Name of the one field; no form can carry it, since a form's field is never nameless here. */
export const jsonField = '{}'

const jsonBytesMax = 64 * 1024

export const isJson = (contentType: string | undefined): boolean => contentType?.toLowerCase().startsWith('application/json') === true

export interface JsonCollector {
  feed(piece: Buffer): void
  end(): { readonly ok: true; readonly fields: readonly Field[] } | { readonly ok: false; readonly problem: string }
}

export const createJsonCollector = (): JsonCollector => {
  const pieces: Buffer[] = []
  let bytes = 0
  return {
    feed: (piece) => {
      bytes += piece.length
      if (bytes <= jsonBytesMax) pieces.push(Buffer.from(piece))
    },
    end: () =>
      bytes > jsonBytesMax
        ? { ok: false, problem: `a JSON body may have ${jsonBytesMax} bytes` }
        : { ok: true, fields: [{ name: jsonField, value: Buffer.concat(pieces), overlong: false }] },
  }
}
