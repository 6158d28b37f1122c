// Package notify is the outbox: it takes the replies that the store holds,
// composes each once, stores the composed bytes, sends those bytes and no
// others, and tells the store how it ended.
//
// # What is promised
//
// A reply is sent at least once. Its bytes are stored (sealed) before the first
// attempt, so that every repeat has the same Message-ID, date and boundaries and
// a mail program shows it once. A crash before sealing composes again; one after
// it, even between the server's "250" and the store's settlement, sends the same
// bytes again when the lease of the claim has ended. No transaction is open
// while anything is composed or sent.
//
// A reply in hand is claimed under a lease. It is sent only while at least half
// of the lease is left, and no attempt lasts longer than that half: two outboxes
// on one store never send the same reply at the same time.
//
// The replies to one recipient are attempted one at a time, oldest first. When
// one of them has to be repeated, those behind it that are in hand are put off
// too, each by its own backoff, without being tried. Other recipients overtake
// them: neither a slow composition nor a bad recipient holds up anybody else.
//
// # Whose fault a failure is
//
// What failed decides what is tried again. SMTP's answers are told apart by
// their code and, where the server gives one, the enhanced code (RFC 3463):
//
//	dialling, TLS, EHLO, AUTH, MAIL: any failure           the connection's
//	later: 530, 534, 535, 538, x.7.8, .9, .11, .30, .57, .60   the connection's
//	RCPT, DATA, the final dot: other 5xx                   permanent
//	   … but with an enhanced code 4.x.x                   temporary
//	RCPT, DATA, the final dot: 4xx                         temporary
//	no answer: timeout, end of file, reset, cut by us      temporary
//	anything that is no SMTP answer                        temporary
//
// What comes before a recipient is named is the same for every reply, the
// envelope sender included, and so is a demand to authenticate: no reply is
// condemned for it. The exception is an address that needs SMTPUTF8 where the
// server has none: it is permanent, and found out without asking.
//
//   - Trouble of the connection makes the whole outbox wait: 1 s, doubling to
//     1 min, of which a random half. Replies in hand are put back as they were;
//     one that was itself refused after MAIL waits for its own backoff besides,
//     so that it can't be the first to be tried each time, and that attempt counts
//     as a temporary failure if others had been taken before. The outbox then opens
//     a connection before it claims anything, and sends a single reply; the
//     server's answer about it ends the trouble. A connection that was kept open
//     and turns out to be dead at MAIL is replaced at once, without any of this.
//   - A temporary failure is repeated after 1 min, doubling to 4 h. After 3 days,
//     and 26 attempts, which is what 3 days hold, it is permanent. Both have to be
//     reached: neither an outage nor a run of restarts condemns a reply.
//   - A permanent failure is never repeated. A case is opened for staff in the
//     same transaction, with the reason reply.failed and the server's words.
//   - A composer's error, or panic, is repeated like a temporary failure, and is
//     permanent at the sixth: that is after half an hour. A letter that can't be
//     rendered, because the recipient is no address, is permanent at once. So is,
//     untried, a reply that was claimed 26 times and never composed: its
//     composition may be what ends the program.
//   - The store's trouble is logged and its call repeated, 1 s doubling to 1 min.
//     Nothing is sent that could not be sealed.
//
// # The breaker and the hold
//
// Past Outbox.Hourly mails within an hour, or Outbox.HourlyEach to one recipient,
// the outbox is held in the store before the next: nothing but mails to staff is
// claimed until a person releases it, whatever is started anew meanwhile. What is
// in hand is put back. Attempts count, and what the store says was sent within
// the hour before Run; after a hold of the breaker's own the count begins anew.
//
// Mails to staff (order.ReplyKind.ForStaff, which package notify/staff intends)
// neither count nor are held, so that they can tell of the hold. In all else they
// are replies like others, but that they say they are generated and no answer.
//
// # What is in a mail
//
// A mail is signed by Outbox.DKIM, if there is one, when it is composed and before
// it is sealed: every attempt has the same signature. Echoed text is stripped of
// control characters and cut before it goes into a header; no line is longer than
// 998 octets, and text that is not ASCII is encoded.
//
// # Stopping
//
// When the context of Run is done, nothing more is claimed, composed or begun to
// be sent. A mail being sent has 10 s to be answered for; what is merely in hand
// is put back at once. Whatever the store can't be told is left to its lease.
//
// # Limits
//
// At most 64 replies are in hand. Connections are shared, kept open for 10 s
// after their last mail, and at most Outbox.Connections of them are sending.
// Each step of a connection has a deadline.
//
// The log has no addresses and no server's words above Debug, except for trouble
// of the connection, from which user name and password are removed.
package notify
