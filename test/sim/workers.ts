/** Spreads lives over processes: seeds are independent of each other, so two cores live twice as many. Ends its processes with itself. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { addBatches, type Batch, type BatchOptions, emptyBatch, failuresMax } from './batch.ts'

/** Seeds of one process: enough to pay for its start, few enough that the processes end together. */
const seedsMax = 500

const runChild = (options: BatchOptions): Promise<Batch> =>
  new Promise((resolve, reject) => {
    const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'batch-worker.ts'), JSON.stringify(options)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const said: string[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
    const onExit = () => child.kill('SIGKILL')
    process.once('exit', onExit)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('exit', onExit)
      if (code === 0) resolve(JSON.parse(said.join('')) as Batch)
      else reject(new Error(`the lives from seed ${options.from} on ended with ${code ?? signal}`))
    })
  })

/** @param onBatch hears the total after each process that ended */
export async function runInWorkers(options: BatchOptions, workers: number, onBatch: (total: Batch) => void): Promise<Batch> {
  const end = options.from + options.seeds
  const size = Math.min(seedsMax, Math.ceil(options.seeds / workers))
  let next = options.from
  let total = emptyBatch
  const work = async () => {
    while (next < end && total.failures.length < failuresMax) {
      const from = next
      next = Math.min(end, next + size)
      const batch = await runChild({ ...options, from, seeds: next - from })
      total = addBatches(total, batch)
      onBatch(total)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return total
}
