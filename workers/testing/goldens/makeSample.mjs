/**
 * Makes public/samples/bank-messages from BANKING77: node workers/testing/goldens/makeSample.mjs FOLDER
 * FOLDER holds train.csv and test.csv with the columns text and label. Rows keep their order; nothing but rows is left out.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';

const intents = new Set([
  'card_arrival',
  'lost_or_stolen_card',
  'change_pin',
  'exchange_rate',
  'top_up_failed',
  'Refund_not_showing_up',
  'verify_my_identity',
  'age_limit',
]);

const source = process.argv[2];
if (source === undefined) throw new Error('Name the folder that holds train.csv and test.csv.');
const target = fileURLToPath(new URL('../../../public/samples/bank-messages', import.meta.url));
mkdirSync(target, { recursive: true });

for (const name of ['train.csv', 'test.csv']) {
  const { data, errors } = Papa.parse(readFileSync(join(source, name), 'utf8'), { header: true, skipEmptyLines: true });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message}`);
  const rows = data.filter(({ label }) => intents.has(label));
  writeFileSync(join(target, name), `${Papa.unparse(rows, { columns: ['text', 'label'], newline: '\n' })}\n`);
  console.log(`${name}: ${rows.length} rows`);
}
