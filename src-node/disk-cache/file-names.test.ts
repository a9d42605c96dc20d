import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { decodeName, encodeName, isPlainName, isTemporaryName } from './file-names.ts'

const encode = (name: string) => encodeName(name, 'lower', false)
const decode = (parts: readonly string[]) => decodeName(parts, 'lower', false)

describe('a file name', () => {
  test.each([
    ['app.yaml', 'app.yaml'],
    ['DEFAULT_GROUP', 'DEFAULT_GROUP'],
    ['.hidden', '.hidden'],
    ['数据.yaml', '数据.yaml'],
    ['a:b', 'a%3Ab'],
    ['50%', '50%25'],
    ['.', '%2E'],
    ['..', '.%2E'],
    ['../x', '..%2Fx'],
    ['a\\b', 'a%5Cb'],
    ['a\0b\n', 'a%00b%0A'],
    ['ends.', 'ends%2E'],
    ['ends ', 'ends%20'],
    ['con', '%63on'],
    ['COM1.txt', '%43OM1.txt'],
    ['console', 'console'],
    ['%tmp-1', '%25tmp-1'],
    ['', '%-'],
    ['\ud83d', '%uD83D'],
  ])('of %j is %s', (name, file) => {
    expect(encode(name)).toEqual([file])
    expect(decode([file])).toEqual({ name, used: 1 })
  })

  it('over 255 bytes becomes folders, the name in pieces', () => {
    const name = `${'a'.repeat(250)}.${'数'.repeat(100)}`
    const parts = encode(name)
    expect(parts.length).toBe(3)
    expect(parts[0]?.startsWith('%+')).toBe(true)
    expect(decode([...parts, 'next'])).toEqual({ name, used: 3 })
  })

  it.each(['%2e', '%41pp', 'a%', '%+a%+', '%=a', 'x:y', '%tmp-1', 'ends.'])('%s belongs to no name', (file) => {
    expect(decode([file])).toBeNull()
  })

  it('where case is folded keeps the usual case and marks the other', () => {
    const folded = (name: string, usual: 'lower' | 'upper') => encodeName(name, usual, true)
    expect(folded('app.yaml', 'lower')).toEqual(['app.yaml'])
    expect(folded('DEFAULT_GROUP', 'upper')).toEqual(['DEFAULT_GROUP'])
    expect(folded('App.yaml', 'lower')).toEqual(['App.yaml%~1'])
    expect(folded('é', 'lower')).toEqual(['%C3%A9'])
  })
})

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'aAbB.% /\\:~+=-\u0000\u00e9数\ud83d\ude00', 'con', 'COM1', 'ſ', 'K'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', minLength: 80, maxLength: 300 }),
)

/** What the strictest of all systems takes as one name. */
const isLegal = (file: string): boolean =>
  Buffer.byteLength(file) <= 255 &&
  Buffer.from(file).toString() === file &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  !/[\u0000-\u001f\u007f/\\:*?"<>|]|[. ]$|^$/.test(file) &&
  !/^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/i.test(file)

describe.each([false, true])('any name, case folded: %s', (folds) => {
  it('is legal everywhere and comes back', () => {
    fc.assert(
      fc.property(odd, fc.constantFrom('lower' as const, 'upper' as const), (name, usual) => {
        const parts = encodeName(name, usual, folds)
        expect(parts.every(isLegal)).toBe(true)
        expect(parts.some(isTemporaryName)).toBe(false)
        expect(decodeName(parts, usual, folds)).toEqual({ name, used: parts.length })
        if (!folds && isPlainName(name)) expect(parts).toEqual([name])
      }),
      { numRuns: 2_000 },
    )
  })

  it('shares its file with no other, also where the system folds', () => {
    const seen = new Map<string, string>()
    fc.assert(
      fc.property(odd, (name) => {
        const file = encodeName(name, 'lower', folds).join('/')
        const known = folds ? file.toUpperCase().toLowerCase().normalize('NFC') : file
        expect(seen.get(known) ?? name).toBe(name)
        seen.set(known, name)
      }),
      { numRuns: 5_000 },
    )
  })

  it('is the name of every file that decodes to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aAcon.%2E5u+=-~1:'), maxLength: 8 }), (file) => {
        const found = decodeName([file], 'lower', folds)
        if (found !== null) expect(encodeName(found.name, 'lower', folds)).toEqual([file])
      }),
      { numRuns: 5_000 },
    )
  })
})
