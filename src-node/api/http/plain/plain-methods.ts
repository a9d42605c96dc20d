/** How a route says that the plain lane serves some of its methods too, whatever their parameters. */

import type { PlainChoice, PlainHandler } from './plain-port.ts'

type PlainMethods = Partial<Readonly<Record<'PUT' | 'POST' | 'DELETE', PlainHandler>>>

export const plainly = (methods: PlainMethods): PlainMethods & { readonly PLAIN: Readonly<Record<string, PlainChoice>> } => ({
  ...methods,
  PLAIN: Object.fromEntries(Object.entries(methods).map(([method, handler]) => [method, () => handler])),
})
