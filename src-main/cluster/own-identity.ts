/**
 * What this program shows its own nodes instead of a login, once they ask who a caller is: random, made at each start, told to the nodes in their
 * start message and to nobody else. Never log it.
 */

import { randomBytes } from 'node:crypto'

/** 64 hex digits. */
export const ownIdentity = randomBytes(32).toString('hex')

/** For every request of this program to one of its nodes. */
export const identityHeaders: Readonly<Record<string, string>> = { 'nacos-trio-identity': ownIdentity }
