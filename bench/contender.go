package main

import (
	"context"
	"os/exec"

	"bdc/ingest/mailtest"
)

// site is what a contender is given for a round.
type site struct {
	dir      string             // an empty folder for its files
	mail     *mailtest.Instance // the server with the inbox
	smtpPort int                // where its replies go, on the same host
	smtpTLS  bool               // by implicit TLS; else without TLS
}

// contender is a program that can empty an inbox.
type contender interface {
	name() string

	// command writes the files that the program needs at the site, and returns the
	// command that starts it. The process may end by itself when it has done
	// everything, and must end on SIGTERM.
	command(ctx context.Context, s site) (*exec.Cmd, error)

	// accompany is called while the process works. It does what else is to go on at
	// that time, and returns when ctx is done or there is nothing to do.
	accompany(ctx context.Context) error

	// orders is called after the process has ended. It counts the orders that the
	// process has recorded at the site.
	orders(ctx context.Context, s site) (int, error)
}
