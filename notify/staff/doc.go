// Package staff tells the people who work with the orders how it goes: a digest
// each day, and an alert when something breaks or works again.
//
// It sends nothing itself. It looks once a minute, and has the store record the
// intents of its mails; the outbox composes and sends them like any reply, even
// while the outbox is paused, and without counting them in its breaker.
//
// # What is promised
//
//   - A digest covers the time since the one before, to the moment. Its mark and
//     its mails are one transaction: no restart repeats or loses one. A digest
//     whose hour was missed is made at the next start, one for all the days.
//   - An alert is told once something has been broken for some minutes, and its
//     end once that is known to be over; about one cause at most every hour. What
//     broke again within that hour is told as one trouble. What began and ended
//     within it is not told at all, but by the digest.
//   - Trouble of the outbox can't be mailed while it lasts. It is when it is over,
//     with its beginning and its end.
//   - After a restart nothing is taken for mended before it has worked again.
//
// What the store can't record now is tried again a minute later. The digest's
// numbers come from the audit of its time, page by page, and from lists cut short:
// memory doesn't follow the number of orders.
package staff
