/**
 * Collects a JSON body as bytes, for the few operations that take one; small by nature, so its limit is low unless a route names another one. It is handed on beside the
 * fields of the form, never among them: no name that a form or a query carries can stand for it.
 */

/** Of an operation that says nothing else. */
export const usualJsonBytesMax = 64 * 1024

/** Exactly this type, perhaps with parameters after it. */
export const isJson = (contentType: string | undefined): boolean => contentType !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType)

export interface JsonCollector {
  feed(piece: Buffer): void
  end(): { readonly ok: true; readonly json: Buffer } | { readonly ok: false; readonly problem: string }
}

export const createJsonCollector = (jsonBytesMax: number): JsonCollector => {
  const pieces: Buffer[] = []
  let bytes = 0
  return {
    feed: (piece) => {
      bytes += piece.length
      if (bytes <= jsonBytesMax) pieces.push(Buffer.from(piece))
    },
    end: () =>
      bytes > jsonBytesMax ? { ok: false, problem: `a JSON body may have ${jsonBytesMax} bytes` } : { ok: true, json: Buffer.concat(pieces) },
  }
}
