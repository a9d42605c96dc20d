/**
 * Refuses whatever a web page could send: a foreign `Host` (DNS rebinding), a foreign `Origin`, a browser's own word that the
 * request crosses sites (reliability 12, last paragraph). Runs before routing, on every request. No CORS header is ever sent.
 */

import type { IncomingHttpHeaders } from 'node:http'

export interface Guard {
  /** null: let through. Else why not, as a sentence for the 403. */
  check(headers: IncomingHttpHeaders): string | null
}

/**
 * Names only: a port-forward (`18848:8848`) must keep working, and a rebinding attack is recognised by its name. The
 * socket itself is bound to loopback.
 */
const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

const hostName = (host: string): string => {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end > 0 ? host.slice(0, end) : host).toLowerCase()
}

/** What follows the name must be nothing or a port. */
const hasPlainPort = (host: string, name: string): boolean => host.length === name.length || /^:\d{1,5}$/.test(host.slice(name.length))

/**
 * @param allowedOrigins consoles that may write from a browser, besides pages of this node itself (same name and port as in `Host`)
 */
export const createGuard = (allowedOrigins: readonly string[]): Guard => {
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()))
  /** The last good value: a client sends the same one each time. */
  let knownHost = ''
  const hostIsOurs = (host: string): boolean => {
    if (host === knownHost) return true
    const name = hostName(host)
    if (!loopbackNames.has(name) || !hasPlainPort(host, name)) return false
    knownHost = host
    return true
  }
  return {
    check: (headers) => {
      const host = headers.host
      if (host === undefined || !hostIsOurs(host))
        return 'the Host header names another machine: this node answers to 127.0.0.1, localhost and [::1] only'
      const origin = headers.origin?.toLowerCase()
      const site = headers['sec-fetch-site']
      if (origin === undefined && site === undefined) return null
      if (origin !== undefined && allowed.has(origin)) return null
      if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return 'a page of another origin may not talk to this node'
      if (site !== undefined && site !== 'none' && site !== 'same-origin') return 'a page of another site may not talk to this node'
      return null
    },
  }
}
