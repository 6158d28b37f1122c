package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/form"
	"bdc/templates"
)

// memoryBound is the most memory of its own that the daemon may have, whatever strangers do.
const memoryBound = 300 << 20

// siege is a daemon under attack.
type siege struct {
	*drill
	console string
	process *os.Process
	most    atomic.Int64 // octets of memory that the process had at most
}

// newSiege is a drill whose daemon has the public console.
func newSiege(t *testing.T) *siege {
	t.Helper()
	d := newDrill(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(`listen = ""`),
		fmt.Appendf(nil, "listen = %q\npublic_check = true\ntrusted_proxies = [\"127.0.0.1\"]", address))
	if err := os.WriteFile(d.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &siege{drill: d, console: "http://" + address}
}

// watch notes the memory of the daemon until done is closed.
func (s *siege) watch(done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(50 * time.Millisecond):
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Pid))
		if err != nil {
			return
		}
		_, after, _ := strings.Cut(string(text), "RssAnon:")
		if fields := strings.Fields(after); len(fields) > 0 {
			if kib, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				s.most.Store(max(s.most.Load(), kib<<10))
			}
		}
	}
}

// post sends a body from an address, and returns the status; 0 if the server hung up.
func (s *siege) post(path, kind, address string, body io.Reader) int {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.console+path, body)
	if err != nil {
		s.t.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Forwarded-For", address)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// handIn uploads a file to the public page.
func (s *siege) handIn(path, address string, data []byte) int {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("fichier", "BdC.xlsx")
	if err == nil {
		_, err = part.Write(data)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		s.t.Error(err)
	}
	return s.post(path, w.FormDataContentType(), address, &body)
}

// heavyForm is a wrong form of some 1.8 MB, which takes long to read and to mark.
func heavyForm(t *testing.T, nth int) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(13, uint64(nth)))
	noise := make([]byte, 660)
	lines := make([]map[string]string, 1_900)
	for i := range lines {
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		lines[i] = map[string]string{
			order.ColumnEAN: fmt.Sprint("978", i), order.ColumnQuantity: "beaucoup",
			"line_observations": base64.StdEncoding.EncodeToString(noise),
		}
	}
	data, err := form.Fill(definition, map[string]string{order.FieldReference: fmt.Sprint("L-", nth)}, lines)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// answers are the mails that were sent to an address.
func (s *siege) answers(to string) (n int) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.world.Replies, "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		if head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n")); bytes.Contains(head, []byte(to)) {
			n++
		}
	}
	return n
}

// stream opens the stream of what happens, as a browser with these cookies does.
func (s *siege) stream(cookies []*http.Cookie) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.console+"/evenements", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

// TestSiege: strangers send heavy workbooks, bodies, names and uploads from many addresses at
// once, and a user opens pages. An order of somebody else is answered all the same, before
// the workbooks are; the daemon stays within its memory, and stops when it is told to.
// BDC_TEST_SOAK=1 sends more of everything, and then times are bounds too (make soak).
func TestSiege(t *testing.T) {
	need.Time(t)
	soak := os.Getenv("BDC_TEST_SOAK") != ""
	workbooks, rounds := 4, 1
	if need.Race {
		workbooks = 2
	}
	if soak {
		workbooks, rounds = 12, 2
	}
	s := newSiege(t)
	user := exec.Command(s.binary, "user", "add", "claire", "--password-stdin", "-c", s.config)
	user.Stdin = strings.NewReader("une phrase de passe\n")
	if out, err := user.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	heavy := make([][]byte, workbooks)
	for i := range heavy {
		heavy[i] = heavyForm(t, i)
	}
	cmd, wait := s.start()
	s.process = cmd.Process
	done := make(chan struct{})
	var watched, attack sync.WaitGroup
	watched.Go(func() { s.watch(done) })
	if !until(t, s.owned) {
		t.Fatalf("the record never owns the inbox\n%s", s.bdc("status"))
	}
	for i, data := range heavy {
		raw := orderMail(fmt.Sprint("lourd ", i), "BdC.xlsx", data)
		if err := s.world.Deliver(bytes.ReplaceAll(raw, []byte("bookseller@"), []byte("heavy@"))); err != nil {
			t.Fatal(err)
		}
	}

	var mu sync.Mutex
	got := map[string]map[int]int{}
	count := func(what string, status int) {
		mu.Lock()
		defer mu.Unlock()
		if got[what] == nil {
			got[what] = map[int]int{}
		}
		got[what][status]++
	}
	pairs := strings.Repeat("a&", 4<<20)
	for attacker := range 16 {
		attack.Go(func() {
			for round := range rounds * 10 {
				address := fmt.Sprintf("203.0.%d.%d", round, attacker)
				const plain = "application/x-www-form-urlencoded"
				count("a body of 8 MiB to sign in", s.post("/connexion", plain, address, strings.NewReader(pairs)))
				count("pairs to the public page", s.post("/verifier", plain, address, strings.NewReader(pairs)))
				count("a name of 3 KB", s.post("/connexion", plain, address, strings.NewReader(
					"nom="+strings.Repeat("x", 3_000)+"&mot-de-passe=y")))
				count("a wrong password", s.post("/connexion", plain, address, strings.NewReader(
					"nom=claire&mot-de-passe=fausse")))
				count("a file of 10 MiB", s.handIn("/verifier", address, make([]byte, 10<<20)))
				path := []string{"/verifier", "/verifier/classeur"}[round%2]
				count("a heavy workbook", s.handIn(path, address, heavy[attacker%len(heavy)]))
			}
		})
	}

	began := time.Now()
	if err := s.world.Deliver(orderMail("honnête", "BdC.xlsx", filledForm(t, "H-1"))); err != nil {
		t.Fatal(err)
	}
	if !until(t, func() bool { return s.answers("bookseller@test.local") > 0 }) {
		t.Fatalf("an honest order is never answered\n%s", s.bdc("status"))
	}
	took, before := time.Since(began), s.answers("heavy@test.local")

	resp, err := http.DefaultTransport.RoundTrip(s.signIn())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("a user under attack: got %s, want her signed in", resp.Status)
	}
	open := 0
	for range 40 {
		stream := s.stream(resp.Cookies())
		defer stream.Body.Close()
		if stream.StatusCode == http.StatusOK {
			open++
		}
	}
	if open != 20 {
		t.Errorf("got %d streams of one user open, want 20", open)
	}

	stopped := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if wait() {
		t.Error("the daemon was killed while it was to stop")
	}
	ended := time.Since(stopped)
	close(done)
	watched.Wait()
	attack.Wait()

	t.Logf("an honest order was answered after %v, %d of %d heavy ones before it; at most %d MiB of memory; "+
		"stopped within %v", took.Round(10*time.Millisecond), before, workbooks, s.most.Load()>>20,
		ended.Round(10*time.Millisecond))
	for what, statuses := range got {
		t.Logf("%s: %v", what, statuses)
		if n := statuses[http.StatusOK] + statuses[http.StatusSeeOther]; n > 0 &&
			!strings.HasSuffix(what, "workbook") &&
			!strings.HasPrefix(what, "a file") {
			t.Errorf("%s: got %v, want it refused", what, statuses)
		}
	}
	if got := s.most.Load(); got > memoryBound || got == 0 {
		t.Errorf("got %d MiB of memory, want at most %d", got>>20, memoryBound>>20)
	}
	if soak && (took > 3*time.Second || ended > 5*time.Second) {
		t.Errorf("got the honest order answered after %v and the daemon ended after %v, want 3 s and 5 s", took, ended)
	}
	s.settle()
	if left := s.look(); len(left.orders) != 1 || len(left.cases) != workbooks {
		t.Errorf("got %d orders and %d cases, want the honest one and a case for each heavy workbook", len(left.orders),
			len(left.cases))
	}
}

// signIn is the user's request to sign in, from the office.
func (s *siege) signIn() *http.Request {
	form := url.Values{"nom": {"claire"}, "mot-de-passe": {"une phrase de passe"}}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.console+"/connexion",
		strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", "198.51.100.1")
	return req
}
