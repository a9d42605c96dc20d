/**
 * Logins of all versions: the same bare answer (nacos-http 13), whether or not anybody is asked for a token. The same words for a wrong password and
 * for a user that is not there.
 */

import { type Answer, jsonType, noCache, refusal, textType } from '../errors.ts'
import { addressOf } from '../gate.ts'
import { limitedText } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { sendIfThere } from '../result.ts'
import type { Handler } from '../router.ts'
import { answerLater } from '../v1/answer-later.ts'

const charactersMax = 512

const plain = (status: number, words: string): Answer => ({
  status,
  headers: ['Content-Type', textType, ...noCache, 'X-Content-Type-Options', 'nosniff'],
  body: words,
})

export const createLogin =
  (parts: HttpParts): Handler =>
  (request, response, parameters) => {
    const name = limitedText(parameters, 'username', charactersMax)
    const password = limitedText(parameters, 'password', charactersMax)
    parts.auth.login({ name, password, from: addressOf(request) }, (answer) =>
      answerLater(parts, response, () => {
        if (answer.kind === 'overloaded') sendIfThere(response, refusal('overloaded'))
        else if (answer.kind === 'denied') sendIfThere(response, plain(403, answer.words))
        else {
          const body = { accessToken: answer.token, tokenTtl: answer.ttlSeconds, globalAdmin: answer.isAdmin, username: answer.name }
          const headers = ['Content-Type', jsonType, ...noCache, 'Authorization', `Bearer ${answer.token}`]
          sendIfThere(response, { status: 200, headers, body: JSON.stringify(body) })
        }
      }),
    )
  }
