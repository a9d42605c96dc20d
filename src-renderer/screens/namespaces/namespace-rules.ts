/** What may be an ID, a name and a description of a namespace, as the nodes judge it. Pure. */

const idMax = 128
const nameMax = 256
const descriptionMax = 256
const reserved: ReadonlySet<string> = new Set(['public', 'null'])

export interface Fault<K extends string> {
  readonly kind: K
  readonly max: string
}
export type IdFault = Fault<'id-characters' | 'id-long' | 'id-reserved' | 'id-taken'>
export type NameFault = Fault<'name-empty' | 'name-characters' | 'name-long'>
export type DescriptionFault = Fault<'description-long'>

/** A blank one is none: a random one is made. */
export const idFault = (id: string, taken: ReadonlySet<string>): IdFault | null => {
  const given = id.trim()
  const fault = (kind: IdFault['kind']): IdFault => ({ kind, max: String(idMax) })
  if (given === '') return null
  if (given.length > idMax) return fault('id-long')
  if (!/^[A-Za-z0-9_-]+$/.test(given)) return fault('id-characters')
  if (reserved.has(given)) return fault('id-reserved')
  return taken.has(given) ? fault('id-taken') : null
}

export const nameFault = (name: string): NameFault | null => {
  const fault = (kind: NameFault['kind']): NameFault => ({ kind, max: String(nameMax) })
  if (name.trim() === '') return fault('name-empty')
  if (name.length > nameMax) return fault('name-long')
  return /[@#$%^&*]/.test(name) ? fault('name-characters') : null
}

export const descriptionFault = (description: string): DescriptionFault | null =>
  description.length > descriptionMax ? { kind: 'description-long', max: String(descriptionMax) } : null
