/** For tests: the gRPC server over the fake node of HTTP, whose writes reach those who watch. */

import { createConfigWatches } from '../../notify/config-watches.ts'
import { createFakeNode } from '../http/fake-node.testing.ts'
import { createFakeGrpcNaming } from './naming/fake-naming.testing.ts'
import type { GrpcParts, GrpcSettings } from './ports.ts'

const settings: GrpcSettings = {
  ...{ grpcMessageBytesMax: 10 << 20, grpcBytesInFlightMax: 64 << 20, grpcConnectionsMax: 50, grpcCallsMax: 1_000 },
  contentCacheBytes: 1 << 20,
}

export const createFakeGrpcNode = (changed: Partial<GrpcSettings> = {}, watchesMax = 1_000) => {
  const node = createFakeNode()
  const watches = createConfigWatches({ watchesMax, defer: (task) => void setImmediate(task) })
  const naming = createFakeGrpcNaming()
  let starting = false
  const parts: GrpcParts & Pick<typeof node.parts, 'auth'> = {
    ...node.parts,
    write: (command, done) =>
      node.parts.write(command, (outcome) => {
        done(outcome)
        if (outcome.kind === 'applied' && (outcome.reply.kind === 'published' || outcome.reply.kind === 'deleted')) watches.onChanged(command)
      }),
    grays: {
      ...node.parts.grays,
      propose: (command, done) =>
        node.parts.grays.propose(command, (outcome) => {
          done(outcome)
          if (outcome.kind === 'applied') watches.onChanged(command)
        }),
    },
    settings: { ...settings, ...changed },
    ...{ watches, host: '127.0.0.1', naming: naming.port },
    starting: () => starting,
  }
  const setStarting = (on: boolean) => {
    starting = on
  }
  return { ...node, httpParts: node.parts, parts, watches, naming, setStarting }
}
