// Command bench measures how fast bdc is and how much CPU time and memory it takes. It
// prints tables, and checks the figures against the bounds that bdc must keep.
//
// It compares two programs, which it calls contenders: "bdc serve", and a pipeline of the
// usual Node libraries that does the same job (folder node). In each round a contender
// empties an inbox: it reads the order mails, records the orders, moves the mails and
// answers them. The inbox is in a real Dovecot, started anew for each round. The replies
// go to an SMTP server in this process that keeps nothing (the sink), so that no mail
// server limits the speed; in some rounds they go to a real Exim. The contenders take
// turns, and the median of their rounds counts. The figures are those of the contender's
// process alone: its CPU time from the operating system, its memory by polling /proc.
//
// After each round bench checks that the contender did the whole job. A round in which
// an order is missing, a message is left in the inbox or two replies name the same order
// number is an error, and its figures are not used.
//
// bench also measures the pages of bdc's console with 50 users who browse, the speed of
// taking mail in meanwhile, and how fast bdc's outbox sends replies to Exim.
//
// The exit code is 1 if a bound is missed, and 2 if something could not be measured.
package main
