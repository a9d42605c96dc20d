/**
 * Whether a permission covers a resource (nacos-http 4): `<namespace>:<group>:<config|naming>/<name>`, where `*` in the permission stands for
 * anything. What a request leaves out stands in its resource as a plain `*`, which only a `*` of the permission covers. Pure.
 */

export type Action = 'r' | 'w'

/** Of a request: `''` where it names none. The default namespace is `''`. */
export interface Resource {
  readonly namespace: string
  readonly group: string
  readonly kind: 'config' | 'naming'
  readonly name: string
}

export interface Permission {
  readonly role: string
  readonly resource: string
  /** `r`, `w` or `rw`. */
  readonly action: string
}

/** What may stand anywhere: named by a row's id, or in a body of JSON. Whoever may touch all of its kind may touch it. */
export const anything = (kind: Resource['kind']): Resource => ({ namespace: '*', group: '*', kind, name: '*' })

/** The default namespace has three names on the wire (nacos-http 3.1). */
const namespaceOf = (given: string): string => (given === 'public' || given === 'null' || given.trim() === '' ? '' : given)

const orAny = (given: string): string => (given === '' ? '*' : given)

/**
 * Linear in practice and never worse than the product of both lengths: a regular expression made of a person's words could take for ever.
 * `*` is the only sign with a meaning.
 */
export const coversText = (pattern: string, text: string): boolean => {
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (from < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at++
      resume = from
    } else if (at < pattern.length && pattern[at] === text[from]) {
      at++
      from++
    } else if (star >= 0) {
      at = star + 1
      from = ++resume
    } else return false
  }
  while (at < pattern.length && pattern[at] === '*') at++
  return at === pattern.length
}

/**
 * The namespace is compared apart, so that no `:` in a group or in a namespace that nobody has moves the border between them. A pattern without `:`
 * is one for the whole.
 */
export const coversResource = (pattern: string, { namespace, group, kind, name }: Resource): boolean => {
  const own = namespaceOf(namespace)
  const rest = `${orAny(group)}:${kind}/${orAny(name)}`
  const border = pattern.indexOf(':')
  if (border < 0) return coversText(pattern, `${own}:${rest}`)
  return coversText(namespaceOf(pattern.slice(0, border)), own) && coversText(pattern.slice(border + 1), rest)
}

export const covers = (permission: Permission, resource: Resource, action: Action): boolean =>
  permission.action.includes(action) && coversResource(permission.resource, resource)
