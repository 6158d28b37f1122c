package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"bdc/ingest/mailtest"
)

// patience ends a round that will not come to its end.
const patience = 10 * time.Minute

// inboxPoll is how often a round looks whether it has come to its end.
const inboxPoll = 2 * time.Millisecond

// measure runs one round: a fresh mailbox with the mails in it, the contender
// from its start until it has recorded, moved and answered every one, and what
// that took. Once that is so, it is asked to end, and what it has done is counted.
func measure(ctx context.Context, dir string, c contender, with mta, in inbox) (_ figures, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	mail, err := mailtest.Open(mailtest.Options{NoExim: with != eximMTA})
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, mail.Close()) }()
	if err := mail.Deliver(mail.User, in.mails...); err != nil {
		return figures{}, err
	}
	out, err := with.open(mail)
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	s := site{mail: mail, smtpPort: out.port, smtpTLS: out.tls}
	if s.dir, err = os.MkdirTemp(dir, c.name()); err != nil {
		return figures{}, err
	}
	cmd, err := c.command(ctx, s)
	if err != nil {
		return figures{}, err
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return figures{}, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log

	began := time.Now()
	p, err := start(cmd)
	if err != nil {
		return figures{}, err
	}
	beside, leave := context.WithCancel(ctx)
	defer leave()
	accompanied := make(chan error, 1)
	go func() { accompanied <- c.accompany(beside) }()
	err = finished(ctx, mail, out, p, len(in.mails))
	f := figures{mails: len(in.mails), wall: time.Since(began)}
	leave()
	if besideErr := <-accompanied; err == nil {
		err = besideErr
	}
	if stopErr := p.stop(); err == nil {
		err = stopErr
	}
	if err != nil {
		said, _ := os.ReadFile(log.Name()) // what there is of it
		return f, fmt.Errorf("%w; its log ends: %s", err, said[max(0, len(said)-2000):])
	}
	f.cpu, f.memory = p.cpu(), p.most
	return f, verify(ctx, c, s, out, in)
}

// finished returns once every mail is answered and moved.
func finished(ctx context.Context, mail *mailtest.Instance, out *outlet, p *process, mails int) error {
	tick := time.NewTicker(inboxPoll)
	defer tick.Stop()
	for {
		accepted, _, err := out.count()
		if err != nil {
			return err
		}
		if accepted >= mails {
			left, err := messages(mail, "cur", "new")
			if err != nil || left == 0 {
				return err
			}
		}
		select {
		case <-p.ended:
			// It may have done the last things since we looked.
			if accepted, _, err := out.count(); err != nil || accepted < mails {
				return fmt.Errorf("it ended after %d of %d replies: %w", accepted, mails, errors.Join(err, p.err))
			}
		case <-ctx.Done():
			return fmt.Errorf("after %d of %d replies: %w", accepted, mails, ctx.Err())
		case <-tick.C:
		}
	}
}

// verify holds a contender to the job that was to be done.
func verify(ctx context.Context, c contender, s site, out *outlet, in inbox) error {
	orders, err := c.orders(ctx, s)
	if err != nil {
		return err
	}
	processed, err := messages(s.mail, filepath.Join(".Trait*", "cur"), filepath.Join(".Trait*", "new"))
	if err != nil {
		return err
	}
	returned, err := messages(s.mail, filepath.Join(".Rejet*", "cur"), filepath.Join(".Rejet*", "new"))
	if err != nil {
		return err
	}
	accepted, numbers, err := out.count()
	if err != nil {
		return err
	}
	good := len(in.mails) - in.wrong
	if orders != good || processed != good || returned != in.wrong ||
		accepted != len(in.mails) || numbers >= 0 && numbers != good {
		return fmt.Errorf("of %d mails, %d of them wrong, came %d orders, %d messages processed and %d sent back, "+
			"%d replies with %d numbers",
			len(in.mails), in.wrong, orders, processed, returned, accepted, numbers)
	}
	return nil
}

// messages counts those in folders of the orders' maildir.
func messages(mail *mailtest.Instance, folders ...string) (int, error) {
	n := 0
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(mail.Dir, "mail", mail.User, "Maildir", folder, "*"))
		if err != nil {
			return 0, err
		}
		n += len(found)
	}
	return n, nil
}

// process is a contender at work, and what it has used.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
	err   error         // of its end
	most  memory
}

// start starts a process and watches its memory.
func start(cmd *exec.Cmd) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	watched := make(chan memory)
	quit := make(chan struct{})
	go func() { watched <- watch(cmd.Process.Pid, quit) }()
	go func() {
		p.err = cmd.Wait()
		close(quit)
		p.most = <-watched
		close(p.ended)
	}()
	return p, nil
}

// stop asks the process to end, unless it has, and waits until it has.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return p.err
}

// cpu is the CPU time of the ended process, its own and the kernel's for it.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}
