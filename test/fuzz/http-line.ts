/** One raw connection to a node: writes bytes, reads one answer. Knows as much of HTTP as answers need, and nothing of requests. */

import { connect, type Socket } from 'node:net'
import type { FuzzAnswer } from './http-oracle.ts'

/** `hung-up`: the server closed without a word. `silent`: it said nothing for so long. */
export type Outcome = { readonly kind: 'answer'; readonly answer: FuzzAnswer } | { readonly kind: 'hung-up' } | { readonly kind: 'silent' }

export interface Line {
  /** One at a time, for so long at most. `isHead`: the answer has no body, whatever it says. */
  send(bytes: Buffer, isHead: boolean, silenceMs: number): Promise<Outcome>
  close(): void
}

const headOf = (text: string): { head: string; status: number; bodyAt: number } | null => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  return { head: head.toLowerCase(), status: Number(head.slice(9, 12)), bodyAt: end + 4 }
}

/** The body once it is whole; null before. */
const bodyOf = (head: string, rest: string, ended: boolean): string | null => {
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
  if (length !== undefined) return rest.length >= Number(length) ? rest.slice(0, Number(length)) : null
  if (/\r\ntransfer-encoding: chunked/.test(head)) return rest.endsWith('0\r\n\r\n') ? rest : null
  return ended || / 204 | 304 /.test(head) ? rest : null
}

export const openLine = (port: number): Line => {
  let socket: Socket | null = null
  const close = (): void => {
    socket?.destroy()
    socket = null
  }
  const send = (bytes: Buffer, isHead: boolean, silenceMs: number): Promise<Outcome> =>
    new Promise((done) => {
      const line = socket ?? connect({ host: '127.0.0.1', port })
      socket = line
      const startedMs = performance.now()
      let text = ''
      let over = false
      const finish = (outcome: Outcome, keep: boolean): void => {
        if (over) return
        over = true
        clearTimeout(timer)
        line.removeAllListeners()
        line.on('error', () => undefined)
        if (!keep) close()
        done(outcome)
      }
      const look = (ended: boolean): void => {
        while (/^HTTP\/1\.1 100 /.test(text)) text = text.slice(text.indexOf('\r\n\r\n') + 4)
        const found = headOf(text)
        const body = found === null ? null : isHead ? '' : bodyOf(found.head, text.slice(found.bodyAt), ended)
        if (found === null || body === null) {
          if (ended) finish({ kind: 'hung-up' }, false)
          return
        }
        const answer = {
          status: found.status,
          head: found.head,
          body: Buffer.from(body, 'latin1').toString('utf8'),
          tookMs: performance.now() - startedMs,
        }
        finish({ kind: 'answer', answer }, !ended && !/\r\nconnection: close/.test(found.head))
      }
      const timer = setTimeout(() => finish({ kind: 'silent' }, false), silenceMs)
      line.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        look(false)
      })
      line.on('close', () => look(true))
      line.on('error', () => look(true))
      line.write(bytes)
    })
  return { send, close }
}
