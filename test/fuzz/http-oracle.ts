/** What a node may answer to anything: nothing that means that it broke. */

export interface FuzzAnswer {
  readonly status: number
  /** As they came, names in small letters. */
  readonly head: string
  readonly body: string
  readonly tookMs: number
}

/** However odd the question is. */
const answerLimitMs = 1_000

/** Of the table of codes (nacos-http 2.3), those that come with status 500; 30000, "server error", is none that may come. */
const declaredCodes: ReadonlySet<number> = new Set([500, 20005, 22002, 10002])

const codeIn = (body: string): number | null => {
  try {
    const { code } = JSON.parse(body) as { code?: unknown }
    return typeof code === 'number' ? code : null
  } catch {
    return null
  }
}

/** A 500 with words for the caller is Nacos's own way to say that a parameter is missing or that a compare-and-set lost. */
const isDeclared500 = (body: string): boolean => {
  if (/the node failed to answer/.test(body)) return false
  const code = codeIn(body)
  return body.startsWith('caused: ') || (code !== null && declaredCodes.has(code)) || /not in readiness$/.test(body)
}

const isDeclared = ({ status, head, body }: FuzzAnswer): boolean => {
  if (status < 500 || status === 501) return true
  if (status === 500) return isDeclared500(body) || (body === '' && !/content-length: [1-9]/.test(head))
  return (status === 503 || status === 504) && (/nacos-trio-error: /.test(head) || body.startsWith('server is '))
}

/** In words what must not be; null: all is well. */
export const wrongWith = (answer: FuzzAnswer): string | null => (isDeclared(answer) ? null : `${answer.status} ${answer.body.slice(0, 300)}`)

export const isLate = ({ tookMs }: FuzzAnswer): boolean => tookMs > answerLimitMs
