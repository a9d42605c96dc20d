/** The one page at `/nacos`: what this is and where the console is. No script, no outside source, everything escaped. */

import { send } from './errors.ts'
import type { HttpParts } from './ports.ts'
import type { Route } from './router.ts'

const headers = [
  ...['Content-Type', 'text/html;charset=UTF-8', 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer'],
  ...['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const style =
  ':root{color-scheme:light dark;font:16px/1.6 system-ui,sans-serif}body{max-width:42rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-size:1.4rem}code{font-size:.95em}section{margin-top:2rem}'

/** Only a plain http(s) address becomes a link. */
const consoleLink = (url: string): string =>
  /^https?:\/\//.test(url) ? `<a href="${escaped(url)}" rel="noreferrer">${escaped(url)}</a>` : `<code>${escaped(url)}</code>`

const page = (parts: HttpParts): string => {
  const url = parts.consoleUrl()
  const node = `${parts.nodeId}`
  const version = escaped(parts.version)
  const english =
    url === null
      ? 'The console is in the app’s window; a cluster started with <code>--no-console</code> has none.'
      : `The console is at ${consoleLink(url)}.`
  const chinese = url === null ? '控制台在应用窗口中；以 <code>--no-console</code> 启动的集群没有控制台。' : `控制台地址：${consoleLink(url)}。`
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>Nacos Trio · node ${node}</title><style>${style}</style></head><body>` +
    `<h1>Nacos Trio ${version} · node ${node}</h1>` +
    `<section><p>This is one of the nodes of a local Nacos cluster. It serves the Nacos API under <code>/nacos</code> to clients on this machine.</p><p>${english}</p></section>` +
    `<section lang="zh-CN"><p>这是本机 Nacos 集群中的一个节点，在 <code>/nacos</code> 下为本机客户端提供 Nacos API。</p><p>${chinese}</p></section>` +
    `</body></html>`
  )
}

export const createLandingRoute = (parts: HttpParts): Route => ({
  access: 'open',
  GET: (_request, response) => send(response, { status: 200, headers, body: page(parts) }),
})
