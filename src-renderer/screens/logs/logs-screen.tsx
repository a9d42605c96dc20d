/** One merged stream of what every node and the app said. */

export function LogsScreen() {
  return null
}
