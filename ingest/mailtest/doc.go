// Package mailtest starts a real IMAP server (Dovecot) and a real SMTP server (Exim)
// for tests and measurements. They listen on free loopback ports, keep all their files
// in a temporary folder, and run as the current user. Root starts them as the user
// nobody, because Dovecot's login processes refuse to run as root.
//
// Several instances can run side by side. A server ends when it is stopped, and when the
// process that started it ends, even if that is killed. Close removes the folder.
//
// Exim accepts mail only for addresses in Domain, so that no mail leaves the machine.
// For the local part "reject5" it refuses mail permanently (a 5xx answer), for
// "defer4" temporarily (4xx), and for unknown local parts permanently.
package mailtest
