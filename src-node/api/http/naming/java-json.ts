/** JSON as Java writes it, where a `double` shows that it is one (`1.0`), for readers that tell it from an integer; lists in pieces, since a service may have many instances. */

/** Of a finite number below 1e21. */
export const javaDouble = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

export const quoted = (text: string): string => JSON.stringify(text)

export const arrayOf = (items: readonly string[]): string => `[${items.join(',')}]`

/** So many rows make one piece of an answer: a few KB. */
const rowsPerPiece = 16

/** A list that may be long, piece by piece. */
export function* listPieces<Row>(rows: readonly Row[], json: (row: Row) => string): Generator<string> {
  yield '['
  for (let at = 0; at < rows.length; at += rowsPerPiece) {
    const piece = rows
      .slice(at, at + rowsPerPiece)
      .map(json)
      .join(',')
    yield at === 0 ? piece : `,${piece}`
  }
  yield ']'
}

/** Page of 2.x and 3.x lists (nacos-http 2.1) around its items. */
export function* pagePieces(total: number, page: { readonly pageNo: number; readonly pageSize: number }, items: Iterable<string>): Generator<string> {
  yield `{"totalCount":${total},"pageNumber":${page.pageNo},"pagesAvailable":${Math.ceil(total / page.pageSize)},"pageItems":`
  yield* items
  yield '}'
}
