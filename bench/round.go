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

// patience is after how long a round counts as failed.
const patience = 10 * time.Minute

// inboxPoll is the time between two looks at whether a round is over.
const inboxPoll = 2 * time.Millisecond

// measure runs one round. It fills a new mailbox, starts the contender, and waits until
// that has answered and moved every mail: the time until then is what counts. It then
// asks the contender to end and verifies what it has done. The folder of the round's
// files is below dir.
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
		said, _ := os.ReadFile(log.Name()) // as much of it as can be read
		return f, fmt.Errorf("%w; its log ends: %s", err, said[max(0, len(said)-2000):])
	}
	f.cpu, f.memory = p.cpu(), p.most
	return f, verify(ctx, c, s, out, in)
}

// finished returns nil when every mail is answered and moved. It returns an error if the
// process ends before that, or ctx is done.
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
			// It may have sent the last replies after we counted.
			if accepted, _, err := out.count(); err != nil || accepted < mails {
				return fmt.Errorf("it ended after %d of %d replies: %w", accepted, mails, errors.Join(err, p.err))
			}
		case <-ctx.Done():
			return fmt.Errorf("after %d of %d replies: %w", accepted, mails, ctx.Err())
		case <-tick.C:
		}
	}
}

// verify returns an error unless the contender has done the whole job: recorded every good
// order, answered every mail, and moved it to the right folder.
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

// messages counts the files in some folders of the maildir of the orders' mailbox. The
// folders may be patterns of filepath.Glob.
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

// process is a contender's process. err and most may be read once ended is closed.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
	err   error         // of exec.Cmd.Wait
	most  memory        // the peaks of its memory
}

// start starts a process and watches its memory. The caller must call stop.
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

// stop sends SIGTERM to the process unless it has ended, and waits for its end.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return p.err
}

// cpu returns the CPU time that the process used, in user and in kernel mode. It may be
// called once ended is closed.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}
