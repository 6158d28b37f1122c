package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"bdc/store/boltstore"
)

// daemon is the contender "bdc serve".
type daemon struct {
	binary  string  // its path
	console string  // the address on which the console listens; "" for no console
	season  *office // it starts with a copy of this data file; nil for an empty one
	inPlace bool    // it works on the data file of season itself, not on a copy
	browsed bool    // the users of season browse the console while it works
}

func (daemon) name() string { return "bdc" }

func (d daemon) command(ctx context.Context, s site) (*exec.Cmd, error) {
	smtpTLS := "none"
	if s.smtpTLS {
		smtpTLS = "implicit"
	}
	config := fmt.Sprintf(`
[mailbox]
host = %q
port = %d
ca_file = %q
username = %q
password = %q
since = "2026-01-01"
[smtp]
host = %[1]q
port = %[6]d
tls = %[7]q
ca_file = %[3]q
username = %[4]q
password = %[5]q
from = %[4]q
[accept]
senders = "any"
[console]
listen = %[8]q
`, s.mail.Host, s.mail.IMAPS, s.mail.CAFile, s.mail.User, s.mail.Password, s.smtpPort, smtpTLS, d.console)
	config = fmt.Sprintf("data = %q\n", d.data(s)) + config
	if d.season != nil && !d.inPlace {
		if err := copyFile(d.data(s), d.season.path); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(d.config(s), []byte(config), 0o600); err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, d.binary, "serve", "-c", d.config(s)), nil
}

// data returns the path of the daemon's data file.
func (d daemon) data(s site) string {
	if d.inPlace {
		return d.season.path
	}
	return filepath.Join(s.dir, "bdc.db")
}

// copyFile copies a file to a path that must not exist.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// accompany has the users of the season browse until ctx is done, if they are to.
func (d daemon) accompany(ctx context.Context) error {
	if !d.browsed {
		return nil
	}
	if err := listening(ctx, d.console); err != nil {
		return nil // the daemon had finished before the console listened
	}
	_, err := d.season.browse(ctx, "http://"+d.console)
	return err
}

// config returns the path of the daemon's configuration file.
func (daemon) config(s site) string { return filepath.Join(s.dir, "bdc.toml") }

func (d daemon) orders(ctx context.Context, s site) (int, error) {
	if d.season != nil { // to export a whole season would take longer than the round
		return d.added(ctx, s)
	}
	out, err := exec.CommandContext(ctx, d.binary, "orders", "export", "--format", "jsonl", "-c", d.config(s)).Output()
	if err != nil {
		return 0, fmt.Errorf("export orders: %w", err)
	}
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		n++
	}
	return n, nil
}

// added counts the orders that were not in the season's data file.
func (d daemon) added(ctx context.Context, s site) (int, error) {
	data, err := boltstore.Open(d.data(s), boltstore.Options{})
	if err != nil {
		return 0, err
	}
	st, err := data.Status(ctx)
	return st.Orders - d.season.orders, errors.Join(err, data.Close())
}
