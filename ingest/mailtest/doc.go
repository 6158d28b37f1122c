// Package mailtest starts a private Dovecot and a private Exim for tests and
// measurements: on free loopback ports, below a temporary folder of their own,
// as an ordinary user (nobody when started by root, since Dovecot's login
// processes refuse to be root).
//
// Several instances can run side by side. Each server ends when it is stopped
// and when the process that started it ends in whatever way; the folder goes with
// Close. Mail for any address outside Domain is refused: nothing leaves the
// machine.
//
// The addresses reject5 and defer4 are refused by Exim for good and for now;
// unknown ones for good.
package mailtest
