package mailtest

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a server may take to start or to stop.
const patience = 30 * time.Second

// keeper is a shell script that runs a server until its own standard input is closed.
// We hold the other end of that pipe. It is closed when we close it and also when our
// process ends, even if it is killed.
const keeper = `"$@" & pid=$!; read -r _; kill "$pid"; wait "$pid"`

// process is a running server: a process group of the keeper, the server and the
// server's children.
type process struct {
	cmd   *exec.Cmd     // the keeper
	alive *os.File      // our end of the keeper's standard input
	ended chan struct{} // closed when the keeper has ended
	ports []int         // that the server listens on
}

// start starts a server under its keeper, and does not wait until it listens.
func (in *Instance) start(ports []int, program string, args ...string) (*process, error) {
	out, err := os.OpenFile(filepath.Join(in.Dir, "output.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", keeper, "sh", program}, args...)...)
	cmd.Dir, cmd.Env = in.Dir, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(in.uid), Gid: uint32(in.gid)}
	}
	if err := cmd.Start(); err != nil {
		alive.Close()
		return nil, err
	}
	p := &process{cmd: cmd, alive: alive, ended: make(chan struct{}), ports: ports}
	go func() {
		cmd.Wait() // a killed server's status says nothing
		close(p.ended)
	}()
	return p, nil
}

// signal sends sig to the whole process group. It is no error if that has ended.
func (p *process) signal(sig syscall.Signal) error {
	if p == nil {
		return errors.New("the server is not running")
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// stop asks the server to end, waits for that as long as patience says, and kills what
// is left of the process group.
func (p *process) stop() error {
	if p == nil {
		return nil
	}
	err := p.signal(syscall.SIGCONT)
	p.alive.Close()
	select {
	case <-p.ended:
	case <-time.After(patience):
	}
	return errors.Join(err, p.kill())
}

// kill kills the process group, and returns when nothing listens on its ports any more.
func (p *process) kill() error {
	if p == nil {
		return nil
	}
	err := p.signal(syscall.SIGKILL)
	p.alive.Close()
	<-p.ended
	// The keeper has ended, but the server's children may still hold the ports.
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if !slices.ContainsFunc(p.ports, listens) {
			return err
		}
	}
	return errors.Join(err, errors.New("a killed server still listens"))
}

// listens reports whether a process accepts connections on a loopback port.
func listens(port int) bool {
	conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// StartDovecot starts Dovecot again after it was stopped or killed, with the same ports
// and mail, and returns when it answers.
func (in *Instance) StartDovecot() (err error) {
	// A killed Dovecot leaves its pid file and its sockets behind. The next one would
	// refuse to start if another process now has the pid, or if a child of the old one
	// still listens on a socket. If it was killed while it changed the list of a folder's
	// UIDs, it leaves that list's lock too, for whose end the next one waits two minutes.
	left := func(path string, e fs.DirEntry, err error) error {
		if err == nil && (e.Type() == fs.ModeSocket || e.Name() == "master.pid" || e.Name() == "dovecot-uidlist.lock") {
			err = os.Remove(path)
		}
		return err
	}
	for _, dir := range []string{"dovecot", "mail"} {
		if err := filepath.WalkDir(filepath.Join(in.Dir, dir), left); err != nil {
			return err
		}
	}
	if in.dovecot, err = in.start(
		[]int{in.IMAP, in.IMAPS, in.LMTP}, in.dovecotPath, "-F", "-c", filepath.Join(in.Dir, "dovecot.conf"),
	); err != nil {
		return err
	}
	return in.answers("* OK", in.IMAP, "dovecot.log")
}

// StartExim starts Exim again after it was stopped or killed, with the same ports and
// queue, and returns when it answers. Exim tries the mails in its queue every 5 s.
func (in *Instance) StartExim() (err error) {
	if in.exim, err = in.start(
		[]int{in.SMTP, in.Submission, in.SMTPS}, in.eximPath, "-C", filepath.Join(in.Dir, "exim.conf"), "-bdf", "-q5s",
	); err != nil {
		return err
	}
	return in.answers("220 ", in.SMTP, "exim-mainlog", "exim-paniclog")
}

// StopDovecot lets Dovecot shut down, which ends its connections. Its mail stays.
func (in *Instance) StopDovecot() error { p := in.dovecot; in.dovecot = nil; return p.stop() }

// KillDovecot kills Dovecot (SIGKILL), whatever it is doing. Its mail stays.
func (in *Instance) KillDovecot() error { p := in.dovecot; in.dovecot = nil; return p.kill() }

// FreezeDovecot suspends Dovecot (SIGSTOP) until ThawDovecot: its connections stay open,
// but it answers nothing.
func (in *Instance) FreezeDovecot() error { return in.dovecot.signal(syscall.SIGSTOP) }

// ThawDovecot lets Dovecot go on after FreezeDovecot.
func (in *Instance) ThawDovecot() error { return in.dovecot.signal(syscall.SIGCONT) }

// KillExim ends Exim without warning, in the middle of whatever it does.
func (in *Instance) KillExim() error { p := in.exim; in.exim = nil; return p.kill() }

// answers waits until the server on port sends a line that begins with greeting. If it
// does not within patience, the error quotes the named logs.
func (in *Instance) answers(greeting string, port int, logs ...string) error {
	address := net.JoinHostPort(in.Host, strconv.Itoa(port))
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = greets(address, greeting); err == nil {
			return nil
		}
	}
	said := ""
	for _, name := range append(logs, "output.log") {
		text, _ := os.ReadFile(filepath.Join(in.Dir, name)) // absent until there is something to say
		said += string(text)
	}
	return fmt.Errorf("%w; its logs: %s", err, strings.TrimSpace(said))
}

// greets connects to address and returns an error unless the first line that it reads
// begins with greeting.
func greets(address, greeting string) error {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, greeting) {
		return fmt.Errorf("%s greets with %q, want %q", address, line, greeting)
	}
	return nil
}
