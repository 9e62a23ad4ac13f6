/**
 * Of the servers that play the Hub; journeys run side by side, each worker's against servers of its own. Known before they start,
 * because a browser is told the way to them when it is launched.
 */
const first = 4400 + 2 * Number(process.env['TEST_PARALLEL_INDEX'] ?? 0);

export const hubPort = first;
export const datasetHubPort = first + 1;
