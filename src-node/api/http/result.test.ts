import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { caused, coded, envelop, filterRefusal, missingParameter, refusal, send, springError } from './errors.ts'
import { createCaller } from './fake-node.testing.ts'
import { restResultAnswer, resultAnswer, sendIfThere } from './result.ts'

let server: Server
afterEach(() => new Promise((resolve) => server.close(resolve)))

const answered = async (answer: (response: ServerResponse) => void) => {
  server = createServer((_request, response) => answer(response))
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
  const { status, text, headers } = await createCaller(() => port)('GET', '/')
  return { status, text, headers }
}

test.each([
  ['a bad value', caused(400, 'invalid dataId : x'), 400, 20_002, 'parameter validate error', 'invalid dataId : x'],
  ['a conflict by its name', caused(500, 'md5 changed', 'resource conflict'), 500, 20_005, 'resource conflict', 'md5 changed'],
  ['nothing there', caused(404, 'config data not exist'), 404, 20_004, 'resource not found', 'config data not exist'],
  ['no right', caused(403, 'no'), 403, 10_001, 'access denied', 'no'],
  [
    'a missing parameter, which v1 answers with 500',
    missingParameter('dataId', 'String'),
    400,
    10_000,
    'parameter missing',
    "Required request parameter 'dataId' for method parameter type String is not present",
  ],
  ['no storage', refusal('storage_unavailable', 'away'), 503, 10_002, 'data access error', 'away'],
  ['a failure of ours', springError({ status: 500, message: 'broken', path: '/', wallMs: 0 }), 500, 30_000, 'server error', 'broken'],
])('%s stands in the envelope of v2 and v3', async (_what, answer, status, code, message, data) => {
  const given = await answered((response) => {
    envelop(response)
    send(response, answer)
  })
  expect([given.status, JSON.parse(given.text)]).toEqual([status, { code, message, data }])
})

test('the same failure without an envelope is that of v1, and its headers stay in both', async () => {
  const answer = coded('column_limit', caused(400, 'too long'))
  expect(await answered((response) => send(response, answer))).toMatchObject({ status: 400, text: 'caused: too long;' })
  server.close()
  const wrapped = await answered((response) => {
    envelop(response)
    send(response, answer)
  })
  expect(wrapped.headers['nacos-trio-error']).toBe('column_limit')
})

test('the words of the parameter filter are the same everywhere', async () => {
  const given = await answered((response) => {
    envelop(response)
    send(response, filterRefusal("Param 'dataId' is illegal"))
  })
  expect(given.text).toBe("Param 'dataId' is illegal\r\n")
})

test('success is 0 in v2 and v3, and 200 in v1', async () => {
  expect(JSON.parse(String(resultAnswer(null).body))).toEqual({ code: 0, message: 'success', data: null })
  expect(JSON.parse(String(restResultAnswer(true).body))).toEqual({ code: 200, message: null, data: true })
  const given = await answered((response) => {
    sendIfThere(response, resultAnswer([1]))
  })
  expect(given.text).toBe('{"code":0,"message":"success","data":[1]}')
})
