/** What may be a user, a password, a role and a resource, as the nodes judge it. Pure. */

const nameMax = 50
const passwordMax = 128
const resourceMax = 128
/** Made by a step of its own. */
export const administratorName = 'nacos'

export interface AccountFault {
  readonly kind: 'empty' | 'long' | 'control' | 'taken' | 'reserved' | 'differs'
  readonly max: string
}

const fault = (kind: AccountFault['kind'], max = 0): AccountFault => ({ kind, max: String(max) })
const hasControl = (text: string): boolean => /\p{Cc}/u.test(text) || !text.isWellFormed()

/** Of a user or a role. */
export const nameFault = (name: string): AccountFault | null => {
  if (name.trim() === '') return fault('empty')
  if (name.length > nameMax) return fault('long', nameMax)
  return hasControl(name) ? fault('control') : null
}

export const userFault = (name: string, taken: ReadonlySet<string>): AccountFault | null => {
  if (name === administratorName) return fault('reserved')
  return nameFault(name) ?? (taken.has(name) ? fault('taken') : null)
}

export const passwordFault = (password: string): AccountFault | null => {
  if (password === '') return fault('empty')
  return password.length > passwordMax ? fault('long', passwordMax) : null
}

export const repeatFault = (password: string, repeat: string): AccountFault | null => (password === repeat ? null : fault('differs'))

/** The whole of one namespace; `*`: of all. */
export const wholeOf = (namespace: string): string => `${namespace}:*:*`

/** Three parts, the last of one kind or of any. */
export const isResource = (resource: string): boolean =>
  resource.length <= resourceMax && !hasControl(resource) && /^[^:]*:[^:]+:(\*|(config|naming|\*)\/.+)$/.test(resource)
