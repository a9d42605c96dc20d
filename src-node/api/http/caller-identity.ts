/** How a caller says who it is (nacos-http 4), for a question to other nodes in its own name: they judge it as this one did. */

import type { IncomingMessage } from 'node:http'
import { identityHeader } from './gate.ts'
import { limitedText, type Parameters } from './parameters.ts'

const charactersMax = 4096
const fields = ['accessToken', 'username', 'password'] as const

export const identityHeaders = ({ headers }: IncomingMessage): Record<string, string> => {
  const own: Record<string, string> = {}
  for (const name of ['authorization', 'accesstoken', identityHeader]) {
    const value = headers[name]
    if (typeof value === 'string') own[name] = value
  }
  return own
}

/** The query of such a question: what is asked, and who asks where that stands in parameters. */
export const queryInNameOf = (parameters: Parameters, asked: Readonly<Record<string, string>>): URLSearchParams => {
  const query = new URLSearchParams(asked)
  for (const name of fields) {
    const value = limitedText(parameters, name, charactersMax)
    if (value !== '') query.set(name, value)
  }
  return query
}
