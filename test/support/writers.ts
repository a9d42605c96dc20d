/**
 * Writers that never stop for a fault and keep exact books: what was acknowledged, what was refused, what is unknown. Afterwards the books
 * are held against the cluster: nothing acknowledged lost, nothing refused appeared.
 */

import { publish, read, refusalOf } from './nacos.ts'

interface KeyBook {
  /** Highest acknowledged number; the cluster must hold it or a later one that was not refused. */
  acknowledged: number
  /** Numbers of writes that were certainly not executed. */
  readonly refused: Set<number>
  last: number
}

export interface Writers {
  /** Acknowledged writes so far, and when the newest was. */
  acknowledged(): number
  /** Performance-clock time of the first acknowledgement after `sinceMs` of a write that was begun after it; null if none yet. */
  firstAcknowledgedAfter(sinceMs: number): number | null
  /** The longest time between two acknowledgements since `sinceMs`, which counts as one. */
  longestSilence(sinceMs: number): number
  stop(): Promise<void>
  /** Every broken promise in words, as read from `base`. Call after `stop`. */
  audit(base: string): Promise<readonly string[]>
  /** Refusal codes and socket errors met, with their counts. */
  troubles(): Readonly<Record<string, number>>
}

const keysPerWriter = 16
const pauseAfterTroubleMs = 5

type Verdict = 'acknowledged' | 'refused' | 'unknown'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A connection that was never made carried no write. */
const verdictOfError = (error: unknown): Verdict => ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'unknown')

const numberIn = (text: string): number => Number(/^#(\d+) /.exec(text)?.[1] ?? Number.NaN)

/** Starts `count` writers, each walking its own keys and spread over all `bases`; after `timeoutMs` an outcome counts as unknown. */
export const startWriters = (bases: readonly string[], count = 8, prefix = 'writer', timeoutMs = 15_000): Writers => {
  const books = new Map<string, KeyBook>()
  const troubles: Record<string, number> = {}
  const times: { begunMs: number; endedMs: number }[] = []
  let acknowledged = 0
  let running = true

  const note = (trouble: string): void => {
    troubles[trouble] = (troubles[trouble] ?? 0) + 1
  }
  const attempt = async (base: string, dataId: string, number: number): Promise<Verdict> => {
    try {
      const answer = await publish(base, { dataId }, `#${number} ${'x'.repeat(64)}`, {}, { timeoutMs })
      if (answer.status === 200) return 'acknowledged'
      note(refusalOf(answer) ?? `status ${answer.status}: ${answer.text.slice(0, 80)}`)
      return answer.status === 503 ? 'refused' : 'unknown'
    } catch (error) {
      note((error as NodeJS.ErrnoException).code ?? String(error).replace(/from .* in/, 'in'))
      return verdictOfError(error)
    }
  }
  const write = async (writer: number, turn: number): Promise<void> => {
    const dataId = `${prefix}-${writer}-${turn % keysPerWriter}`
    const book = books.get(dataId) ?? { acknowledged: 0, refused: new Set<number>(), last: 0 }
    books.set(dataId, book)
    book.last += 1
    const number = book.last
    const begunMs = performance.now()
    const verdict = await attempt(bases[(writer + turn) % bases.length] ?? '', dataId, number)
    if (verdict === 'acknowledged') {
      book.acknowledged = number
      acknowledged += 1
      times.push({ begunMs, endedMs: performance.now() })
    } else {
      if (verdict === 'refused') book.refused.add(number)
      await pause(pauseAfterTroubleMs)
    }
  }
  const loops = Array.from({ length: count }, async (_, writer) => {
    for (let turn = 0; running; turn++) await write(writer, turn)
  })

  /** `times` is in order of the end; only its tail can matter. */
  const firstAcknowledgedAfter = (sinceMs: number): number | null => {
    let first: number | null = null
    for (let at = times.length - 1; at >= 0; at--) {
      const time = times[at]
      if (time === undefined || time.endedMs < sinceMs) break
      if (time.begunMs >= sinceMs) first = time.endedMs
    }
    return first
  }

  const longestSilence = (sinceMs: number): number => {
    const since = [sinceMs, ...times.slice(times.findLastIndex(({ endedMs }) => endedMs < sinceMs) + 1).map(({ endedMs }) => endedMs)]
    return Math.max(0, ...since.slice(1).map((atMs, at) => atMs - (since[at] ?? atMs)))
  }

  const auditKey = async (base: string, dataId: string, book: KeyBook): Promise<readonly string[]> => {
    const answer = await read(base, { dataId })
    const found = answer.status === 404 ? 0 : numberIn(answer.text)
    if (Number.isNaN(found)) return [`${dataId}: ${answer.status} ${answer.text.slice(0, 80)}`]
    if (found < book.acknowledged) return [`${dataId}: #${book.acknowledged} was acknowledged, ${base} has #${found}`]
    return book.refused.has(found) ? [`${dataId}: #${found} was refused, and ${base} has it`] : []
  }
  return {
    acknowledged: () => acknowledged,
    firstAcknowledgedAfter,
    longestSilence,
    stop: async () => {
      running = false
      await Promise.all(loops)
    },
    audit: async (base) => (await Promise.all([...books].map(([dataId, book]) => auditKey(base, dataId, book)))).flat(),
    troubles: () => troubles,
  }
}
