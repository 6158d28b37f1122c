package main

import (
	"context"
	"os/exec"

	"bdc/ingest/mailtest"
)

// site is where a contender works: its own empty folder, the mailbox, and the
// server that takes its replies.
type site struct {
	dir      string
	mail     *mailtest.Instance
	smtpPort int
	smtpTLS  bool
}

// contender is one that can empty an inbox.
type contender interface {
	name() string

	// command prepares a site and returns what is to be run there. The process
	// may end by itself once all is done, and does on SIGTERM.
	command(ctx context.Context, s site) (*exec.Cmd, error)

	// accompany does what goes on beside the process at work, until ctx is done.
	accompany(ctx context.Context) error

	// orders counts the orders that the ended process has recorded at the site.
	orders(ctx context.Context, s site) (int, error)
}
