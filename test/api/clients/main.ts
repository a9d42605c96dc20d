/** `npm run clients`: writes `docs/clients.md` from the table. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { clientsPage, pagePath } from './page.ts'

mkdirSync(dirname(pagePath), { recursive: true })
writeFileSync(pagePath, clientsPage())
console.log(`${pagePath} written`)
