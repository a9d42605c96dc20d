/**
 * The pure folders, read as a compiler reads them. Same inputs, same outputs, bit for bit: so no name that reaches a clock, chance, the
 * machine or its locale. Elsewhere in src-node time and chance are passed in; only the worker that puts a node into its process may fetch them.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const pure = /^src-node\/(raft|state-machine)\//
const timed = /^src-node\/(?!worker\.ts$)/
const unitTest = /\.test\.tsx?$/

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** Never to be named in the pure folders, not even for something of one's own. */
const impureNames = names(
  'Date performance process console globalThis global require Buffer crypto fetch setTimeout setInterval setImmediate clearTimeout ' +
    'clearInterval clearImmediate queueMicrotask requestAnimationFrame eval Function Intl Atomics SharedArrayBuffer WeakRef ' +
    'FinalizationRegistry WebSocket XMLHttpRequest localStorage sessionStorage',
)
/** Globals of some environments whose names are good words too: allowed where the file declares them itself. */
const ambiguousNames = names('window self document navigator module Worker')
/** Their answer depends on the machine's language. */
const localeMembers = new Set([
  'localeCompare',
  'toLocaleString',
  'toLocaleUpperCase',
  'toLocaleLowerCase',
  'toLocaleDateString',
  'toLocaleTimeString',
])

/** A name that is looked up in scope, as opposed to a member, a key or a label. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node
  if (ts.isQualifiedName(parent)) return parent.right !== node
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) return parent.name !== node
  if (ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent) || ts.isEnumMember(parent)) return parent.name !== node
  if (ts.isBindingElement(parent)) return parent.propertyName !== node
  return true
}

type Judge = (node: ts.Node, declared: ReadonlySet<string>) => string | null

const impurity: Judge = (node, declared) => {
  if (ts.isIdentifier(node) && isReference(node)) {
    if (impureNames.has(node.text) || (ambiguousNames.has(node.text) && !declared.has(node.text))) return `${node.text} is not pure`
  }
  if (ts.isPropertyAccessExpression(node) && localeMembers.has(node.name.text)) return `${node.name.text} depends on the machine's language`
  return chance(node)
}

const chance = (node: ts.Node): string | null => {
  if (ts.isIdentifier(node) && node.text === 'Math' && isReference(node)) {
    const { parent } = node
    if (!ts.isPropertyAccessExpression(parent)) return 'Math may only be used member by member here'
    if (parent.name.text === 'random') return 'Math.random: pass chance in'
  }
  return null
}

const clock = (node: ts.Node): string | null => {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) return 'new Date(): pass the time in'
  if (!ts.isPropertyAccessExpression(node)) return null
  const called = node.getText()
  return called === 'Date.now' || called === 'performance.now' || called === 'process.hrtime' ? `${called}: pass the time in` : null
}

/** Every name that the file binds somewhere: variables, parameters, functions, imports, types. */
const declaredNames = (source: ts.SourceFile): ReadonlySet<string> => {
  const declared = new Set<string>()
  const walk = (node: ts.Node): void => {
    const name = 'name' in node ? (node.name as ts.Node | undefined) : undefined
    const binds =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node)
    if (binds && name !== undefined && ts.isIdentifier(name)) declared.add(name.text)
    ts.forEachChild(node, walk)
  }
  walk(source)
  return declared
}

const problemsOf = (path: string, text: string, judge: Judge): readonly string[] => {
  const problems: string[] = []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
  const declared = declaredNames(source)
  const walk = (node: ts.Node): void => {
    const problem = judge(node, declared)
    if (problem !== null) problems.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${problem}`)
    ts.forEachChild(node, walk)
  }
  walk(source)
  return problems
}

/** Every impure name in the pure folders and every fetched clock or chance in the rest of src-node. */
export const purityProblems = (root: string, paths: readonly string[]): readonly string[] =>
  paths
    .filter((path) => timed.test(path) && path.endsWith('.ts') && !unitTest.test(path))
    .flatMap((path) => problemsOf(path, readFileSync(join(root, path), 'utf8'), pure.test(path) ? impurity : (node) => clock(node) ?? chance(node)))
