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

// patience is how long a server may take to start or to end.
const patience = 30 * time.Second

// keeper runs a server for as long as its standard input stays open, so that
// the server ends with the process that holds the other end, killed or not.
const keeper = `"$@" & pid=$!; read -r _; kill "$pid"; wait "$pid"`

// process is a server and its children: one process group.
type process struct {
	cmd   *exec.Cmd
	alive *os.File // the other end of the keeper's standard input
	ended chan struct{}
	ports []int // that it listens on
}

// start runs a server in the foreground of its keeper.
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

// signal sends sig to the server and all its children.
func (p *process) signal(sig syscall.Signal) error {
	if p == nil {
		return errors.New("the server is not running")
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// stop lets the server end by itself, then kills what is left of it.
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

// kill ends the server and all its children at once.
func (p *process) kill() error {
	if p == nil {
		return nil
	}
	err := p.signal(syscall.SIGKILL)
	p.alive.Close()
	<-p.ended
	// The children hold the ports until they are gone as well.
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if !slices.ContainsFunc(p.ports, listens) {
			return err
		}
	}
	return errors.Join(err, errors.New("a killed server still listens"))
}

// listens reports whether something accepts connections on a port.
func listens(port int) bool {
	conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// StartDovecot starts Dovecot, on the same ports and mail after a stop, and
// returns once it answers.
func (in *Instance) StartDovecot() (err error) {
	// Of a killed one; Dovecot would take any process of that number for itself,
	// and a socket where a dying child still listens for one in use.
	err = filepath.WalkDir(filepath.Join(in.Dir, "dovecot"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && (e.Type() == fs.ModeSocket || e.Name() == "master.pid") {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if in.dovecot, err = in.start([]int{in.IMAP, in.IMAPS, in.LMTP}, in.dovecotPath, "-F", "-c", filepath.Join(in.Dir, "dovecot.conf")); err != nil {
		return err
	}
	return in.answers("* OK", in.IMAP, "dovecot.log")
}

// StartExim starts Exim, on the same ports and queue after a stop, and returns
// once it answers. It looks at its queue every 5 s.
func (in *Instance) StartExim() (err error) {
	if in.exim, err = in.start([]int{in.SMTP, in.Submission, in.SMTPS}, in.eximPath, "-C", filepath.Join(in.Dir, "exim.conf"), "-bdf", "-q5s"); err != nil {
		return err
	}
	return in.answers("220 ", in.SMTP, "exim-mainlog", "exim-paniclog")
}

// StopDovecot ends Dovecot, connections included; its mail stays.
func (in *Instance) StopDovecot() error { p := in.dovecot; in.dovecot = nil; return p.stop() }

// KillDovecot ends Dovecot without warning, in the middle of whatever it does.
func (in *Instance) KillDovecot() error { p := in.dovecot; in.dovecot = nil; return p.kill() }

// FreezeDovecot stops Dovecot from doing anything, its connections staying open,
// until ThawDovecot.
func (in *Instance) FreezeDovecot() error { return in.dovecot.signal(syscall.SIGSTOP) }

// ThawDovecot lets a frozen Dovecot go on.
func (in *Instance) ThawDovecot() error { return in.dovecot.signal(syscall.SIGCONT) }

// KillExim ends Exim without warning, in the middle of whatever it does.
func (in *Instance) KillExim() error { p := in.exim; in.exim = nil; return p.kill() }

// answers waits until the server on port greets; the error cites the logs.
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
