/** The bytes of the requests that the bench sends: 128-byte contents that never repeat, over a fixed number of keys. */

export const keyCount = 10_000
const contentBytes = 128
const group = 'bench'
const path = '/nacos/v1/cs/configs'

const head = (method: string, target: string, more = ''): string => `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}`
const withForm = (target: string, body: string, more = ''): string =>
  `${head('POST', target, more)}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`

export const dataIdOf = (key: number): string => `bench-${key % keyCount}`

/** Every content of one process is another: `seed` tells processes apart. */
export const contentOf = (seed: string, turn: number): string => `${seed}-${turn}-`.padEnd(contentBytes, 'x')

export const publishRequest = (dataId: string, content: string): string => withForm(path, `dataId=${dataId}&group=${group}&content=${content}`)

const servicesCount = 1_000
const weights = 10_000

/** As the Node client sends it: all in the query. Weights change, so that no register repeats what is there. */
export const registerRequest = (key: number, turn: number): string => {
  const at = key % keyCount
  const query = `serviceName=bench-${at % servicesCount}&ip=10.1.${at >> 8}.${at & 255}&port=8080&weight=${turn % weights}&metadata=%7B%22zone%22%3A%22a%22%7D`
  return `${head('POST', `/nacos/v1/ns/instance?${query}`)}Content-Length: 0\r\n\r\n`
}

export const readRequest = (dataId: string): string => `${head('GET', `${path}?dataId=${dataId}&group=${group}`)}\r\n`

export const pollRequest = (dataId: string, md5: string): string =>
  withForm(`${path}/listener`, `Listening-Configs=${dataId}%02${group}%02${md5}%01`, 'Long-Pulling-Timeout: 30000\r\n')
