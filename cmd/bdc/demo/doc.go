// Package demo is the world around the daemon when nothing else is there: an
// IMAP and an SMTP server in this process, on free loopback ports, an inbox of
// sample mail, and registers of invented schools, titles and booksellers whose
// codes satisfy their check digits.
//
// The servers keep everything in memory and forget it when they are closed;
// replies are also written to a folder, one file each.
package demo
