// record writes an order to a file of its own, which is whole and on the disk
// once the promise is kept.

import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export async function record(folder, order) {
  const path = join(folder, `${order.number}.json`);
  const file = await open(`${path}.tmp`, 'wx');
  try {
    await file.writeFile(JSON.stringify(order));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
