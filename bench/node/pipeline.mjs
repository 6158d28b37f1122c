// The pipeline that bdc is measured against: one Node process that takes every
// order out of an inbox, records each as a file and answers it. It is what the
// usual libraries make easy, with the care that a good developer takes: batches,
// several messages in hand, a pool of SMTP connections, moves in sets.
//
//   node pipeline.mjs CONFIG.json
//
// It ends once the inbox is empty and every reply is accepted; SIGTERM does not
// hurry it.

import { readFile, readdir, mkdir } from 'node:fs/promises';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import { simpleParser } from 'mailparser';
import { readForm, mark } from './form.mjs';
import { check } from './check.mjs';
import { record } from './record.mjs';
import { compose } from './reply.mjs';

const BATCH = 100; // messages fetched, and moved, together
const IN_HAND = 8; // messages parsed, recorded and answered at once: their waits overlap

const FOLDERS = { accepted: 'Traitées', rejected: 'Rejetées', held: 'À traiter' };

process.on('SIGTERM', () => {});

const config = JSON.parse(await readFile(process.argv[2], 'utf8'));
const tls = config.caFile ? { ca: await readFile(config.caFile) } : undefined;

await mkdir(config.orders, { recursive: true });
let lastNumber = (await readdir(config.orders)).length;

const transport = nodemailer.createTransport({
  ...config.smtp,
  tls,
  ignoreTLS: !config.smtp.secure,
  pool: true,
  maxConnections: 4,
  maxMessages: Infinity,
});

const client = new ImapFlow({ ...config.imap, tls, logger: false });
await client.connect();
for (const folder of Object.values(FOLDERS)) {
  await client.mailboxCreate(folder);
}
const lock = await client.getMailboxLock('INBOX');
try {
  for (;;) {
    const uids = await client.search({ all: true }, { uid: true });
    if (!uids.length) break;
    for (let i = 0; i < uids.length; i += BATCH) {
      await takeIn(uids.slice(i, i + BATCH));
    }
  }
} finally {
  lock.release();
}
await client.logout();
transport.close();

// takeIn handles one batch. Messages are moved once they are recorded and
// answered, so that a crash repeats work and forgets none.
async function takeIn(uids) {
  const done = { accepted: [], rejected: [], held: [] };
  const inHand = new Set();
  for await (const message of client.fetch(uids, { uid: true, source: true }, { uid: true })) {
    const handling = handle(message.source).then((outcome) => {
      done[outcome].push(message.uid);
      inHand.delete(handling);
    });
    inHand.add(handling);
    if (inHand.size >= IN_HAND) await Promise.race(inHand);
  }
  await Promise.all(inHand);
  for (const [outcome, moved] of Object.entries(done)) {
    if (moved.length) await client.messageMove(moved, FOLDERS[outcome], { uid: true });
  }
}

async function handle(source) {
  const mail = await simpleParser(source, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true });
  const workbook = mail.attachments.find((a) => a.content.subarray(0, 4).equals(Buffer.from('PK\x03\x04')));
  if (!workbook) return 'held';

  const form = readForm(workbook.content);
  const order = { fields: form.fields, lines: form.lines };
  const findings = check(order);
  const outcome = findings.length ? 'rejected' : 'accepted';
  if (outcome === 'accepted') {
    order.number = `CNS-${new Date().getFullYear()}-${String(++lastNumber).padStart(6, '0')}`;
    order.from = mail.from.value[0].address;
    order.messageId = mail.messageId;
    order.receivedAt = new Date().toISOString();
    await record(config.orders, order);
    console.log(`recorded ${order.number}`);
  }
  const marked = findings.length ? { filename: workbook.filename, content: mark(form, findings) } : null;
  await transport.sendMail(compose(config.from, mail, order, findings, marked));
  return outcome;
}
