// Package staff tells the people who work with the orders how it goes: by a digest each
// day, and by an alert when something breaks or works again.
//
// It sends nothing itself. Once a minute it looks at how everything fares, and makes the
// store record the mails that staff are to get. The outbox composes and sends these like
// replies, except that it sends them even while it is paused, and that its breaker does
// not count them.
//
// # What is promised
//
//   - A digest covers exactly the time since the digest before it. Its notice and its
//     mails are recorded in one transaction, so that no restart repeats a digest or loses
//     one. If the program did not run at the hour of a digest, it makes one for all the
//     days at the next start.
//   - Staff get an alert once something has been broken for some minutes, and another
//     once it is known to work again. About one cause they get an alert every hour at
//     most. If something breaks again within that hour, this counts as the same trouble.
//     Of trouble that begins and ends within that hour, only the digest tells.
//   - While the outbox can't send, it can't send an alert about that either. Staff get
//     the alert once it sends again, with the beginning and the end of the trouble.
//   - After a restart, nothing counts as mended before it has worked again.
//
// If the store can't record something, it is tried again a minute later. The numbers of a
// digest are counted from the audit, page by page, and its lists are cut short, so that
// memory does not grow with the number of orders.
package staff
