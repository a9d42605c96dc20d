/**
 * The renderer's built files, as a fixed list made once, with its page: a request is looked up in the list and never turned into a path, so nothing outside
 * the folder can be reached. A path without a file ending is a screen's address and gets the page itself.
 */

import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { newNonce, securityHeaders, withNonce } from './page-policy.ts'

const fileLimit = 5_000
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
}

export interface BundleAnswer {
  readonly status: 200 | 404
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Bundle {
  /** `pathname` as it stands in the address: percent-encoded, without query. Never throws for what a client sends. */
  answer(pathname: string): Promise<BundleAnswer>
}

/** Rejects if the folder holds no index.html: then there is no console to show. */
export async function loadBundle(folder: string): Promise<Bundle> {
  const files = new Map<string, string>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.slice(0, fileLimit)) {
    if (!entry.isFile() || types[extname(entry.name)] === undefined) continue
    const file = join(entry.parentPath, entry.name)
    files.set(file.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/'), file)
  }
  const pageFile = files.get('/index.html')
  if (pageFile === undefined) throw new Error(`the console's files are missing: no index.html in ${folder}`)
  // Kept, so that a build in between does not send this list's clients to files that it does not hold.
  const page = await readFile(pageFile, 'utf8')

  return {
    async answer(pathname) {
      const nonce = newNonce()
      const wanted = fileName(pathname)
      const file = wanted === null ? undefined : (files.get(wanted) ?? (extname(wanted) === '' ? pageFile : undefined))
      if (file === undefined) {
        return { status: 404, headers: { ...securityHeaders(nonce), 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('not found\n') }
      }
      const body = file === pageFile ? Buffer.from(withNonce(page, nonce)) : await readFile(file)
      const headers = {
        ...securityHeaders(nonce),
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        // Built files carry a hash in their name; the page carries a nonce that must be used once.
        'cache-control': wanted?.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
      }
      return { status: 200, headers, body }
    },
  }
}

function fileName(pathname: string): string | null {
  try {
    const name = decodeURIComponent(pathname)
    // A screen's address is plain; whatever tries to climb, or hides a control character, is nobody's.
    if (/[\p{Cc}\\%]|\/\./u.test(name) || !name.startsWith('/')) return null
    return name
  } catch {
    return null
  }
}
