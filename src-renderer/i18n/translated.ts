/** The shape that a second language must have: every key of the first, no other, each a string. */

export type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translated<T[K]> }
