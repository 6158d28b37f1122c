// Package ingest takes messages in: it opens each, examines the forms in it,
// and records what they come to, as one intake a message.
//
// Examining is pure but for reading the register snapshot: an Examiner turns a
// mail into an Exam (Open), and an Exam with what the record knows into an
// intake (Judge). The Inbox does this for a mailbox, for ever: fetches in
// batches, examines on every core, shares commits, moves in sets, and waits.
//
// Nobody is answered who may not have written: neither programs nor our own mail
// that came back, neither staff nor, where proof of the sender is asked for, those
// without it. Each such mail is a case; a bounce of a reply of ours goes on with the
// case of that reply. Forms are looked for in forwards, winmail.dat and zips, but not
// in a mail of ours that comes back within another.
//
// What it promises on failure:
//
//   - A message is recorded exactly once, under its key. A crash before the
//     commit examines it again; a crash after only moves it.
//   - A message is never deleted, and moved only after it is recorded.
//   - A message that kills the program is examined alone after that, and set
//     aside unexamined once it has killed it three times alone.
//   - When the mailbox or the store fails, the Inbox waits and begins again.
//     Nothing that was fetched and not recorded is forgotten: it is still in
//     the mailbox.
//   - Memory is bounded by the sizes in Inbox, not by the mailbox.
package ingest
