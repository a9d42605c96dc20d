/**
 * Searches over the whole index, one after the other, so many milliseconds a turn for all of them together: however many
 * clients search, the loop is free for consensus. A search whose client is gone is dropped.
 */

export interface ScanParts {
  monotonicMs(): number
  /** Runs the task after the inputs that wait already. */
  defer(task: () => void): void
}

export interface Scan<Row> {
  readonly rows: Iterator<Row>
  wanted(): boolean
  visit(row: Row): void
  done(): void
}

export interface ScanQueue<Row> {
  /** False: too many wait already. `visit` and `done` are called in later turns. */
  add(scan: Scan<Row>): boolean
}

const turnMs = 5
const waitingMax = 256
/** Between two looks at the clock: well below a millisecond. */
const rowsPerLook = 64

export const createScanQueue = <Row>({ monotonicMs, defer }: ScanParts): ScanQueue<Row> => {
  const waiting: Scan<Row>[] = []

  /** Whether the scan is over. */
  const step = ({ rows, visit }: Scan<Row>): boolean => {
    for (let count = 0; count < rowsPerLook; count++) {
      const next = rows.next()
      if (next.done === true) return true
      visit(next.value)
    }
    return false
  }
  const turn = (): void => {
    const untilMs = monotonicMs() + turnMs
    // What fails is the caller's bug, and ends the process; a scan is taken out before it may answer.
    for (let scan = waiting[0]; scan !== undefined && monotonicMs() < untilMs; scan = waiting[0]) {
      if (!scan.wanted()) waiting.shift()
      else if (step(scan)) {
        waiting.shift()
        scan.done()
      }
    }
    if (waiting.length > 0) defer(turn)
  }
  return {
    add: (scan) => {
      if (waiting.length >= waitingMax) return false
      if (waiting.push(scan) === 1) defer(turn)
      return true
    },
  }
}
