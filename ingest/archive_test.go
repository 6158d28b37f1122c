package ingest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/order"
)

// zipped is a zip of files, in their order.
func zipped(t testing.TB, files ...attachment) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		to, err := w.Create(f.name)
		if err == nil {
			_, err = to.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestZip: forms in a zip file are examined, and the sender is told why one can't be read.
func TestZip(t *testing.T) {
	good, other := filled(t, nil, "28"), filled(t, elsewhere(), "3")
	pdf := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	one := zipped(t, attachment{"Commandes/BdC lycée.xlsx", good})
	locked := bytes.Clone(one)
	locked[6] |= 1
	directory := bytes.Index(locked, zipEntry)
	locked[directory+8] |= 1
	garbled := zipped(t, attachment{"a.xlsx", slices.Repeat([]byte("a"), 300)})
	garbled[40] ^= 0x55
	wrongSum := bytes.Clone(one)
	wrongSum[bytes.Index(wrongSum, zipEntry)+16] ^= 1
	many := make([]attachment, 11)
	for i := range many {
		many[i] = attachment{
			fmt.Sprintf("%d.xlsx", i),
			filled(t, map[string]string{order.FieldReference: fmt.Sprint("R-", i)}, "1"),
		}
	}
	tests := []struct {
		name  string
		files []attachment
		want  string
		parts string
	}{
		{
			"a form",
			[]attachment{{"commande.zip", one}},
			"processed orders:1 reply:ack(ack)",
			"commande.zip, BdC lycée.xlsx",
		},
		{
			"two forms and a PDF",
			[]attachment{
				{"c.zip", zipped(t, attachment{"a.xlsx", good}, attachment{"b.pdf", pdf}, attachment{"c.xlsx", other})},
			},
			"processed orders:2 reply:ack(ack,ack)", "c.zip, a.xlsx, c.xlsx",
		},
		{
			"a form without a name",
			[]attachment{{"c.zip", zipped(t, attachment{"BdC", good})}},
			"processed orders:1 reply:ack(ack)", "c.zip, BdC",
		},
		{
			"a zip without a name",
			[]attachment{{"c.dat", one}},
			"processed orders:1 reply:ack(ack)",
			"c.dat, BdC lycée.xlsx",
		},
		{
			"what macOS adds",
			[]attachment{
				{"c.zip", zipped(t, attachment{"a.xlsx", good}, attachment{"__MACOSX/._a.xlsx", []byte{0, 5, 22, 7}})},
			},
			"processed orders:1 reply:ack(ack)", "c.zip, a.xlsx",
		},
		{
			"what Excel leaves",
			[]attachment{
				{"c.zip", zipped(t, attachment{"a.xlsx", good}, attachment{"~$a.xlsx", []byte("Claire")})},
			},
			"processed orders:1 reply:ack(ack)", "c.zip, a.xlsx",
		},
		{
			"the same form beside it",
			[]attachment{{"a.xlsx", good}, {"c.zip", one}},
			"processed orders:1 reply:duplicate(ack,duplicate)", "a.xlsx, c.zip, BdC lycée.xlsx",
		},
		{
			"a path for a name",
			[]attachment{{"c.zip", zipped(t, attachment{`..\..\a.xlsx`, good})}},
			"processed orders:1 reply:ack(ack)", "c.zip, a.xlsx",
		},
		{
			"no workbook",
			[]attachment{{"photos.zip", zipped(t, attachment{"a.pdf", pdf})}},
			"attention orders:0 waiting:mail.noform", "photos.zip",
		},
		{
			"no workbook beside a form",
			[]attachment{
				{"a.xlsx", good},
				{"photos.zip", zipped(t, attachment{"a.pdf", pdf})},
			},
			"processed orders:1 reply:ack(ack)",
			"a.xlsx, photos.zip",
		},
		{
			"no workbook, called one",
			[]attachment{{"a.xlsx", zipped(t, attachment{"a.pdf", pdf})}},
			"rejected orders:0 sentback:form.unreadable.zip reply:unreadable(unreadable)", "a.xlsx",
		},
		{
			"a zip in a zip",
			[]attachment{{"c.zip", zipped(t, attachment{"d.zip", one})}},
			"attention orders:0 waiting:mail.noform", "c.zip",
		},
		{
			"a form under a password",
			[]attachment{{"c.zip", locked}},
			"rejected orders:0 sentback:form.unreadable.encrypted reply:unreadable(unreadable)", "c.zip",
		},
		{
			"a form that was altered",
			[]attachment{{"c.zip", wrongSum}},
			"rejected orders:0 sentback:form.unreadable.crc reply:unreadable(unreadable)", "c.zip",
		},
		{
			"a form that is damaged",
			[]attachment{{"c.zip", garbled}},
			"rejected orders:0 sentback:form.unreadable.damaged reply:unreadable(unreadable)", "c.zip",
		},
		{
			"cut short",
			[]attachment{{"c.zip", one[:len(one)-30]}},
			"rejected orders:0 sentback:form.unreadable.damaged reply:unreadable(unreadable)", "c.zip",
		},
		{
			"eleven forms",
			[]attachment{{"c.zip", zipped(t, many...)}},
			"attention orders:0 waiting:message.limit.attachments", "",
		},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := e.Open(mail(1, "", test.files...))
			in := e.Judge(x, nothing(x.Query), at)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			var names []string
			for i, p := range in.Message.Parts {
				names = append(names, p.Name)
				if order.Sum(x.Blobs[i]) != p.Hash {
					t.Errorf("the bytes of %s are another's", p.Name)
				}
			}
			if got := strings.Join(names, ", "); test.parts != "" && got != test.parts {
				t.Errorf("got parts %s, want %s", got, test.parts)
			}
		})
	}
}

// TestZipBombs: the memory and time that a zip file takes are limited, whatever sizes its
// directory states, and its sender is told which limit it exceeds.
func TestZipBombs(t *testing.T) {
	// bomb is a zip of entries of so many zeros, deflated a megabyte at a time.
	bomb := func(names []string, megabytes int) []byte {
		var chunk, b bytes.Buffer
		d, err := flate.NewWriter(&chunk, flate.BestCompression)
		if err == nil {
			_, err = d.Write(make([]byte, 1<<20))
		}
		if err := errors.Join(err, d.Flush()); err != nil {
			t.Fatal(err)
		}
		deflated := append(bytes.Repeat(chunk.Bytes(), megabytes), 3, 0) // an empty last block (RFC 1951, 3.2.6)
		w := zip.NewWriter(&b)
		for _, name := range names {
			to, err := w.CreateRaw(&zip.FileHeader{
				Name: name, Method: zip.Deflate, CompressedSize64: uint64(len(deflated)),
				UncompressedSize64: uint64(megabytes) << 20,
			})
			if err == nil {
				_, err = to.Write(deflated)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	padded := func(zip []byte) []byte { return append(make([]byte, 2<<20), zip...) } // so that the ratio is honest
	lying := padded(bomb([]string{"a.xlsx"}, 100))
	binary.LittleEndian.PutUint32(lying[bytes.Index(lying, zipEntry)+24:], 100)
	one := zipped(t, attachment{"a", nil})
	directory, end := bytes.Index(one, zipEntry), bytes.Index(one, []byte("PK\x05\x06"))
	entries := slices.Concat(one[:directory], bytes.Repeat(one[directory:end], 400_000), one[end:])
	tests := []struct {
		name string
		data []byte
		want order.Code
	}{
		{"one entry of nothing", bomb([]string{"a.xlsx"}, 100), "form.limit.ratio"},
		{
			"one entry beyond the limit, at an honest ratio", padded(bomb([]string{"a.xlsx"}, 100)),
			"form.limit.unzipped",
		},
		{
			"many entries that are too much together",
			padded(bomb([]string{"a.xls", "b.xls", "c.xls", "d.xls", "e.xls", "f.xls", "g.xls"}, 10)),
			"form.limit.unzipped",
		},
		{"a size that lies", lying, "form.unreadable.damaged"},
		{"400,000 entries", entries, "form.limit.entries"},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// A zip may stand behind something else; only its head says that it is one.
			data := append([]byte("PK\x03\x04"), test.data...)
			if bytes.HasPrefix(test.data, []byte("PK")) {
				data = test.data
			}
			m := mail(1, "", attachment{"c.zip", data})
			x := bounded(t, func() *Exam { return e.Open(m) })
			if len(x.Forms) == 0 {
				t.Fatalf("got nothing to say, want %s", test.want)
			}
			if got := x.Forms[len(x.Forms)-1].Findings[0]; got.Code != test.want {
				t.Errorf("got %s %v, want %s", got.Code, got.Args, test.want)
			}
			in := e.Judge(x, nothing(x.Query), at)
			if len(in.Replies) != 1 || in.Replies[0].Kind != order.ReplyUnreadable {
				t.Errorf("got %s, want its sender told", told(in))
			}
		})
	}
}

// processor is how long this program has run on processors: on a busy machine that
// is less than the time that has passed.
func processor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it only fails for a wrong argument
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// bounded runs f and fails the test where it took more than a message may: 2 s
// and 150 MiB, garbage included.
func bounded[T any](t testing.TB, f func() T) T {
	t.Helper()
	const (
		hang   = 2 * slowdown * time.Second
		memory = 150 << 20
	)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, spent := time.Now(), processor()
	v := f()
	took := min(time.Since(began), processor()-spent)
	runtime.ReadMemStats(&after)
	if took > hang {
		t.Errorf("took %v, want at most %v", took, hang)
	}
	// The race detector makes pools forget, those of regexp too.
	if total := after.TotalAlloc - before.TotalAlloc; total > memory && slowdown == 1 {
		t.Errorf("took %d MiB, want at most %d", total>>20, memory>>20)
	}
	return v
}

func FuzzZip(f *testing.F) {
	f.Add(zipped(f, attachment{"a.xlsx", []byte("PK\x03\x04")},
		attachment{"b.csv", []byte("EAN;quantité\n3133091001018;2\n")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := newExaminer(t)
		a := archive{data: data, lim: e.Sheet, most: e.Mime.Attachments}
		total, found := int64(0), 0
		_ = a.forms(func(f File) {
			total += int64(len(f.Data))
			found++
			if f.Name == "" || strings.ContainsAny(f.Name, "/\\\x00\n") {
				t.Errorf("got name %q", f.Name)
			}
		}, func(string, order.Finding) { found++ })
		if total > e.Sheet.Unzipped || total > e.Sheet.Ratio*int64(len(data)) || found > e.Mime.Attachments {
			t.Errorf("got %d files of %d bytes of a zip of %d", found, total, len(data))
		}
	})
}
