// Package ingest takes messages in. It opens each message, examines the order
// forms in it, and records in one transaction all that the message causes: its
// orders, its cases and the replies that are due.
//
// An Examiner works in two steps. Open turns a mail into an Exam: what is in the
// mail, and what to ask the record (the store's orders, cases and messages) about it.
// Judge turns the Exam and the record's answer into an order.Intake, which the store
// then records. Both steps depend only on their arguments and on the current snapshot
// of the registers, except that Judge draws random case codes and Message-IDs.
//
// An Inbox runs both steps for one folder of a mailbox until it is stopped: it fetches
// messages in batches, examines them on all cores, records several in one commit, moves
// those that are recorded, and waits for more.
//
// No reply is sent to a mail that a program wrote, that staff wrote, or that lacks
// a required proof of its sender. Each of these becomes a case for staff, except a
// bounce of one of our replies: it joins the case of that reply. Order forms are
// also looked for in forwarded mails, winmail.dat and zip files, but not in a mail
// of ours that comes back within another mail.
//
// The package promises that:
//
//   - A message is recorded exactly once, under its key (account, folder,
//     UIDVALIDITY and UID). If we crash before the commit, the next start examines
//     the message again; if we crash after it, the next start only moves the
//     message.
//   - A message is never deleted, and it is moved only after it is recorded.
//   - If the program dies while it examines some messages, each of them is examined
//     alone after the restart. A message during which the program has died three
//     times, while it was examined alone, is recorded unread, as a case for staff.
//   - If the mailbox or the store fails, the Inbox waits and then starts over.
//     Messages that were fetched but not recorded are not lost: they are still in
//     the mailbox.
//   - The memory for mails is limited by constants, however many messages are in the
//     mailbox. Only their keys are all in memory.
package ingest
