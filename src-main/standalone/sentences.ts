/** How a start is refused: thrown where it is found, told once, in both languages and with the next step. */

import type { Language } from '../cluster/problem-words.ts'

export type Sentence = Readonly<Record<Language, string>>

export const refuse = (en: string, zh: string): never => {
  throw Object.assign(new Error(en), { sentence: { en: `${en}.`, zh: `${zh}。` } })
}

/** Of the command line. */
export const badOption = (en: string, zh: string): never => refuse(`${en}; see nacos-trio node --help`, `${zh}；请看 nacos-trio node --help`)

/** Null: it is no refusal. */
export const sentenceOf = (error: unknown): Sentence | null =>
  error instanceof Error && 'sentence' in error ? (error as Error & { readonly sentence: Sentence }).sentence : null
