/**
 * The pure folders, read as a compiler reads them. Same inputs, same outputs, bit for bit: so no name that reaches a clock, chance, the
 * machine or its locale. Elsewhere in src-node time and chance are passed in; only main.ts may fetch them.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const pure = /^src-node\/(raft|state-machine)\//
const timed = /^src-node\/(?!main\.ts$)/
const unitTest = /\.test\.tsx?$/

const impureNames = new Set(
  (
    'Date performance process console globalThis global window self document navigator require module Buffer crypto fetch ' +
    'setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask requestAnimationFrame ' +
    'eval Function Intl Atomics SharedArrayBuffer WeakRef FinalizationRegistry Worker WebSocket XMLHttpRequest localStorage sessionStorage'
  ).split(' '),
)
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

const impurity = (node: ts.Node): string | null => {
  if (ts.isIdentifier(node) && impureNames.has(node.text) && isReference(node)) return `${node.text} is not pure`
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

const problemsOf = (path: string, text: string, judge: (node: ts.Node) => string | null): readonly string[] => {
  const problems: string[] = []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
  const walk = (node: ts.Node): void => {
    const problem = judge(node)
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
