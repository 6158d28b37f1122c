package boltstore_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/store/storetest"
)

// schoolOrder is an intake with one order of 30 lines, twice a usual one.
func schoolOrder(b *testing.B, uid uint32) order.Intake {
	b.Helper()
	in := intake(uid)
	line := in.Orders[0].Lines[0]
	in.Orders[0].Lines = nil
	for i := range 30 {
		line.Row, line.Quantity = 20+i, 1+i
		in.Orders[0].Lines = append(in.Orders[0].Lines, line)
	}
	in.Replies[0].Results[0].Lines = in.Orders[0].Lines
	in.Query.Forms[0].Identity = in.Orders[0].Identity()
	return in
}

// cpu is what the process has used so far, in user and system time.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func reportCPU(b *testing.B, start time.Duration) {
	b.Helper()
	b.ReportMetric(float64(cpu(b)-start)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
}

func openBench(b *testing.B) *boltstore.Store {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(b.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// fenced takes a lease, as the daemon does, whose fence each call then checks.
func fenced(b *testing.B, s *boltstore.Store) store.Fence {
	b.Helper()
	epoch, err := s.Lease(b.Context(), "bench", "bench", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	return store.Fence{Lease: "bench", Holder: "bench", Epoch: epoch}
}

func BenchmarkRecord(b *testing.B) {
	for _, batch := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			s := openBench(b)
			fence := fenced(b, s)
			batches := make([][]order.Intake, b.N)
			uid := uint32(0)
			for i := range batches {
				for range batch {
					uid++
					batches[i] = append(batches[i], schoolOrder(b, uid))
				}
			}
			start := cpu(b)
			b.ResetTimer()
			for _, intakes := range batches {
				for _, r := range s.Record(b.Context(), fence, intakes) {
					if r.Err != nil {
						b.Fatal(r.Err)
					}
				}
			}
			reportCPU(b, start)
		})
	}
}

// BenchmarkRows searches 10,000 orders of ten lines by a word that few rows have, and by one
// that all have.
func BenchmarkRows(b *testing.B) {
	s := openBench(b)
	model := schoolOrder(b, 1).Orders[0]
	model.Lines = model.Lines[:10]
	if err := storetest.Season(b.Context(), s, 10_000, model, noon(), noon().Add(time.Hour)); err != nil {
		b.Fatal(err)
	}
	for _, words := range []string{"École 4711", "l’église librairie"} {
		b.Run(strings.Fields(words)[0], func(b *testing.B) {
			start := cpu(b)
			for b.Loop() {
				rows, err := s.OrderRows(b.Context(), store.OrderFilter{Words: words}, "", 50)
				if err != nil || len(rows) == 0 {
					b.Fatalf("got %d rows and error %v, want some", len(rows), err)
				}
			}
			reportCPU(b, start)
		})
	}
}

// BenchmarkSend claims, seals and settles 32 mails of 12 KB.
func BenchmarkSend(b *testing.B) {
	const batch = 32
	s := openBench(b)
	for i := range b.N {
		var intakes []order.Intake
		for j := range batch {
			intakes = append(intakes, schoolOrder(b, uint32(i*batch+j+1)))
		}
		for _, r := range s.Record(b.Context(), store.Fence{}, intakes) {
			if r.Err != nil {
				b.Fatal(r.Err)
			}
		}
	}
	fence := fenced(b, s)
	mail := bytes.Repeat([]byte("octets de courriel\r\n"), 600)
	start := cpu(b)
	b.ResetTimer()
	for range b.N {
		claims, err := s.Claim(b.Context(), fence, noon(), time.Minute, batch)
		if err != nil || len(claims) != batch {
			b.Fatalf("got %d claims and error %v, want %d", len(claims), err, batch)
		}
		var mails []store.Sealed
		var settlements []store.Settlement
		for _, c := range claims {
			mails = append(mails, store.Sealed{Reply: c.ID, Mail: mail})
			settlements = append(settlements, store.Settlement{Reply: c.ID, Outcome: store.Sent, At: noon()})
		}
		if err := s.Seal(b.Context(), "bench", mails); err != nil {
			b.Fatal(err)
		}
		if err := s.Settle(b.Context(), "bench", settlements); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, start)
}

// BenchmarkKeep keeps attachments of a size, one a commit.
func BenchmarkKeep(b *testing.B) {
	for _, size := range []int{15 << 10, 1 << 20, 18 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			s := openBench(b)
			blob := make([]byte, size)
			b.SetBytes(int64(size))
			start := cpu(b)
			b.ResetTimer()
			for i := range b.N {
				copy(blob, fmt.Sprint(i))
				if err := s.Keep(b.Context(), [][]byte{blob}); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, start)
		})
	}
}

// BenchmarkPulse has a register of which 20 imports are remembered.
func BenchmarkPulse(b *testing.B) {
	s := openBench(b)
	for range store.MaxImports {
		imported := order.Import{Register: "annuaire", At: noon(), Skipped: make([]string, 100)}
		if err := s.Swap(b.Context(), "annuaire", []byte("schools"), imported); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		if _, err := s.Pulse(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
