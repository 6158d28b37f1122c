package mime_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mime"
	"bdc/order"
)

const (
	hang   = 2 * slowdown * time.Second // what reading may take, far above what it does
	memory = 150 << 20                  // what it may allocate, the message itself included
)

// processor is how long this program has run on processors: on a busy machine that
// is less than the time that has passed.
func processor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it only fails for a wrong argument
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// readBounded reads a message and fails the test where that took too long or
// too much memory. Whatever was allocated counts, garbage too.
func readBounded(t *testing.T, raw []byte) *mime.Message {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, spent := time.Now(), processor()
	m, err := mime.Read(raw, mime.DefaultLimits())
	took := min(time.Since(began), processor()-spent)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("got error %v, want a message", err)
	}
	total := after.TotalAlloc - before.TotalAlloc + uint64(len(raw))
	t.Logf("%.1f MiB read in %v with %.1f MiB", float64(len(raw))/(1<<20), took, float64(total)/(1<<20))
	if took > hang {
		t.Errorf("took %v, want at most %v", took, hang)
	}
	if total > memory {
		t.Errorf("took %d MiB, want at most %d", total>>20, memory>>20)
	}
	return m
}

func troubles(m *mime.Message) string {
	var codes []string
	for _, f := range m.Trouble {
		codes = append(codes, strings.TrimPrefix(string(f.Code), "message.limit."))
	}
	return strings.Join(codes, " ")
}

// longTag is a size of tags of which many may stand in a page.
const longTag = 1000

// attributes are as many as have room, each with a name of its own.
func attributes(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, " %x", i)
	}
	return b.String()
}

// filled repeats text up to a size.
func filled(text string, size int) string {
	return strings.Repeat(text, size/len(text)+1)
}

const (
	mixed = "From: a@example.fr\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
	sheet = "Content-Type: application/octet-stream; name=a.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		"UEsDBA==\r\n"
)

// nested wraps a part into n multiparts, each with its own boundary.
func nested(n int, part string) string {
	var b strings.Builder
	b.WriteString("From: a@example.fr\r\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n", i, i)
	}
	return b.String() + part
}

// forwards wraps a part into n messages.
func forwards(n int, part string) string {
	return strings.Repeat("Content-Type: message/rfc822\r\n\r\n", n) + part
}

// encodedForwards wraps a file into n messages, each in base64 within the next.
func encodedForwards(n, size int) string {
	s := "Content-Type: a/b; name=a.xlsx\r\n\r\nPK\x03\x04" + strings.Repeat("a", size)
	for range n {
		s = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString([]byte(s))
	}
	return s
}

// Every bomb is built at the size that made other readers fail, and again just
// under the size of the largest message that is fetched.
func TestReadStaysWithinBounds(t *testing.T) {
	const fetched = 25<<20 - 4096
	tests := []struct {
		name    string
		message string
		trouble string
	}{
		{"5,000 nested multiparts", nested(5000, sheet), "depth"},
		{"nested multiparts to the limit", nested(fetched/64, sheet), "depth"},
		{"5,000 nested forwards", forwards(5000, sheet), "forwarded"},
		{"nested forwards to the limit", forwards(fetched/33, sheet), "forwarded"},
		{"forwards in base64 to the limit", encodedForwards(5, fetched/4), ""},
		{"base64 that is no message to the limit", "Content-Type: a/b; name=a.eml\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + filled("QUJD\r\n", fetched), ""},
		{"100,000 parts", mixed + strings.Repeat("--B\r\n\r\nx\r\n", 100_000), "parts"},
		{"parts to the limit", mixed + filled("--B\r\n\r\nx\r\n", fetched), "parts"},
		{"100,000 files", mixed + strings.Repeat("--B\r\n"+sheet, 100_000), "parts attachments"},
		{"part header of 28 MB in one line", mixed + "--B\r\nX: " + filled("a", 28<<20) + "\r\n\r\nx", "header"},
		{
			"part header of 28 MB in many lines", mixed + "--B\r\nX: a\r\n" + filled(" a\r\n", 28<<20) + "\r\nx",
			"header",
		},
		{"part header to the limit", mixed + "--B\r\n" + filled("X: a\r\n", fetched) + "\r\nx", "fields"},
		{"a million header lines", strings.Repeat("X: a\r\n", 1_000_000) + "\r\nx", "fields"},
		{"header lines to the limit", filled("X: a\r\n", fetched) + "\r\nx", "fields"},
		{"header lines without a colon", "From: a@example.fr\r\n" + filled("x\r\n", fetched) + "\r\nx", "header"},
		{"50 MB of base64", "Content-Type: a/b; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			filled("QUJD", 50<<20), ""},
		{"50 MB of base64 with junk", "Content-Type: a/b; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			filled("Q!UJD*\n", 50<<20), ""},
		{"50 MB of base64 with padding and words", "Content-Type: a/b; name=a\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + filled("Q!U=J D*\n", 50<<20), ""},
		{"50 MB of stray bytes", "Content-Type: a/b; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			string(workbook(50<<20)), ""},
		{"base64 text to the limit", "Content-Transfer-Encoding: base64\r\n\r\n" + filled("QUJD\r\n", fetched), ""},
		{"quoted-printable to the limit", "Content-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
			filled("=41=\r\n=", fetched), ""},
		{"HTML of tags", "Content-Type: text/html\r\n\r\n" + filled("<a ' \"", fetched), ""},
		{"HTML of open elements", "Content-Type: text/html\r\n\r\n" + filled("<style></styl<script>", fetched), ""},
		{"forwards of lines with many CR", "X: y\r\r\nContent-Type: message/rfc822\r\r\n\r\r\nX: y\r\r\r\n" +
			"Content-Type: message/rfc822\r\r\r\n\r\r\r\nX: y\r\r\r\r\n\r\n" + filled("a\r\r\r\r\r\n", fetched), ""},
		{"HTML of attributes", "Content-Type: text/html\r\n\r\n<a" + attributes(fetched) + ">", ""},
		{"HTML of tags behind one of many attributes", "Content-Type: text/html\r\n\r\n<a" + attributes(1<<20) + ">" +
			filled("<b x>", fetched), ""},
		{"HTML of tags with many attributes", "Content-Type: text/html\r\n\r\n" +
			filled("<a"+attributes(longTag)+">", fetched), ""},
		{"HTML of elements within each other", "Content-Type: text/html\r\n\r\n" +
			filled("<div><table><template>", fetched), ""},
		{"HTML of comments", "Content-Type: text/html\r\n\r\n" + filled("<!-- a --!", fetched), ""},
		{"HTML of scripts", "Content-Type: text/html\r\n\r\n<script>" + filled("<!--<script></scrip", fetched), ""},
		{"HTML of quotes", "Content-Type: text/html\r\n\r\n" + filled("<blockquote cite>a<br>", fetched), ""},
		{"HTML of entities", "Content-Type: text/html\r\n\r\n" + filled("&a&#x", fetched), ""},
		{
			"uuencoded files", "From: a@example.fr\r\n\r\n" + filled("begin 644 a\n#86)C\nend\n", fetched),
			"parts attachments",
		},
		{
			"uuencoded lines without their digits", "From: a@example.fr\r\n\r\nbegin 644 a\n" + filled("M\n", fetched),
			"",
		},
		{"beginnings of uuencoded files", "From: a@example.fr\r\n\r\n" + filled("begin 644 a\n", fetched), ""},
		{"delimiters that are none", mixed + filled("--BB\r\n--B", fetched), ""},
		{"boundary of one letter", mixed + filled("--", fetched), ""},
		{"encoded words without end", "Subject: " + filled("=?a?b?", 200<<10) + "\r\nContent-Type: a/b; name=\"" +
			filled("=?a?b?", 40<<10) + "\"\r\n\r\nx", ""},
		{"parameters without end", "Content-Type: a/b;" + filled(`a*0="b";`, 200<<10) + "\r\n\r\nx", ""},
		{"addresses without end", "From: " + filled(`"a" (<`, 200<<10) + "\r\nReferences: " + filled("<<>", 50<<10) +
			"\r\n\r\nx", ""},
		{"lines of CR alone", filled("X: a\r", fetched), "fields"},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if i%3 > 0 {
				need.Whole(t)
			}
			m := readBounded(t, []byte(test.message))
			if got := troubles(m); got != test.trouble {
				t.Errorf("got trouble %q, want %q", got, test.trouble)
			}
		})
	}
}

// What stood before a limit is kept, and what comes after a header that is too
// long is found.
func TestLimitsKeepWhatTheyCan(t *testing.T) {
	xlsx := "--B\r\n" + sheet
	logo := "--B\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\n\x89PNG\r\n"
	tests := []struct {
		name    string
		message string
		trouble string
		limit   string
		files   int
	}{
		{"parts after a workbook", mixed + xlsx + strings.Repeat("--B\r\n\r\nx\r\n", 300), "parts", "200", 1},
		{"exactly 200 parts", mixed + xlsx + strings.Repeat("--B\r\n\r\nx\r\n", 198) + "--B--\r\n", "", "", 1},
		{"201 parts", mixed + xlsx + strings.Repeat("--B\r\n\r\nx\r\n", 199) + "--B--\r\n", "parts", "200", 1},
		{
			"500 fields", mixed + strings.Replace(xlsx, "\r\n\r\n", strings.Repeat("\r\nX: a", 498)+"\r\n\r\n", 1), "",
			"",
			1,
		},
		{
			"501 fields", mixed + strings.Replace(xlsx, "\r\n\r\n", strings.Repeat("\r\nX: a", 499)+"\r\n\r\n", 1),
			"fields", "500", 1,
		},
		{
			"header too long", mixed + strings.Replace(xlsx, "\r\n\r\n", "\r\nX: "+filled("a", 256<<10)+"\r\n\r\n", 1),
			"header", "262144", 1,
		},
		{"10 files", mixed + strings.Repeat(xlsx, 10), "", "", 10},
		{"12 files", mixed + strings.Repeat(xlsx, 12), "attachments", "10", 10},
		{"a workbook after 12 logos", mixed + strings.Repeat(logo, 12) + xlsx, "", "", 13},
		{"depth 20", nested(20, sheet), "", "", 1},
		{"depth 21", nested(21, sheet), "depth", "20", 0},
		{"5 forwards", forwards(5, sheet), "", "", 1},
		{"6 forwards", forwards(6, sheet), "forwarded", "5", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := mime.Read([]byte(test.message), mime.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if got := troubles(m); got != test.trouble {
				t.Errorf("got trouble %q, want %q", got, test.trouble)
			}
			for _, f := range m.Trouble {
				if f.Severity != order.Hold || f.Args["limit"] != test.limit {
					t.Errorf("got %s and limit %q, want %s and %q", f.Severity, f.Args["limit"], order.Hold, test.limit)
				}
				if f.Code == "message.limit.attachments" && f.Args["actual"] != "12" {
					t.Errorf("got %q attachments, want 12", f.Args["actual"])
				}
			}
			for _, f := range m.Files {
				if f.Name == "a.xlsx" && !bytes.Equal(f.Data, []byte("PK\x03\x04")) {
					t.Errorf("got %q in %s, want a zip", f.Data, f.Name)
				}
			}
			if len(m.Files) != test.files {
				t.Errorf("got %d files, want %d", len(m.Files), test.files)
			}
		})
	}
}
