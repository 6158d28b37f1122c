package notify

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// BenchmarkOutbox sends replies of the size of an acknowledgement, and of a
// report with its marked workbook, to a server in another process: what is
// measured is our side, without TLS and without a disk.
func BenchmarkOutbox(b *testing.B) {
	l := Letter{
		Subject: "CNS-2026-000001", Text: strings.Repeat("9782091194264  Manuel de mathématiques\n", 100),
		HTML: strings.Repeat("<tr><td>9782091194264</td><td>Manuel de mathématiques</td></tr>\n", 100),
	}
	for name, files := range map[string][]Attachment{
		"ack":    nil,
		"report": {{Name: "BdC.xlsx", Data: bytes.Repeat([]byte{0, 1, 250}, 5000)}},
	} {
		b.Run(name, func(b *testing.B) {
			l.Attachments = files
			s := newShelf()
			port := startSink(b)
			for i := range b.N {
				s.add(time.Now(), fmt.Sprintf("b%d@example.com", i%200))
			}
			o := newOutbox(s, nil)
			o.Sender = SMTP{Host: "127.0.0.1", Port: port, TLS: TLSNone, HELO: "bdc"}
			o.Composer = writer(func(context.Context, order.Reply) (Letter, error) { return l, nil })
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			b.ResetTimer()
			begun := cpu()
			go func() { ended <- o.Run(ctx) }()
			for s.outcomes()[store.Sent] < b.N {
				time.Sleep(10 * time.Millisecond)
			}
			used := cpu() - begun
			b.StopTimer()
			cancel()
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
			b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/mail")
		})
	}
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
