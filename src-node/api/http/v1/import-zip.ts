/**
 * The import of a configuration zip (nacos-http 5.8): takes the upload to the disk, has it planned and carried out, and answers with what
 * happened. One at a time on a node, since each may be as large as the limit allows. Owns the uploaded file, which it removes; once it writes, it
 * goes on even if the client is gone.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createTurns } from '../../turns.ts'
import { type ImportPlan, planImport } from '../../zip/import-plan.ts'
import { type ConflictPolicy, type ImportOutcome, type ImportProgress, runImport } from '../../zip/import-run.ts'
import { zipLimits } from '../../zip/zip-limits.ts'
import { isZipProblem, type OpenZip, openZip } from '../../zip/zip-reader.ts'
import { md5Of } from '../content-hash.ts'
import { type Answer, caused, excerpt, jsonType, noCache, refusal, refuse, send } from '../errors.ts'
import { limitedText, optionalNamespace, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler, UploadHandler } from '../router.ts'
import { formSlackBytes, takeUpload } from '../upload.ts'
import { answerLater } from './answer-later.ts'
import { sendPieces } from './config-json.ts'
import { outcomePieces, refusedPieces, stoppedWords } from './import-answer.ts'
import { isBlankContent, sourceIpOf } from './write-config.ts'
import type { ZipNames } from './zip-names.ts'

export interface Imports {
  upload(names: ZipNames): UploadHandler
  /** A body without a file. */
  readonly noFile: Handler
  readonly progress: Handler
}

const policies = ['ABORT', 'SKIP', 'OVERWRITE'] as const satisfies readonly ConflictPolicy[]

const policyOf = (word: string): ConflictPolicy => {
  if (word === '') return 'ABORT'
  return policies.find((policy) => policy === word) ?? refuse(caused(400, `policy is ABORT, SKIP or OVERWRITE, not ${excerpt(word)}`))
}

interface Order {
  readonly names: ZipNames
  readonly namespace: string
  /** '' if it may still come as a field of the form. */
  readonly policyWord: string
  readonly sourceUser: string
  readonly sourceIp: string
  readonly from: string
}

const orderOf = (request: IncomingMessage, parameters: Parameters, names: ZipNames): Order => {
  const policyWord = limitedText(parameters, 'policy', 32)
  policyOf(policyWord)
  return {
    ...{ names, policyWord, namespace: optionalNamespace(parameters, names.importNamespace) },
    ...{ sourceUser: limitedText(parameters, 'src_user', 128), sourceIp: sourceIpOf(request) },
    from: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
  }
}

/** Of the one that runs, and of the last one that ended. */
interface Watch {
  running: ImportProgress | null
  last: (ImportProgress & { readonly stopped: string | null }) | null
}

const noteOf = ({ namespace, from }: Order, policy: ConflictPolicy, { written, skipped, failed, stopped }: ImportOutcome): string => {
  const counts = `${written} written, ${skipped.length} skipped, ${failed.length} failed`
  const where = namespace === '' ? 'the default namespace' : `namespace ${namespace}`
  return `import into ${where}, policy ${policy}, asked from ${from}: ${counts}${stopped === null ? '' : `; ended early: ${stopped}`}`
}

/** What is left to be done once the file is gone and the place is free. */
type Answering = () => void

export const createImports = (parts: HttpParts): Imports => {
  const { settings, clock, uploadDir } = parts
  const bytesMax = settings.httpZipBytesMax
  const tooLarge = caused(
    413,
    `the zip is larger than ${bytesMax} bytes, which is what one import takes (httpZipBytesMax); export and import it in parts, by group`,
  )
  const watch: Watch = { running: null, last: null }
  let busy = false
  let uploads = 0
  // What a node that was killed in the middle of an import has left.
  rmSync(uploadDir, { recursive: true, force: true })

  const pieces =
    (response: ServerResponse, texts: Generator<string>): Answering =>
    () => {
      if (!response.destroyed) answerLater(parts, response, () => sendPieces(parts, response, texts))
    }

  const readSafely = (): Promise<Answer | null> =>
    new Promise((resolve) =>
      parts.readIndex((outcome) =>
        resolve(outcome.kind === 'safe' ? null : refusal(outcome.code, 'nothing was written: the cluster cannot take an import now')),
      ),
    )

  const carryOut = async (
    zip: OpenZip,
    plan: Extract<ImportPlan, { kind: 'plan' }>,
    order: Order,
    policy: ConflictPolicy,
  ): Promise<ImportOutcome> => {
    const { namespace, sourceIp, sourceUser } = order
    const outcome = await runImport(
      { zip, items: plan.items, policy, namespace, sourceIp, sourceUser, contentBytesMax: zipLimits.entryBytesMax },
      {
        has: (key) => parts.configs.find(key) !== undefined,
        write: (command, done) =>
          parts.write(command, (result) => {
            if (result.kind === 'applied') parts.counters.writes++
            done(result)
          }),
        ...{ hash: md5Of, isBlank: isBlankContent, turns: createTurns(clock) },
        wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
        progress: (progress) => {
          watch.running = progress
        },
      },
    )
    return { ...outcome, failed: [...plan.failed, ...outcome.failed] }
  }

  const importFile = async (path: string, response: ServerResponse, order: Order, policy: ConflictPolicy): Promise<Answering> => {
    const zip = await openZip(path).catch((error: unknown) => {
      if (isZipProblem(error)) return error
      throw error
    })
    if (zip instanceof Error) return pieces(response, refusedPieces('parse-failed', `the zip cannot be read: ${zip.message}`, []))
    try {
      const plan = await planImport(zip, zipLimits, createTurns(clock))
      if (plan.kind === 'refused') return pieces(response, refusedPieces(plan.code, plan.words, plan.failed))
      const refused = await readSafely()
      if (refused !== null) return () => answerLater(parts, response, () => refuse(refused))
      watch.running = { total: plan.items.length, written: 0, skipped: 0, failed: 0 }
      const outcome = await carryOut(zip, plan, order, policy)
      const { written, skipped, failed, stopped } = outcome
      watch.last = { total: plan.items.length, written, skipped: skipped.length, failed: failed.length, stopped }
      parts.noted(noteOf(order, policy, outcome))
      return pieces(response, outcomePieces(outcome, plan.unrecognized, order.names))
    } finally {
      watch.running = null
      zip.close()
    }
  }

  const take = async (request: IncomingMessage, response: ServerResponse, order: Order, early: (answer: Answer) => void): Promise<Answering> => {
    const path = join(uploadDir, `upload-${++uploads}.zip`)
    try {
      mkdirSync(uploadDir, { recursive: true, mode: 0o700 })
      const upload = await takeUpload(request, { fieldName: 'file', path, bytesMax, tooLarge })
      if (upload.kind === 'gone') return () => undefined
      if (upload.kind === 'refused') return () => early(upload.answer)
      if (!upload.received) return pieces(response, refusedPieces('data-empty', 'the form has no file named "file"', []))
      const word = order.policyWord === '' ? (upload.fields.get('policy') ?? '') : order.policyWord
      if (word !== '' && !policies.some((policy) => policy === word)) return () => answerLater(parts, response, () => void policyOf(word))
      return await importFile(path, response, order, policyOf(word))
    } finally {
      await rm(path, { force: true })
    }
  }

  const upload =
    (names: ZipNames): UploadHandler =>
    (request, response, parameters, early) => {
      if (names.asked && limitedText(parameters, 'import', 8) !== 'true') return false
      const order = orderOf(request, parameters, names)
      if (Number(request.headers['content-length'] ?? 0) > bytesMax + formSlackBytes) refuse(tooLarge)
      if (busy)
        refuse(refusal('overloaded', 'another import is under way at this node, nothing was written; try again when it is over, or ask another node'))
      busy = true
      // The place is free before the answer goes: whoever has it may send the next one.
      void take(request, response, order, early)
        .catch((error: unknown): Answering => {
          parts.failed('taking an import', error)
          return () =>
            answerLater(parts, response, () => {
              throw error
            })
        })
        .then((answer) => {
          busy = false
          answer()
        })
      return true
    }

  return {
    upload,
    noFile: (_request, response) => pieces(response, refusedPieces('data-empty', 'an import needs a multipart form with a file named "file"', []))(),
    progress: (_request, response) =>
      send(response, {
        status: 200,
        headers: ['Content-Type', jsonType, ...noCache],
        body: JSON.stringify({ code: 200, message: watch.last?.stopped ? stoppedWords(watch.last.stopped) : null, data: watch }),
      }),
  }
}
