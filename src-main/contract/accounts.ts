/** Users, roles, permissions, and whether the nodes ask callers who they are. A password crosses this line only on its way to a node. */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

/** Whoever has it may do everything; it is neither given nor taken. */
export const administratorRole = 'ROLE_ADMIN'

export const actionSchema = z.enum(['r', 'w', 'rw'])

const permissionSchema = z.object({
  /** `<namespace>:<group>:<config|naming>/<name>`, with `*` for anything; the default namespace is blank or `public`. */
  resource: z.string(),
  action: actionSchema,
})
export type PermissionView = z.infer<typeof permissionSchema>

const userSchema = z.object({ name: z.string(), roles: z.array(z.string()) })
export type UserView = z.infer<typeof userSchema>

/** A role is there as long as somebody has it. */
const accountRoleSchema = z.object({ name: z.string(), users: z.array(z.string()), permissions: z.array(permissionSchema) })
export type RoleView = z.infer<typeof accountRoleSchema>

export const accountListSchema = z.object({
  nodeId: z.number(),
  hasAdministrator: z.boolean(),
  /** By name, the first of those that were looked for; `total` counts all of them. */
  users: z.object({ total: z.number(), items: z.array(userSchema) }),
  roles: z.object({ total: z.number(), items: z.array(accountRoleSchema) }),
  /** False: there are so many that not every role and permission of those shown is known. */
  complete: z.boolean(),
})
export type AccountList = z.infer<typeof accountListSchema>

const nameSchema = z.string().min(1).max(50)
const passwordSchema = z.string().min(1).max(128)
const credentials = z.object({ name: nameSchema, password: passwordSchema })
const binding = z.object({ role: nameSchema, name: nameSchema })
const permission = z.object({ role: nameSchema, resource: z.string().min(1).max(128), action: actionSchema })
export type PermissionInput = z.infer<typeof permission>

export const accountsContract = {
  /** Users and roles whose name holds this text; `''`: all. */
  list: oc
    .errors(refusals)
    .input(z.object({ search: z.string().max(64) }))
    .output(accountListSchema),
  /** From then on nodes ask callers who they are, or do not any more; kept for later starts. */
  askCallers: oc
    .errors(refusals)
    .input(z.object({ on: z.boolean() }))
    .output(z.void()),
  /** Works once, while there is none. Without a password the node makes one up; it is told here and never again. */
  makeAdministrator: oc
    .errors(refusals)
    .input(z.object({ password: passwordSchema.nullable() }))
    .output(z.object({ name: z.string(), password: z.string() })),
  createUser: oc.errors(refusals).input(credentials).output(z.void()),
  /** Ends the tokens that were made with the password of before. */
  setPassword: oc.errors(refusals).input(credentials).output(z.void()),
  deleteUser: oc
    .errors(refusals)
    .input(z.object({ name: nameSchema }))
    .output(z.void()),
  bindRole: oc.errors(refusals).input(binding).output(z.void()),
  /** The permissions of a role go with the last user who has it. */
  unbindRole: oc.errors(refusals).input(binding).output(z.void()),
  addPermission: oc.errors(refusals).input(permission).output(z.void()),
  dropPermission: oc.errors(refusals).input(permission).output(z.void()),
}
