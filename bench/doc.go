// Command bench measures bdc serve against what a user could write instead: a
// pipeline in Node of the usual libraries, in node/, that does the same job.
//
// Both empty the same inbox, of a real Dovecot that is started afresh for each
// round, and both hand their replies to the same SMTP server: a sink in this
// process, so that no mail server sets the pace, and in rounds of their own a real
// Exim. Rounds alternate, and the median counts. The processes themselves are
// measured, not their servers: CPU time by their parent, memory by polling.
//
// A round whose outcome is not right (an order too few, a message left in the
// inbox, two replies under one number) is an error, never a figure.
//
// The exit code is 1 when a bound is missed, and 2 when nothing could be measured.
package main
