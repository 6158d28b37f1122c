package need

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// ended is a test that only notes how it would have ended.
type ended struct {
	testing.TB
	skipped, failed bool
	said            string
}

func (e *ended) Helper() {}

func (e *ended) Skipf(format string, args ...any) {
	e.skipped, e.said = true, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (e *ended) Fatalf(format string, args ...any) {
	e.failed, e.said = true, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// end runs a function as a test that can be skipped.
func end(f func(testing.TB)) *ended {
	e := &ended{}
	done := make(chan struct{})
	go func() { defer close(done); f(e) }()
	<-done
	return e
}

func TestNothingThere(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	libraries := t.TempDir()
	xlsx := filepath.Join(libraries, "xlsx")
	const servers = "Dovecot and Exim (Debian: dovecot-imapd, dovecot-lmtpd, exim4-daemon-light)"
	const data = "the test data beside the repository (../shared/data)"
	tests := []struct {
		name, word, want string
		ask              func(testing.TB)
	}{
		{"LibreOffice", "office", "LibreOffice (Debian: libreoffice-calc)", func(t testing.TB) { LibreOffice(t) }},
		{"Chromium", "browser", "Chromium (Debian: chromium)", func(t testing.TB) { Chromium(t) }},
		{"Node", "node", "Node (Debian: nodejs, npm)", func(t testing.TB) { Node(t, libraries) }},
		{"mail servers", "servers", servers, MailServers},
		{"data", "data", data, func(t testing.TB) { Data(t, xlsx) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("BDC_TEST_REQUIRE", "post,"+tt.word+"s")
			if got := end(tt.ask); !got.skipped || got.said != "needs "+tt.want {
				t.Errorf("got skipped %v, %q; want a skip that needs %s", got.skipped, got.said, tt.want)
			}
			t.Setenv("BDC_TEST_REQUIRE", "postgres,"+tt.word)
			want := "needs " + tt.want + ", which BDC_TEST_REQUIRE asks for"
			if got := end(tt.ask); !got.failed || got.said != want {
				t.Errorf("required: got failed %v, %q; want a failure, %q", got.failed, got.said, want)
			}
		})
	}
}

// What is there is named by its path, and the test goes on.
func TestThere(t *testing.T) {
	t.Setenv("BDC_TEST_REQUIRE", "")
	programs, folder := t.TempDir(), t.TempDir()
	t.Setenv("PATH", programs)
	for _, name := range []string{"soffice", "chromium", "node"} {
		if err := os.WriteFile(filepath.Join(programs, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	got := end(func(t testing.TB) { Node(t, folder) })
	if want := "needs JavaScript libraries (npm ci --prefix " + folder + ")"; !got.skipped || got.said != want {
		t.Errorf("Node without libraries: got skipped %v, %q; want a skip, %q", got.skipped, got.said, want)
	}
	if err := os.Mkdir(filepath.Join(folder, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		ask  func(testing.TB) string
	}{
		{"soffice", LibreOffice},
		{"chromium", Chromium},
		{"node", func(t testing.TB) string { return Node(t, folder) }},
	}
	for _, tt := range tests {
		var path string
		e := end(func(t testing.TB) { path = tt.ask(t) })
		if want := filepath.Join(programs, tt.name); e.skipped || e.failed || path != want {
			t.Errorf("got %q (%q), want %q", path, e.said, want)
		}
	}
	if e := end(func(t testing.TB) { Data(t, folder) }); e.skipped || e.failed {
		t.Errorf("data that is there: got %q, want the test to go on", e.said)
	}
}

// A folder is named as one types it at the top of the repository.
func TestFromRoot(t *testing.T) {
	for folder, want := range map[string]string{"testdata/node": "bench/need/testdata/node", "../../sheet": "sheet"} {
		if got := fromRoot(folder); got != want {
			t.Errorf("%s: got %q, want %q", folder, got, want)
		}
	}
}
