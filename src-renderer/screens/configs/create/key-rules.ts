/** The rules for the name of a new configuration, checked before the node does: Nacos' parameter filter (reference nacos-http 3.2, 3.3). */

export const maxDataIdChars = 256
export const maxGroupChars = 128
export const defaultGroup = 'DEFAULT_GROUP'

export type KeyFault =
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-long'; readonly max: number }
  | { readonly kind: 'bad-character'; readonly character: string }

const allowed = /^[a-zA-Z0-9\-_:.]$/

const fault = (text: string, max: number): KeyFault | null => {
  if (text === '') return { kind: 'empty' }
  const character = [...text].find((one) => !allowed.test(one))
  if (character !== undefined) return { kind: 'bad-character', character }
  return text.length > max ? { kind: 'too-long', max } : null
}

/** What is wrong with a dataId; null = good. */
export const dataIdFault = (text: string): KeyFault | null => fault(text, maxDataIdChars)

/** What is wrong with a group; null = good. */
export const groupFault = (text: string): KeyFault | null => fault(text, maxGroupChars)
