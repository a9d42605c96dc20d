/** The bench's own processes: load generator and bare servers. Each is bounded in time and ended by its own handle. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { GrpcLoadOrder } from './grpc-load.ts'
import type { LoadOrder, LoadResult } from './load.ts'

const slackMs = 20_000

const start = (file: string, args: readonly string[]) =>
  spawn(process.execPath, [join(import.meta.dirname, file), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })

const runGenerator = async (file: string, order: LoadOrder | GrpcLoadOrder): Promise<LoadResult> => {
  const child = start(file, [JSON.stringify(order)])
  const timer = setTimeout(() => child.kill('SIGKILL'), order.warmUpMs + order.measuredMs + slackMs)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`the load generator ended with ${code ?? 'a signal'}`)
  return JSON.parse(said) as LoadResult
}

/** Runs the generator to its end. Rejects if it dies or overruns. */
export const runLoad = (order: LoadOrder): Promise<LoadResult> => runGenerator('load.ts', order)
export const runGrpcLoad = (order: GrpcLoadOrder): Promise<LoadResult> => runGenerator('grpc-load.ts', order)

export interface EchoServers extends AsyncDisposable {
  readonly bases: readonly string[]
}

/** @param scheme what stands before `host:port` */
const startServers = async (file: string, count: number, scheme: string): Promise<EchoServers> => {
  const children = Array.from({ length: count }, () => start(file, []))
  const bases = await Promise.all(
    children.map(async (child) => {
      const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      return `${scheme}127.0.0.1:${port}`
    }),
  )
  return {
    bases,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.stdin.end()
      await Promise.all(children.map((child) => child.exitCode ?? once(child, 'close')))
    },
  }
}

/** Starts `count` bare servers. */
export const startEchoServers = (count: number): Promise<EchoServers> => startServers('echo.ts', count, 'http://')
export const startGrpcEchoServers = (count: number): Promise<EchoServers> => startServers('grpc-echo.ts', count, '')
