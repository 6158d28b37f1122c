package mailtest

import (
	"errors"
	"testing"
	"time"

	"bdc/bench/need"
)

// Servers is an Instance that belongs to a test. Its methods do what the methods of the
// same names of Instance do, but return no error: they end the test instead (by Fatal,
// so they may be called only from the test's own goroutine).
type Servers struct {
	*Instance
	t testing.TB
}

// Start opens an instance for the length of a test. Without Dovecot or Exim the
// test is skipped, or fails where it may not be: see bdc/bench/need.
func Start(t testing.TB, o Options) *Servers {
	t.Helper()
	in, err := Open(o)
	if errors.Is(err, ErrMissing) {
		need.MailServers(t)
	}
	if err != nil {
		t.Fatalf("start the mail servers: %v", err)
	}
	s := &Servers{in, t}
	t.Cleanup(func() { s.check(in.Close()) })
	return s
}

func (s *Servers) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("mail servers: %v", err)
	}
}

// Deliver is Instance.Deliver.
func (s *Servers) Deliver(to string, raw ...[]byte) {
	s.t.Helper()
	s.check(s.Instance.Deliver(to, raw...))
}

// DeliverAt is Instance.DeliverAt.
func (s *Servers) DeliverAt(when time.Time, to string, raw ...[]byte) {
	s.t.Helper()
	s.check(s.Instance.DeliverAt(when, to, raw...))
}

// List is Instance.List.
func (s *Servers) List(user, folder string) [][]byte {
	s.t.Helper()
	messages, err := s.Instance.List(user, folder)
	s.check(err)
	return messages
}

// Await is Instance.Await.
func (s *Servers) Await(user, folder string, n int) [][]byte {
	s.t.Helper()
	messages, err := s.Instance.Await(user, folder, n)
	s.check(err)
	return messages
}

// StartDovecot is Instance.StartDovecot.
func (s *Servers) StartDovecot() { s.t.Helper(); s.check(s.Instance.StartDovecot()) }

// StopDovecot is Instance.StopDovecot.
func (s *Servers) StopDovecot() { s.t.Helper(); s.check(s.Instance.StopDovecot()) }

// KillDovecot is Instance.KillDovecot.
func (s *Servers) KillDovecot() { s.t.Helper(); s.check(s.Instance.KillDovecot()) }

// FreezeDovecot is Instance.FreezeDovecot.
func (s *Servers) FreezeDovecot() { s.t.Helper(); s.check(s.Instance.FreezeDovecot()) }

// ThawDovecot is Instance.ThawDovecot.
func (s *Servers) ThawDovecot() { s.t.Helper(); s.check(s.Instance.ThawDovecot()) }

// StartExim is Instance.StartExim.
func (s *Servers) StartExim() { s.t.Helper(); s.check(s.Instance.StartExim()) }

// KillExim is Instance.KillExim.
func (s *Servers) KillExim() { s.t.Helper(); s.check(s.Instance.KillExim()) }

// Configure is Instance.Configure.
func (s *Servers) Configure(settings string) { s.t.Helper(); s.check(s.Instance.Configure(settings)) }

// SetPassword is Instance.SetPassword.
func (s *Servers) SetPassword(password string) {
	s.t.Helper()
	s.check(s.Instance.SetPassword(password))
}

// Recertify is Instance.Recertify.
func (s *Servers) Recertify() []byte {
	s.t.Helper()
	certificate, err := s.Instance.Recertify()
	s.check(err)
	return certificate
}

// Renumber is Instance.Renumber.
func (s *Servers) Renumber(user string) { s.t.Helper(); s.check(s.Instance.Renumber(user)) }

// DeleteFolder is Instance.DeleteFolder.
func (s *Servers) DeleteFolder(user, folder string) {
	s.t.Helper()
	s.check(s.Instance.DeleteFolder(user, folder))
}
