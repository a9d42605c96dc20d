/** Members of a request's JSON as Jackson would read them: absent, null and what can be no text are `''`. Must never throw, nor trust a name. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

const member = (body: JsonObject, name: string): unknown => (Object.hasOwn(body, name) ? body[name] : undefined)

export const textOf = (body: JsonObject, name: string): string => {
  const value = member(body, name)
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Null: the client said nothing about it, which is not the same as an empty text. */
export const givenText = (body: JsonObject, name: string): string | null => {
  const value = member(body, name)
  return value === undefined || value === null ? null : textOf(body, name)
}

export const flagOf = (body: JsonObject, name: string): boolean => {
  const value = member(body, name)
  return value === true || value === 'true'
}

/** NaN where there is no number. */
export const numberOf = (body: JsonObject, name: string): number => {
  const value = member(body, name)
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : Number.NaN
}

const noMembers: JsonObject = {}
export const objectOf = (body: JsonObject, name: string): JsonObject => {
  const value = member(body, name)
  return isObject(value) ? value : noMembers
}

export const listOf = (body: JsonObject, name: string): readonly unknown[] => {
  const value = member(body, name)
  return Array.isArray(value) ? value : []
}

/** Members that are texts, numbers or flags, as texts; at most `membersMax` of them. */
export const textsOf = (body: JsonObject, name: string, membersMax: number): Readonly<Record<string, string>> => {
  const given = objectOf(body, name)
  const texts: Record<string, string> = Object.create(null) as Record<string, string>
  for (const key of Object.keys(given).slice(0, membersMax)) texts[key] = textOf(given, key)
  return texts
}
