/** JSON as Java writes it: a `double` shows that it is one (`1.0`), for readers that tell it from an integer. */

/** Of a finite number below 1e21. */
export const javaDouble = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

export const quoted = (text: string): string => JSON.stringify(text)

export const arrayOf = (items: readonly string[]): string => `[${items.join(',')}]`

/** Page of 2.x and 3.x lists (nacos-http 2.1). */
export const pageJson = (
  total: number,
  { pageNo, pageSize }: { readonly pageNo: number; readonly pageSize: number },
  items: readonly string[],
): string => `{"totalCount":${total},"pageNumber":${pageNo},"pagesAvailable":${Math.ceil(total / pageSize)},"pageItems":${arrayOf(items)}}`
