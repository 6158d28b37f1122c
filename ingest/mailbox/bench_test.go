package mailbox_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/order"
)

// BenchmarkFetch fetches a thousand messages of 20 KB from Dovecot over TLS, a hundred at
// a time. Besides the time it reports the CPU time of this process, without Dovecot's.
func BenchmarkFetch(b *testing.B) {
	servers, c := dovecot(b, mailtest.Options{})
	body := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz\r\n", 20_000/38)
	for n := range 1000 {
		servers.Deliver(servers.User, message(n, body))
	}
	s, err := mailbox.Dial(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	keys, err := s.Pending(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	before := processorTime(b)
	messages := 0
	for b.Loop() {
		for from := 0; from < len(keys); from += 100 {
			_, err := s.Fetch(b.Context(), keys[from:from+100], 25<<20, 0, admitAll, func(order.Mail) error {
				messages++
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(messages), "cpu-µs/message")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(messages), "µs/message")
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
