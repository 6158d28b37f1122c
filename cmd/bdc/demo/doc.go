// Package demo has what the daemon needs around it where there is nothing else: an
// IMAP and an SMTP server in this process, on free loopback ports; sample mail for the
// inbox; and registers of invented schools, titles and booksellers, whose codes have
// right check digits.
//
// The servers keep mail in memory and lose it when they are closed. Each reply that
// the SMTP server takes is also written to a file of its own. Nothing leaves this
// machine.
package demo
