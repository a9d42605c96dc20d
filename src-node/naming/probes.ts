/** One look at an address, over TCP or HTTP: what the health checks of persistent instances ask. Every socket is closed when it has answered. */

import { connect } from 'node:net'
import type { Probe, ProbeAnswer } from './health-checks.ts'

/** Imported by name it would bring a whole web client along, which nobody here needs. */
const { request } = process.getBuiltinModule('node:http')

const answerOf = (error: NodeJS.ErrnoException): ProbeAnswer => (error.code === 'ECONNREFUSED' ? 'refused' : 'failed')

const once = (done: (answer: ProbeAnswer) => void): ((answer: ProbeAnswer) => void) => {
  let isOver = false
  return (answer) => {
    if (isOver) return
    isOver = true
    done(answer)
  }
}

/** `name:value`, with `|` between them; what is no header is left out. */
export const headersOf = (text: string): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const each of text.split('|')) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`~0-9A-Za-z-]+):\s*([\x20-\x7e]*)$/.exec(each.trim()) ?? []
    if (name !== '') headers[name] = value
  }
  return headers
}

const pathOf = (path: string): string => encodeURI(path.startsWith('/') ? path : `/${path}`).replaceAll('%25', '%')

const askTcp: Probe['tcp'] = (ip, port, timeoutMs, done) => {
  const tell = once(done)
  const socket = connect({ host: ip, port, timeout: timeoutMs })
  const answer = (what: ProbeAnswer): void => {
    socket.destroy()
    tell(what)
  }
  socket.on('connect', () => answer('ok'))
  socket.on('timeout', () => answer('failed'))
  socket.on('error', (error) => answer(answerOf(error)))
}

const askHttp: Probe['http'] = ({ ip, port, path, headers, expectedResponseCode }, timeoutMs, done) => {
  const tell = once(done)
  const asked = request({ host: ip, port, path: pathOf(path), headers: headersOf(headers), agent: false, signal: AbortSignal.timeout(timeoutMs) })
  asked.on('response', (response) => {
    response.destroy()
    tell(response.statusCode === expectedResponseCode ? 'ok' : 'failed')
  })
  asked.on('error', (error) => tell(answerOf(error)))
  asked.end()
}

/** What cannot even be asked for, such as a path that is none, has failed. */
const orFailed = (ask: () => void, done: (answer: ProbeAnswer) => void): void => {
  try {
    ask()
  } catch {
    done('failed')
  }
}

export const createProbe = (): Probe => ({
  tcp: (ip, port, timeoutMs, done) => orFailed(() => askTcp(ip, port, timeoutMs, done), done),
  http: (target, timeoutMs, done) => orFailed(() => askHttp(target, timeoutMs, done), done),
})
