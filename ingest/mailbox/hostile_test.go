package mailbox_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailbox"
	"bdc/order"
)

// floodMost is how many octets a hostile server says at most: more than our memory may grow.
const floodMost = 256 << 20

// heapBound is how many octets the heap may have while a hostile server is talking, what the
// collector has not looked at yet included.
const heapBound = 100 << 20

// floods are what a hostile server says: the first part once, the second without end.
var floods = map[string][2]string{
	"an endless line":      {"* OK ", strings.Repeat("x", 1<<16)},
	"lines":                {"", strings.Repeat("* OK x\r\n", 1<<13)},
	"deep nesting":         {"", "* 5 FETCH " + strings.Repeat("(", 60_000) + "\r\n"},
	"an endless literal":   {"* 5 FETCH (UID 5 BODY[] {9223372036854775807}\r\n", strings.Repeat("x", 1<<16)},
	"literals":             {"", "* LIST () \"/\" {60000}\r\n" + strings.Repeat("x", 60_000) + "\r\n"},
	"one message for ever": {"", "* 5 FETCH (UID 5 BODY[] {60003}\r\na: " + strings.Repeat("x", 60_000) + ")\r\n"},
	"endless numbers":      {"* SEARCH", strings.Repeat(" 4294967295", 1<<12)},
	"a list of literals":   {"* 5 FETCH (UID 5", " X {60000}\r\n" + strings.Repeat("x", 60_000)},
	"endless headers":      {"* 5 FETCH (UID 5 BODY[] {999999999}\r\n", strings.Repeat("a: b\r\n", 1<<13)},
}

// hostile starts a server that follows a script until a command begins with a word, "" for the
// greeting, and then floods. It serves one connection after the other.
func hostile(t *testing.T, word string, flood [2]string, secured *tls.Config) mailbox.Config {
	t.Helper()
	return serve(t, secured, func(conn net.Conn) { playUntil(conn, word, flood) })
}

func playUntil(conn net.Conn, word string, flood [2]string) {
	drown := func() {
		_, err := io.WriteString(conn, flood[0])
		for said := 0; err == nil && said < floodMost; said += len(flood[1]) {
			_, err = io.WriteString(conn, flood[1])
		}
	}
	if word == "" {
		drown()
		return
	}
	_, _ = io.WriteString(conn, polite[""])
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(command, word) {
			drown()
			return
		}
		_, _ = io.WriteString(conn, strings.ReplaceAll(polite.answer(command), "TAG", tag))
	}
}

// TestHostileServers: whatever a server says, and however long, before TLS and after, it takes
// little memory, and the call ends with an error.
func TestHostileServers(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	most := uint64(0)
	try := func(t *testing.T, config mailbox.Config) {
		t.Helper()
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		ctx, cancel := context.WithCancel(t.Context())
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			for ctx.Err() == nil {
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
				time.Sleep(5 * time.Millisecond)
			}
		}()
		var err error
		within(t, "a hostile server", func() { err = attend(t, config) })
		cancel()
		<-watched
		if err == nil {
			t.Error("got no error")
		}
		if most > heapBound {
			t.Fatalf("the heap had %d MiB, want at most %d", most>>20, heapBound>>20)
		}
	}
	for name, flood := range floods {
		soak, lengthy := os.Getenv("BDC_TEST_SOAK") != "", strings.HasSuffix(name, "s")
		if !soak && (lengthy || need.Race && !strings.HasPrefix(name, "an ")) { // these take seconds
			continue
		}
		for _, word := range []string{
			"", "LOGIN", "LIST", "SELECT", "UID SEARCH", "UID FETCH 5 (UID RFC", "UID FETCH 5 (UID BODY",
		} {
			t.Run(name+" at "+word, func(t *testing.T) { try(t, hostile(t, word, flood, nil)) })
		}
		t.Run(name+" in place of TLS", func(t *testing.T) {
			config := hostile(t, "", flood, nil)
			config.TLS = "starttls"
			try(t, config)
			config.TLS = "implicit"
			try(t, config)
		})
		t.Run(name+" in TLS", func(t *testing.T) {
			config := hostile(t, "LOGIN", flood, &tls.Config{Certificates: web.TLS.Certificates})
			config.TLS, config.RootCAs = "implicit", trusted
			try(t, config)
		})
	}
	t.Logf("the heap had at most %d MiB", most>>20)
}

// attend reads what there is in a folder, and waits for more.
func attend(t *testing.T, config mailbox.Config) error {
	s, err := mailbox.Dial(t.Context(), config)
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := s.Pending(t.Context())
	if err != nil {
		return err
	}
	_, err = s.Fetch(t.Context(), keys, 25<<20, time.Second, func(int64) error { return nil },
		func(order.Mail) error { return nil })
	return err
}
