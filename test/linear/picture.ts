/**
 * An illegal history as a page to look at, without scripts or anything from outside: one lane a client, the longest order that was possible numbered
 * in green, in red what found no place in it.
 */

import type { Operation } from './history.ts'

interface Words<I, O> {
  readonly title: string
  readonly order: readonly number[]
  textOf(input: I, output: O | null): string
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign)

const laneHeight = 26
const nameWidth = 70
const cellWidth = 90

/** Moments by their rank: what matters is which came first, and true distances would leave nothing to read. */
function ranksOf<I, O>(operations: readonly Operation<I, O>[]): ReadonlyMap<number, number> {
  const moments = new Set(operations.flatMap(({ callAt, returnAt }) => (returnAt === Number.POSITIVE_INFINITY ? [callAt] : [callAt, returnAt])))
  return new Map([...moments].toSorted((a, b) => a - b).map((moment, rank) => [moment, rank]))
}

/** A self-contained HTML page, its SVG about 45 pixels wide per moment. */
export function drawHistory<I, O>(operations: readonly Operation<I, O>[], { title, order, textOf }: Words<I, O>): string {
  const ranks = ranksOf(operations)
  const places = new Map(order.map((operation, place) => [operation, place + 1]))
  const lanes = [...new Set(operations.map(({ client }) => client))]
  const x = (moment: number) => nameWidth + ((ranks.get(moment) ?? ranks.size) * cellWidth) / 2
  const width = x(Number.POSITIVE_INFINITY) + cellWidth
  const names = lanes.map((lane, i) => `<text x="4" y="${i * laneHeight + 17}">${escaped(lane)}</text>`)
  const bars = operations.map(({ client, input, output, callAt, returnAt }, i) => {
    const place = places.get(i)
    const kind = place !== undefined ? 'placed' : output === null ? 'unknown' : 'stuck'
    const words = escaped(`${place === undefined ? '' : `${place}. `}${textOf(input, output)}`)
    const top = lanes.indexOf(client) * laneHeight + 3
    const end = returnAt === Number.POSITIVE_INFINITY ? width : x(returnAt)
    const barWidth = Math.max(8, end - x(callAt) - 2)
    const hover = `<title>${words} [${callAt}, ${returnAt}]</title>`
    const box = `x="${x(callAt)}" y="${top}" width="${barWidth}" height="20"`
    return `<g class="${kind}">${hover}<rect ${box} rx="3"/><svg ${box}><text x="4" y="14">${words}</text></svg></g>`
  })
  const style = [
    'body{font:12px ui-monospace,monospace;margin:16px}svg{overflow:hidden}',
    '.placed rect{fill:#c9f2d4}.stuck rect{fill:#ffc9c9}.unknown rect{fill:#e6e6e6}',
  ].join('')
  const svg = `<svg width="${width}" height="${lanes.length * laneHeight}">${names.join('')}${bars.join('')}</svg>`
  const legend = '<p>Numbered: the longest order that was possible. Red: answered, and found no place in it. Grey: outcome unknown.</p>'
  const head = `<meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style>`
  return `<!doctype html><html lang="en"><head>${head}</head><body><h1>${escaped(title)}</h1>${legend}${svg}</body></html>\n`
}

/** The same for a terminal: operations by call time, each with its place. */
export function tellHistory<I, O>(operations: readonly Operation<I, O>[], { title, order, textOf }: Words<I, O>): string {
  const places = new Map(order.map((operation, place) => [operation, place + 1]))
  const rows = operations.map(({ client, input, output, callAt, returnAt }, i) => {
    const place = places.get(i)
    const mark = place !== undefined ? `${place}.` : output === null ? '?' : '!!'
    return { callAt, text: `${mark.padStart(6)} [${callAt}, ${returnAt}] ${client}: ${textOf(input, output)}` }
  })
  const lines = rows.toSorted((a, b) => a.callAt - b.callAt).map(({ text }) => text)
  return [title, ...lines, 'number: place in the longest order; !!: found no place; ?: outcome unknown'].join('\n')
}
