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

// daemon is bdc serve.
type daemon struct {
	binary  string
	console string  // where it listens; "" for nowhere
	season  *office // whose data file it begins with, copied; nil for none
	inPlace bool    // the season's own file, and no copy
	browsed bool    // by the season's users
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

// data is the daemon's data file.
func (d daemon) data(s site) string {
	if d.inPlace {
		return d.season.path
	}
	return filepath.Join(s.dir, "bdc.db")
}

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

// accompany has the season's users browse until ctx is done.
func (d daemon) accompany(ctx context.Context) error {
	if !d.browsed {
		return nil
	}
	if err := listening(ctx, d.console); err != nil {
		return nil // it was done before
	}
	_, err := d.season.browse(ctx, "http://"+d.console)
	return err
}

func (daemon) config(s site) string { return filepath.Join(s.dir, "bdc.toml") }

func (d daemon) orders(ctx context.Context, s site) (int, error) {
	if d.season != nil { // to export them all takes longer than the round
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

// added counts the orders that the season had not.
func (d daemon) added(ctx context.Context, s site) (int, error) {
	data, err := boltstore.Open(d.data(s), boltstore.Options{})
	if err != nil {
		return 0, err
	}
	st, err := data.Status(ctx)
	return st.Orders - d.season.orders, errors.Join(err, data.Close())
}
