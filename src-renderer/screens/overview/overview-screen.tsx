/** The first screen: how the cluster fares, in a sentence, a picture and a strip of the last minutes. */

export function OverviewScreen() {
  return null
}
