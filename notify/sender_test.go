package notify

import (
	"context"
	"errors"
	"sync"
	"time"

	"bdc/order"
)

// mailer is a mail server that does what a test wants, and notes what it got.
type mailer struct {
	dial func() error // nil: every connection is welcome
	// n counts the mails to an address; nil: every mail is taken
	send func(ctx context.Context, to string, n int, mail []byte) error

	mu     sync.Mutex
	taken  []delivery
	tried  map[string]int
	busy   int
	counts tally
}

type delivery struct {
	at       time.Time
	from, to string
	mail     string
}

type line struct {
	*mailer
	closed bool
}

func (m *mailer) Dial(ctx context.Context) (Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.dials++
	if m.dial != nil {
		if err := m.dial(); err != nil {
			return nil, err
		}
	}
	m.counts.open++
	return &line{mailer: m}, ctx.Err()
}

func (l *line) Send(ctx context.Context, from, to string, mail []byte) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return errors.New("sent over a closed connection")
	}
	l.busy++
	l.counts.busiest = max(l.counts.busiest, l.busy)
	if l.tried == nil {
		l.tried = map[string]int{}
	}
	l.tried[to]++
	n := l.tried[to]
	l.mu.Unlock()

	var err error
	if l.send != nil {
		err = l.send(ctx, to, n, mail)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	if err == nil {
		l.taken = append(l.taken, delivery{time.Now(), from, to, string(mail)})
	}
	return err
}

func (l *line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.counts.open--
	}
	return nil
}

// deliveries are the mails taken so far, oldest first.
func (m *mailer) deliveries() []delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]delivery(nil), m.taken...)
}

// tally is what the server counts.
type tally struct{ dials, open, busiest int }

func (m *mailer) tally() tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts
}

func (m *mailer) tries(to string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tried[to]
}

// writer is a composer of short letters.
type writer func(ctx context.Context, r order.Reply) (Letter, error)

func (w writer) Compose(ctx context.Context, r order.Reply) (Letter, error) {
	if w != nil {
		return w(ctx, r)
	}
	return Letter{Subject: "Re: " + r.Subject, Text: "Bonjour,\n\nbien reçu.\n", HTML: "<p>Bonjour, bien reçu.</p>"},
		nil
}
