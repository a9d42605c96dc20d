/**
 * Burns Electron's fuses into a packaged app, before it is signed. Strict: an Electron that brings a new fuse stops the packaging until somebody
 * has decided about it here. Run by electron-builder only; never part of the app.
 */

import { join } from 'node:path'
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses'

/** What electron-builder hands to the hook, as far as it is used here. */
interface PackedApp {
  readonly appOutDir: string
  readonly electronPlatformName: string
  readonly packager: { readonly executableName?: string; readonly appInfo: { readonly productFilename: string } }
}

function binaryOf({ appOutDir, electronPlatformName, packager }: PackedApp): string {
  const { productFilename } = packager.appInfo
  if (electronPlatformName === 'darwin') return join(appOutDir, `${productFilename}.app`)
  if (electronPlatformName === 'win32') return join(appOutDir, `${productFilename}.exe`)
  return join(appOutDir, packager.executableName ?? productFilename)
}

/** The hook. Rejects, and so fails the packaging, when a fuse is not known or the binary is not an Electron. */
export async function afterPack(packed: PackedApp): Promise<void> {
  await flipFuses(binaryOf(packed), {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: packed.electronPlatformName === 'darwin',
    // The packaged binary must never serve as a plain Node: workers are utility processes.
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    // As Electron ships it: our code holds no WebAssembly of its own.
    [FuseV1Options.WasmTrapHandlers]: true,
  })
}
