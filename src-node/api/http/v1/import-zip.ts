/**
 * The import of a configuration zip (nacos-http 5.8): takes the upload to the disk, has it carried out, and answers with what happened. One at a
 * time on a node, since each may be as large as the limit allows. Owns the uploaded file, which it removes; once it writes, it goes on even if the
 * client is gone.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { spareHeap } from '../../../observe/heap-thrift.ts'
import { socketIpOf } from '../client-ip.ts'
import { type Answer, caused, jsonType, noCache, refusal, refuse, send, springError } from '../errors.ts'
import { limitedText, optionalNamespace, type Parameters, sourceUserOf } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import type { Handler, UploadHandler } from '../router.ts'
import { formSlackBytes, takeUpload } from '../upload.ts'
import { answerLater } from './answer-later.ts'
import { noNamespacePieces, refusedPieces, stoppedWords } from './import-answer.ts'
import { type ImportOrder, type ImportWatch, importFile } from './import-file.ts'
import { policyNamed, wrongPolicy } from './import-policy.ts'
import { sendPieces } from './json-pieces.ts'
import type { ZipNames } from './zip-names.ts'

export interface Imports {
  upload(names: ZipNames): UploadHandler
  /** A body without a file. */
  readonly noFile: Handler
  readonly progress: Handler
}

interface Asked extends Omit<ImportOrder, 'policy'> {
  /** '' if it may still come as a field of the form. */
  readonly policyWord: string
}

const askedOf = (request: IncomingMessage, parameters: Parameters, names: ZipNames): Asked => {
  const policyWord = limitedText(parameters, 'policy', 32)
  if (policyNamed(policyWord) === null) refuse(wrongPolicy(policyWord))
  return {
    ...{ names, policyWord, namespace: optionalNamespace(parameters, names.importNamespace) },
    ...{ sourceUser: sourceUserOf(parameters, 'src_user'), sourceIp: socketIpOf(request) },
    from: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
  }
}

/** What is left to be done once the file is gone and the place is free. */
type Answering = () => void

const piecesLater =
  (parts: HttpParts, response: ServerResponse, pieces: Generator<string>, letGo: () => void = () => undefined): Answering =>
  () => {
    if (response.destroyed) {
      letGo()
      return
    }
    response.once('close', letGo)
    answerLater(parts, response, () => sendPieces(parts, response, pieces))
  }

const refuseLater =
  (parts: HttpParts, response: ServerResponse, answer: Answer): Answering =>
  () =>
    answerLater(parts, response, () => refuse(answer))

const noFileWords = 'an import needs a multipart form with a file named "file"'

const tooLargeZip = (bytesMax: number): Answer =>
  caused(413, `the zip is larger than ${bytesMax} bytes, which is what one import takes (httpZipBytesMax); export and import it in parts, by group`)

interface Taking {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly watch: ImportWatch
  early(answer: Answer): void
}

const takeFile = async (parts: HttpParts, asked: Asked, { request, response, path, watch, early }: Taking): Promise<Answering> => {
  const bytesMax = parts.settings.httpZipBytesMax
  const upload = await takeUpload(request, { fieldName: 'file', path, bytesMax, tooLarge: tooLargeZip(bytesMax) })
  if (upload.kind === 'gone') return () => undefined
  if (upload.kind === 'refused') return () => early(upload.answer)
  if (!upload.received) return piecesLater(parts, response, refusedPieces('data-empty', noFileWords, []))
  const word = asked.policyWord === '' ? (upload.fields.get('policy') ?? '') : asked.policyWord
  const policy = policyNamed(word)
  if (policy === null) return refuseLater(parts, response, wrongPolicy(word))
  const { namespace } = asked
  if (namespace !== '' && parts.namespaces.find(namespace) === undefined) return piecesLater(parts, response, noNamespacePieces(asked.names))
  const answer = await importFile(parts, path, { ...asked, policy }, watch)
  return 'refused' in answer ? refuseLater(parts, response, answer.refused) : piecesLater(parts, response, answer.pieces, answer.letGo)
}

const take = async (parts: HttpParts, asked: Asked, taking: Taking): Promise<Answering> => {
  const spared = spareHeap()
  try {
    mkdirSync(parts.uploadDir, { recursive: true, mode: 0o700 })
    return await takeFile(parts, asked, taking)
  } catch (error) {
    parts.failed('taking an import', error)
    const { wallMs } = parts.clock
    return () =>
      taking.early(springError({ status: 500, message: 'the node failed to take the import; its log says why', path: '', wallMs: wallMs() }))
  } finally {
    spared()
    // One that stays goes at the next start; the answer does not wait for it.
    await rm(taking.path, { force: true }).catch((error: unknown) => parts.failed('removing an uploaded file', error))
  }
}

const progressAnswer = (watch: ImportWatch): Answer => ({
  status: 200,
  headers: ['Content-Type', jsonType, ...noCache],
  body: JSON.stringify({ code: 200, message: watch.last?.stopped ? stoppedWords(watch.last.stopped) : null, data: watch }),
})

const busyWords = 'another import is under way at this node, nothing was written; try again when it is over, or ask another node'

export const createImports = (parts: HttpParts): Imports => {
  const bytesMax = parts.settings.httpZipBytesMax
  const watch: ImportWatch = { running: null, last: null }
  let busy = false
  let uploads = 0
  // What a node that was killed in the middle of an import has left.
  rmSync(parts.uploadDir, { recursive: true, force: true })
  return {
    upload: (names) => (request, response, parameters, early) => {
      if (names.asked && limitedText(parameters, 'import', 8) !== 'true') return false
      const asked = askedOf(request, parameters, names)
      if (Number(request.headers['content-length'] ?? 0) > bytesMax + formSlackBytes) refuse(tooLargeZip(bytesMax))
      if (busy) refuse(refusal('overloaded', busyWords))
      busy = true
      const path = join(parts.uploadDir, `upload-${++uploads}.zip`)
      // The place is free before the answer goes: whoever has it may send the next one.
      void take(parts, asked, { request, response, path, watch, early }).then((answer) => {
        busy = false
        answer()
      })
      return true
    },
    noFile: (_request, response) => piecesLater(parts, response, refusedPieces('data-empty', noFileWords, []))(),
    progress: (_request, response) => send(response, progressAnswer(watch)),
  }
}
