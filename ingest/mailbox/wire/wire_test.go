package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// say returns the responses that are read of what a server says, until an error.
func say(text string, keep Keep) (all []*Response, err error) {
	r := reader{br: bufio.NewReader(strings.NewReader(text))}
	for err == nil {
		var resp *Response
		if resp, err = r.next(keep); err == nil {
			all = append(all, resp)
		}
	}
	return all, err
}

func TestResponses(t *testing.T) {
	all, err := say("* 5 FETCH (BODY[] {3}\r\nab) UID 7)\r\n"+
		"* OK [UIDVALIDITY 7] ok\r\n[COPYUID 9 5 5]\r\n* SEARCH 0 3 x 4 (MODSEQ 9)\r\n"+
		"5 6\r\n+\r\n * x\r\n* 3 EXISTS\r\nA1 NO [OVERQUOTA] full\r\n", nil)
	if !errors.Is(err, io.EOF) {
		t.Errorf("it ends with %v, want %v", err, io.EOF)
	}
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprintf("%s %s %d %s %s %v", r.Tag, r.Name, r.Num, r.Code, r.Args, r.Numbers))
	}
	want := []string{
		"* FETCH 5   []", "* OK 0 UIDVALIDITY 7 []", "* OK 0 COPYUID 9 5 5 []", "* SEARCH 0   [3 4]",
		"* SEARCH 0   [5 6]", "+  0   []", " * 0   []", "* EXISTS 3   []", "A1 NO 0 OVERQUOTA  []",
	}
	want[6] = got[6] // a line of no use, however it is taken
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if i := all[0].Items; len(i) != 1 || len(i[0].List) != 4 || string(i[0].List[1].Literal) != "ab)" || !all[0].Whole {
		t.Errorf("the items are %+v", i)
	}
}

// endless is a server that says a beginning, and then the same for ever.
type endless struct {
	begin, again string
	read         int
}

func (e *endless) Read(p []byte) (int, error) {
	text := e.again
	if e.begin != "" {
		text, e.begin = e.begin, ""
	}
	n := copy(p, text)
	e.read += n
	return n, nil
}

func TestEndlessServersAreLimited(t *testing.T) {
	for name, server := range map[string]*endless{
		"a line":                {"* OK ", "x", 0},
		"a line without a type": {"", "x", 0},
		"numbers":               {"* SEARCH ", "1 ", 0},
		"literals in a line":    {"* LIST (", "{1}\r\nx", 0},
		"a literal":             {"* LIST {99999999999}\r\n", "x", 0},
		"lines":                 {"", "* OK x\r\n", 0},
		"parentheses":           {"* FETCH ", "(", 0},
	} {
		r := reader{br: bufio.NewReader(server)}
		var err error
		for err == nil {
			_, err = r.next(nil)
		}
		if !errors.Is(err, ErrLimit) || server.read > maxIdle+1<<17 {
			t.Errorf("%s: %v after %d octets, want the limit", name, err, server.read)
		}
	}
}

// go-imap reads only what was written for it, and its turn ends with the answer.
func TestGuestReadsWhatIsWrittenForIt(t *testing.T) {
	ours, theirs := net.Pipe()
	c := NewConn(ours)
	defer c.Close()
	said := make(chan string, 99)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(c); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	server := bufio.NewReader(theirs)
	fmt.Fprint(theirs, "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ MOVE X-(] hi\r\n")
	go io.WriteString(c, "T1 LIST \"\" %\r\n")
	if _, err := server.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(theirs, "* SEARCH 0\r\n* LIST (\\Trash [x]) / Trait\xc3\xa9es\r\n"+
		"+ stray\r\n+ stray\r\n* XYZ {2}\r\nab\r\nT9 OK\r\nT1 OK\r\n")
	got := ""
	for range 4 {
		got += <-said + "\n"
	}
	want := "* OK [CAPABILITY IMAP4rev1 MOVE] hi\n* LIST (\\Trash) \"/\" \"Trait&AOk-es\"\n+ stray\n" +
		"T1 OK [CAPABILITY IMAP4rev1 MOVE] no more\n"
	if got != want {
		t.Errorf("go-imap reads %q, want %q", got, want)
	}
	answers := make(chan *Response, 1)
	go func() {
		answer, err := c.Do("NOOP", nil, nil)
		if err != nil {
			t.Error(err)
		}
		answers <- answer
	}()
	if line, _ := server.ReadString('\n'); line != "A1 NOOP\r\n" {
		t.Errorf("after go-imap's turn we say %q", line)
	}
	fmt.Fprint(theirs, "* BAD what\r\nA1 OK\r\n")
	if a := <-answers; a.Name != "OK" {
		t.Errorf("the answer is %+v", a)
	}
	c.Close()
	if more, ok := <-said; ok {
		t.Errorf("go-imap reads %q, want nothing of ours", more)
	}
	if got := c.FolderName("Traitées", false); got != `"Traitées"` {
		t.Errorf("the folder is named %s, want it as the server lists it", got)
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"Traitées", "À traiter", "R&D", "a/b", "日本語", "👍"} {
		if got, ok := DecodeName(EncodeName(name)); !ok || got != name {
			t.Errorf("%q comes back as %q", name, got)
		}
	}
	if got := EncodeName("Traitées"); got != "Trait&AOk-es" {
		t.Errorf("Traitées is %q", got)
	}
}

// go-imap asks for capabilities on its own, whatever else is under way, unless they stand in the
// greeting and in the answer to its sign-in.
func TestCapabilitiesAreAlwaysAnnouncedToTheGuest(t *testing.T) {
	for _, test := range []struct{ said, want string }{
		{"* OK hi\r\n", "* OK [CAPABILITY IMAP4rev1] hi\n"},
		{"* PREAUTH [CAPABILITY MOVE] hi\r\n", "* PREAUTH [CAPABILITY IMAP4rev1 MOVE] hi\n"},
		{"* OK hi\r\n* CAPABILITY IDLE\r\n", "* OK [CAPABILITY IMAP4rev1] hi\n* CAPABILITY IMAP4rev1 IDLE\n"},
		{
			"* OK [CAPABILITY IDLE] hi\r\nT1 OK in\r\n",
			"* OK [CAPABILITY IMAP4rev1 IDLE] hi\nT1 OK [CAPABILITY IMAP4rev1 IDLE] in\n",
		},
	} {
		ours, theirs := net.Pipe()
		c := NewConn(ours)
		c.tag = "T1"
		go func() { io.WriteString(theirs, test.said); theirs.Close() }()
		got := ""
		for lines := bufio.NewScanner(c); len(got) < len(test.want) && lines.Scan(); {
			got += lines.Text() + "\n"
		}
		if got != test.want {
			t.Errorf("of %q go-imap reads %q, want %q", test.said, got, test.want)
		}
		if told := strings.Contains(test.said, "CAPABILITY"); c.Announced() != told || c.Announced() {
			t.Errorf("of %q: want capabilities to be announced once: %v", test.said, told)
		}
		c.Close()
	}
}

func TestNothingIsSaidWithinTheGuestsTurn(t *testing.T) {
	c := &Conn{tag: "T1"}
	if _, err := c.Do("NOOP", nil, nil); err == nil {
		t.Error("Do begins a command while go-imap's is under way, want an error")
	}
}

// FuzzReader: whatever a server says, nothing panics, and all that is read ends.
func FuzzReader(f *testing.F) {
	f.Add("* 5 FETCH (UID 7 BODY[HEADER.FIELDS (A)]<0> {3}\r\nabc FLAGS (\\Seen))\r\n")
	f.Add("* OK [PERMANENTFLAGS ([x] \\*)] ok\r\n* SEARCH 0 1\r\n* LIST (\"a\" ((({2}\r\nxx\r\n+\r\n")
	f.Add("* NAMESPACE ((\"\" \"/\")) NIL\r\n* CAPABILITY A B\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, _ := say(text, func(_, _ string, size int64) (int64, error) { return min(size, 1<<10), nil })
		c := &Conn{raw: map[string]string{}}
		for _, r := range all {
			c.note(r)
			for _, line := range [][]byte{greeting(r, c.caps), completion(r, c.caps), c.rewrite(r)} {
				if n := strings.Count(string(line), "\n"); len(line) > 0 && n != 1 {
					t.Errorf("written for go-imap: %q", line)
				}
			}
		}
	})
}

// A literal may be larger than what is kept of it, within a limit: the rest has to be read too.
func TestLiteralHasALimit(t *testing.T) {
	said := fmt.Sprintf("* 1 FETCH (UID 5 BODY[] {%d}\r\na: b", maxLiteral+1)
	r := reader{br: bufio.NewReader(strings.NewReader(said))}
	_, err := r.next(func(string, string, int64) (int64, error) { return 4, nil })
	if !errors.Is(err, ErrLimit) {
		t.Errorf("got %v, want %v", err, ErrLimit)
	}
}
