/** Ids, names and descriptions of namespaces as Nacos judges them (nacos-http 12.1). Pure; owns the rules and their words. */

/** Of the default namespace, which is always there and has three names on the wire (nacos-http 3.1). */
export const isDefaultNamespace = (id: string): boolean => {
  const given = id.trim()
  return given === '' || given === 'public' || given === 'null'
}

const idCharactersMax = 128
const idPattern = /^[A-Za-z0-9_-]+$/
const nameCharactersMax = 256
const namePattern = /^[^@#$%^&*]+$/
export const descriptionCharactersMax = 256

/** @returns null, or what is wrong with it */
export const idProblem = (id: string): string | null => {
  if (id.length > idCharactersMax) return `too long namespaceId, over ${idCharactersMax}`
  return idPattern.test(id) ? null : `namespaceId [${id.slice(0, idCharactersMax)}] mismatch the pattern`
}

/** @returns null, or what is wrong with it */
export const nameProblem = (name: string): string | null => {
  if (name.trim() === '') return 'namespaceName is blank'
  if (name.length > nameCharactersMax) return `too long namespaceName, over ${nameCharactersMax}`
  return namePattern.test(name) ? null : `namespaceName [${name}] contains illegal char`
}
