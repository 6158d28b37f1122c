package mime_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/ingest/mime"
)

const corpus = "../../../shared/data/"

// eachMail runs f over the messages of a folder of the test data, and returns
// how many there were.
func eachMail(t *testing.T, folder string, f func(name string, raw []byte)) int {
	t.Helper()
	need.Data(t, corpus+folder)
	n := 0
	err := filepath.WalkDir(corpus+folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(filepath.Base(path), raw)
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Every message that mail parsers were ever tested on is read within bounds, and
// also when it is cut off anywhere.
func TestCorpus(t *testing.T) {
	for _, folder := range []string{"mail", "bounces"} {
		n := eachMail(t, folder, func(name string, raw []byte) {
			if len(bytes.TrimSpace(raw)) == 0 {
				return
			}
			m := readBounded(t, raw)
			if err := sound(m, raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for i := range 20 {
				cut := raw[:len(raw)*i/20]
				if m, err := mime.Read(cut, mime.DefaultLimits()); err == nil {
					if err := sound(m, cut); err != nil {
						t.Errorf("%s cut at %d: %v", name, len(cut), err)
					}
				}
			}
		})
		if n < 50 {
			t.Errorf("got %d messages in %s, want at least 50", n, folder)
		}
	}
}

// The nasty messages that hold a workbook give it up. Those that do not hold
// any, or none that can be had, are named.
func TestNastyMailsGiveTheirWorkbook(t *testing.T) {
	without := map[string]string{
		"51_uuencode_in_text_body.eml": "a text file",
		"52_winmail.dat_(tnef).eml":    "winmail.dat",
		"53_empty_mail.eml":            "nothing",
		"54_only_header_no_blank.eml":  "no body",
		"59_nest_mp_100.eml":           "too deep",
		"60_nest_mp_1000.eml":          "too deep",
		"61_nest_rfc822_1000.eml":      "too deep",
	}
	found := 0
	n := eachMail(t, "mail/nasty", func(name string, raw []byte) {
		workbook := false
		if m, err := mime.Read(raw, mime.DefaultLimits()); err == nil {
			for _, f := range m.Files {
				workbook = workbook || bytes.HasPrefix(f.Data, []byte("PK\x03\x04"))
			}
		}
		if reason, ok := without[name]; ok == workbook {
			t.Errorf("got a workbook: %t, want %t (%s) in %s", workbook, !ok, reason, name)
		}
		if workbook {
			found++
		}
	})
	t.Logf("a workbook in %d of %d", found, n)
}

// Bounces and automatic replies name themselves in a header, but for the one
// that a person forwarded.
func TestBouncesAreAutomatic(t *testing.T) {
	automatic := 0
	n := eachMail(t, "bounces", func(name string, raw []byte) {
		m, err := mime.Read(raw, mime.DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if m.Automatic != "" {
			automatic++
		} else if !strings.HasPrefix(m.Subject, "Fwd: ") {
			t.Errorf("got a mail to answer, want an automatic one: %s, %q from %q", name, m.Subject, m.From)
		}
	})
	t.Logf("%d of %d are automatic", automatic, n)
}
