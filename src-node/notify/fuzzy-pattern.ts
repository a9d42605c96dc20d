/**
 * Patterns of names (nacos-grpc 5.6): `namespace>>group>>name`, where `*` may stand at either end of the last two, or for the whole of them. A `*` within
 * matches nothing: clients judge by the same rule, and would forget what they were told beyond it. Pure.
 */

/** A configuration or a service. The default namespace is `public` here. */
export interface FuzzyName {
  readonly namespace: string
  readonly group: string
  readonly name: string
}

export interface FuzzyPattern extends FuzzyName {
  /** As the client wrote it: what it is told must hold the same. */
  readonly text: string
  matches(name: FuzzyName): boolean
}

const splitter = '>>'
const any = '*'
export const defaultNamespace = 'public'

const matcherOf = (pattern: string): ((text: string) => boolean) => {
  if (!pattern.includes(any)) return (text) => text === pattern
  const pure = pattern.replaceAll(any, '')
  const [isOpenBefore, isOpenAfter] = [pattern.startsWith(any), pattern.endsWith(any)]
  if (isOpenBefore && isOpenAfter) return pure === '' ? () => true : (text) => text.includes(pure)
  if (isOpenBefore) return (text) => text.endsWith(pure)
  return isOpenAfter ? (text) => text.startsWith(pure) : () => false
}

/** Null: no pattern. What its parts may hold is for others to judge. */
export const fuzzyPatternOf = (text: string): FuzzyPattern | null => {
  const [given = '', group = '', name = '', ...more] = text.split(splitter)
  if (group === '' || name === '' || more.length > 0) return null
  const namespace = given.trim() === '' ? defaultNamespace : given
  const [isGroup, isName] = [matcherOf(group), matcherOf(name)]
  return {
    ...{ text, namespace, group, name },
    matches: (of) => of.namespace === namespace && isGroup(of.group) && isName(of.name),
  }
}
