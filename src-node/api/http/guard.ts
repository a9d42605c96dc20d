/**
 * Refuses whatever a web page could send: a foreign `Host` (DNS rebinding), a foreign `Origin`, a browser's own word that the
 * request crosses sites (reliability 12, last paragraph). Runs before routing, on every request. No CORS header is ever sent.
 */

import type { IncomingHttpHeaders } from 'node:http'

export interface Guard {
  /** null: let through. Else why not, as a sentence for the 403. */
  check(headers: IncomingHttpHeaders): string | null
}

/** Everybody's names of the machine they sit at. */
const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'] as const
/** Of a long list the refusal names so many. */
const namesToldMax = 8

const hostName = (host: string): string => {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end > 0 ? host.slice(0, end) : host).toLowerCase()
}

/** What follows the name must be nothing or a port. */
const hasPlainPort = (host: string, name: string): boolean => host.length === name.length || /^:\d{1,5}$/.test(host.slice(name.length))

/**
 * Whether a `Host` names this node. Names only: a port-forward (`18848:8848`) must keep working, and a rebinding attack is recognised by its name.
 * @param allowed further names, without ports; `*.nacos.svc` stands for every name below `nacos.svc`
 */
export const createHostRule = (allowed: readonly string[]): ((host: string) => boolean) => {
  const given = allowed.map((name) => name.toLowerCase())
  const names: ReadonlySet<string> = new Set([...loopbackNames, ...given.filter((name) => !name.startsWith('*.'))])
  const endings = given.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))
  /** The last good value: a client sends the same one each time. */
  let known = ''
  return (host) => {
    if (host === known) return true
    const name = hostName(host)
    const isNamed = names.has(name) || endings.some((ending) => name.length > ending.length && name.endsWith(ending))
    if (!isNamed || !hasPlainPort(host, name)) return false
    known = host
    return true
  }
}

/**
 * @param allowedHosts names by which callers may call this node, besides those of loopback
 * @param allowedOrigins consoles that may write from a browser, besides pages of this node itself (same name and port as in `Host`)
 */
export const createGuard = (allowedOrigins: readonly string[], allowedHosts: readonly string[] = []): Guard => {
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()))
  const hostIsOurs = createHostRule(allowedHosts)
  const names = [...loopbackNames, ...allowedHosts]
  const told = `${names.slice(0, namesToldMax).join(', ')}${names.length > namesToldMax ? ' …' : ''}`
  return {
    check: (headers) => {
      const host = headers.host
      if (host === undefined || !hostIsOurs(host)) return `the Host header names another machine: this node answers to ${told} only`
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
