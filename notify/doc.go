// Package notify is the outbox: it claims replies from the store, composes each once,
// stores the composed bytes, sends exactly these bytes, and tells the store how sending
// ended.
//
// # What is promised
//
// A reply is sent at least once. Its composed bytes are stored (sealed) before the first
// attempt, so that every attempt sends the same Message-ID, date and boundaries, and a
// mail program shows the reply once. If we crash before sealing, the reply is composed
// again. If we crash after it, even between the server's "250" and the store's
// settlement, the same bytes are sent again once the lease of the claim has ended. No
// transaction is open while anything is composed or sent.
//
// A reply is in hand from its claim until the store knows how the attempt ended. It is sent
// only while at least half of the claim's lease is left, and no attempt lasts longer than
// that half. So two outboxes on one store never send the same reply at the same time.
//
// The replies to one recipient are attempted one at a time, oldest first. If one of them
// has to be tried again later, the others to the same recipient that are in hand are put
// off too, without an attempt: each until its own backoff is over. Replies to other
// recipients need not wait for any of that, nor for a reply that is slow to compose.
//
// # Whose fault a failure is
//
// What is tried again, and when, depends on the step of SMTP that failed, on the code of
// the server's answer and, if the answer has one, on its enhanced code (RFC 3463):
//
//	at dialling, TLS, EHLO, AUTH, MAIL:
//	   anything                                                  the connection's fault
//	at RCPT, DATA, the final dot:
//	   530, 534, 535, 538, 5.4.5, and the codes and words
//	      of account.go, which are about our account             the connection's fault
//	   other 5xx, without an enhanced code 4.x.x                 permanent
//	   other 5xx, with an enhanced code 4.x.x                    temporary
//	   4xx                                                       temporary
//	   no answer: timeout, end of file, reset, cut by us         temporary
//	   what is no SMTP answer                                    temporary
//
// Up to MAIL we send the same for every reply, and what a server says of our account (that
// it has to sign in, may not send as this sender, has spent its quota) concerns every reply
// too. So no reply is given up for such a failure. There is one exception: if the
// recipient's address needs SMTPUTF8 and the server does not offer it, the failure is
// permanent. We know that before we send anything of the reply.
//
// If a server refuses the mails to three domains within 10 minutes in the same words, it
// refuses our account and not these mails: from the third on that is the connection's
// fault, and the replies that were given up before are sent again. That holds for refusals
// of DATA, at the final dot, and at RCPT with a code x.7.x, which is about a policy, but not
// for codes x.1.x and x.2.x, which are about the recipient's address and mailbox.
//
//   - Trouble of the connection makes the whole outbox wait: 1 s, doubling to 1 min, each
//     time shortened at random by up to half. Replies in hand are put back as they were.
//     A reply that the server refused after MAIL also waits for its own backoff, so that
//     it is not the first to be tried each time; if the server had taken other replies
//     before it, the refusal counts as a temporary failure of the reply. After the wait,
//     the outbox opens a connection before it claims anything, and sends a single reply;
//     the server's answer about that reply ends the trouble. If a connection that was kept
//     open turns out to be dead at MAIL, it is replaced at once; this is no trouble.
//   - A reply with a temporary failure is tried again after 1 min, doubling to 4 h. It is
//     given up once 3 days have passed and there were 26 attempts, which are as many as
//     fit into 3 days. Both have to be reached: an outage uses up the days and not the
//     attempts, a run of restarts uses up the attempts and not the days.
//   - A reply with a permanent failure is given up: it is not tried again, unless a person
//     asks for it (store.Outbox.Retry). In the same transaction a case is opened for staff,
//     with the reason reply.failed and the server's words.
//   - If the composer returns an error or panics, the reply is tried again as after a
//     temporary failure, but given up at the sixth attempt, which is after half an hour.
//     A reply whose recipient is no mail address is given up at once. A reply that was
//     claimed 26 times and never composed is given up too, without a further attempt:
//     perhaps the program dies whenever it composes that reply.
//   - Trouble of the store is logged, and the call is repeated after 1 s, doubling to
//     1 min. A reply that could not be sealed is not sent.
//
// # The breaker
//
// When Outbox.HourlyEach mails have been sent to one recipient within an hour, the next ones
// to that recipient are put off until fewer have, and a case is opened for staff, with the
// reason reply.many. Other recipients don't notice.
//
// When Outbox.Hourly mails have been sent within an hour in all, the breaker pauses the
// outbox before the next mail. The pause is stored: until
// a person resumes the outbox, nothing but mails to staff is claimed, even after a restart.
// Replies in hand are put back. The breaker counts attempts and, at the start of Run, the
// mails that the store says were sent within the hour before. When a person has resumed an
// outbox that the breaker had paused, the count begins anew.
//
// Mails to staff (order.ReplyKind.ForStaff), which package notify/staff records, do not
// count, and a pause does not keep them back, since they tell of the pause. Otherwise they
// are treated like replies, except that their header says that a program generated them
// and that they answer no mail.
//
// # What is in a mail
//
// If there is an Outbox.DKIM, it signs a mail when the mail is composed and before it is
// sealed, so that every attempt has the same signature. Text that strangers wrote is
// stripped of control characters and cut before it goes into a header. No line is longer
// than 998 octets, and text that is not ASCII is encoded.
//
// # Stopping
//
// When the context of Run is done, nothing more is claimed or composed, and no sending is
// begun. A mail that is being sent has 2 s until the server must have answered; the
// other replies in hand are put back at once. If the store can't record that a reply was
// put back, the reply stays claimed until its lease ends.
//
// # Limits
//
// At most 64 replies are in hand, and 256 that wait for the composers of those that take long
// (Outbox.Slow): these keep up no other recipient. Connections are shared, and kept open for 10 s after
// their last mail; at most Outbox.Connections of them send at a time. Each step of a
// connection has a deadline. While we connect, and about each mail, a server may say 64 KiB,
// before TLS and after.
//
// The log has no addresses and, above Debug, none of the server's words except about
// trouble of the connection; user name and password are removed from these.
package notify
