/** An end of the node that has a code and a reason for people. */

import type { ExitCode } from './observe/channel.ts'

export interface NodeFailure extends Error {
  readonly exitCode: ExitCode
}

export const nodeFailure = (exitCode: ExitCode, message: string): NodeFailure => Object.assign(new Error(message), { exitCode })
