package mark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// TestMain lets the test program be the child of a marker: "child" and what it
// does.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2]))
	}
	os.Exit(m.Run())
}

func child(does string) int {
	switch does {
	case "mark":
		if err := RunChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "hang":
		time.Sleep(time.Hour)
	case "eat":
		if err := RunChild(&glutton{}, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "crash":
		panic("as excelize does")
	case "garbage":
		fmt.Print("PK, or nearly")
	case "echo": // the workbook, with nothing marked
		_, workbook, _ := strings.Cut(readAll(os.Stdin), "\n")
		fmt.Print(workbook)
	case "other": // a sound workbook that is not the one to be marked
		data, err := os.ReadFile("../../templates/BdC_Interforum_Librairie_CNS.xlsx")
		if err != nil {
			return 1
		}
		os.Stdout.Write(data)
	case "secrets":
		fmt.Fprint(os.Stderr, os.Environ())
		return 1
	}
	return 0
}

// glutton is the input of a child: to read it takes memory as excelize does on a hostile
// workbook, four times what the child may have, and then fails.
type glutton struct{ eaten [][]byte }

var errFull = errors.New("four times the limit was there to be had")

func (g *glutton) Read([]byte) (int, error) {
	for len(g.eaten) < 4*markerMemory>>20 {
		g.eaten = append(g.eaten, make([]byte, 1<<20))
	}
	return 0, errFull
}

func readAll(r io.Reader) string {
	all, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return string(all)
}

func testMarker(form *order.Form, does string) *Marker {
	return NewMarker(form, sheet.DefaultLimits(), os.Args[0], "child", does)
}

func TestMarkerReturnsTheSendersWorkbook(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	got, err := testMarker(form, "mark").Mark(t.Context(), "Commande Turgot.xlsx", workbook, marks, "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || !got[0].Own || got[0].Name != "Commande Turgot-à corriger.xlsx" {
		t.Fatalf("got %d workbooks, the first %q, own %v (%v); want the sender's", len(got), got[0].Name,
			got[0].Own, got[0].Why)
	}
	if err := verify(workbook, got[0].Data, marks, grid.DefaultLimits()); err != nil {
		t.Error(err)
	}
}

// Whatever becomes of the child, the sender gets a marked form.
func TestMarkerFallsBackOnTheForm(t *testing.T) {
	form := sheettest.Form(t)
	honest, _ := wrongForm(t, form)
	macros := rezipped(t, honest, func(p *parts) {
		text, err := p.part(contentTypes)
		if err != nil {
			t.Fatal(err)
		}
		p.write(contentTypes, []byte(strings.Replace(string(text), "spreadsheetml.sheet.main",
			"ms-excel.sheet.macroEnabled.main", 1)))
		p.write("xl/vbaproject.bin", []byte("macros"))
	})
	tests := []struct {
		name, does string
		workbook   []byte
		wall       time.Duration
		why        string
	}{
		{name: "hangs", does: "hang", workbook: honest, wall: 200 * time.Millisecond, why: "deadline exceeded"},
		{name: "eats memory", does: "eat", workbook: honest, why: "exit status"},
		{name: "crashes", does: "crash", workbook: honest, why: "exit status 2"},
		{name: "writes garbage", does: "garbage", workbook: honest, why: "form.unreadable"},
		{name: "writes an unmarked workbook", does: "echo", workbook: honest, why: errUnfaithful.Error()},
		{name: "writes another workbook", does: "other", workbook: honest, why: errUnfaithful.Error()},
		{name: "is not there", does: "", workbook: honest, why: "no such file"},
		{name: "is not asked about macros", does: "mark", workbook: macros, why: errMacros.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := testMarker(form, test.does)
			if test.does == "" {
				m.command = []string{"/nonexistent/bdc"}
			}
			if test.wall > 0 {
				m.wall = test.wall
			}
			_, marks := wrongForm(t, form)
			got, err := m.Mark(t.Context(), "Commande.xlsm", test.workbook, marks, "D-7K2Q9F")
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Own || got[0].Why == nil || !strings.Contains(got[0].Why.Error(), test.why) {
				t.Fatalf("got own %v because of %v, want a form because of %q", got[0].Own, got[0].Why, test.why)
			}
			if got[0].Name != "Commande-à corriger.xlsx" {
				t.Errorf("got name %q", got[0].Name)
			}
			checkFresh(t, form, test.workbook, got[0].Data, marks)
		})
	}
}

// checkFresh compares a form that was filled instead with the workbook it is for.
func checkFresh(t *testing.T, form *order.Form, workbook, data []byte, marks []Mark) {
	t.Helper()
	was := sheet.Read("was.xlsx", workbook, form, sheet.DefaultLimits()).Drafts[0]
	book := sheet.Read("is.xlsx", data, form, sheet.DefaultLimits())
	if len(book.Drafts) != 1 {
		t.Fatalf("got %d drafts, findings %v", len(book.Drafts), book.Findings)
	}
	is := book.Drafts[0]
	if is.Template != form.Version || is.Case != "D-7K2Q9F" {
		t.Errorf("got template %q and case %q", is.Template, is.Case)
	}
	for id, cell := range was.Fields {
		if is.Fields[id].Text != cell.Text {
			t.Errorf("%s: got %q, want %q", id, is.Fields[id].Text, cell.Text)
		}
	}
	if len(is.Lines) != len(was.Lines) {
		t.Fatalf("got %d lines, want %d", len(is.Lines), len(was.Lines))
	}
	for i, l := range was.Lines {
		for id, cell := range l.Cells {
			if got := is.Lines[i].Cells[id].Text; got != cell.Text {
				t.Errorf("line %d, %s: got %q, want %q", i+1, id, got, cell.Text)
			}
		}
	}
	notes := notesIn(t, data)
	for _, m := range marks {
		if m.Finding.Field == "" {
			continue
		}
		where := ""
		if at, ok := is.Fields[m.Finding.Field]; ok {
			where = at.Ref
		} else if at, ok := is.Inputs[m.Finding.Field]; ok {
			where = at
		} else {
			continue // of a line: the text alone is looked for, below
		}
		if !strings.Contains(notes[where], m.Wrong) {
			t.Errorf("%s: got note %q at %s, want %q", m.Finding.Field, notes[where], where, m.Wrong)
		}
	}
	for _, m := range marks {
		if m.Finding.Field != "" && !strings.Contains(fmt.Sprint(notes), m.Wrong) {
			t.Errorf("got no note %q", m.Wrong)
		}
	}
}

// notesIn are the notes of the form's sheet.
func notesIn(t *testing.T, data []byte) map[string]string {
	t.Helper()
	notes := map[string]string{}
	comments, err := opened(t, data).GetComments(formSheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range comments {
		text := c.Text
		for _, run := range c.Paragraph {
			text += run.Text
		}
		notes[c.Cell] = text
	}
	return notes
}

// rezipped is a workbook with parts changed.
func rezipped(t testing.TB, workbook []byte, change func(*parts)) []byte {
	t.Helper()
	p, err := openParts(workbook, grid.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	change(p)
	data, err := p.bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A child that takes more memory than it may have ends by that, whatever the machine:
// the clock is there only lest the test should hang. This process lives, and the sender
// is answered.
func TestMarkerOutlivesAChildThatEatsMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs the limits of Linux: elsewhere the clock ends the child")
	}
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	m := testMarker(form, "eat")
	m.wall = 5 * time.Minute
	got, err := m.Mark(t.Context(), "BdC.xlsx", workbook, marks, "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Own {
		t.Fatalf("got %d workbooks, the first the sender's own: %v; want a form", len(got), got[0].Own)
	}
	// What Go, the system, the race detector and, in a program with cgo, the C library say
	// of memory that they can't get: a new thread finds no room for its stack either.
	lacks := []string{"out of memory", "cannot allocate memory", "failed to allocate", "pthread_create failed"}
	why := got[0].Why.Error()
	if !slices.ContainsFunc(lacks, func(words string) bool { return strings.Contains(why, words) }) {
		t.Errorf("the child ended because of %q, want it to be out of memory", why)
	}
	checkFresh(t, form, workbook, got[0].Data, marks)
}

// A form that our reader takes, and on which excelize takes twice the memory that there
// is. It is slow: on a busy machine a limit of time may end the child first.
func TestMarkerOutlivesAFileThatEatsMemory(t *testing.T) {
	if os.Getenv("BDC_TEST_SOAK") == "" {
		t.Skip("runs where BDC_TEST_SOAK is set")
	}
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	hostile := rezipped(t, workbook, func(p *parts) {
		text, err := p.part("xl/styles.xml")
		if err != nil {
			t.Fatal(err)
		}
		const bytes = 56 << 20
		styles := strings.Replace(string(text), "</styleSheet>", "<extLst></extLst></styleSheet>", 1)
		i := strings.Index(styles, "</dxfs>")
		if i < 0 {
			t.Fatal("the form has no conditional formats")
		}
		p.write("xl/styles.xml", []byte(styles[:i]+strings.Repeat("<dxf/>", bytes/len("<dxf/>"))+styles[i:]))
		var noise strings.Builder // pays for the ratio
		for x := uint64(1); noise.Len() < 1<<20; {
			x = x*6364136223846793005 + 1442695040888963407
			noise.WriteByte(byte(x >> 56))
		}
		p.write("xl/media/noise.bin", []byte(noise.String()))
	})
	m := testMarker(form, "mark")
	m.wall = 5 * time.Minute
	m.limits.Wall *= 4 * sheettest.Slowdown
	if book := sheet.Read("hostile.xlsx", hostile, form, m.limits); len(book.Drafts) != 1 {
		t.Fatalf("the reader refuses it: %v", book.Findings)
	}
	got, err := m.Mark(t.Context(), "hostile.xlsx", hostile, marks, "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Own {
		t.Fatalf("got the sender's own workbook, want a form")
	}
	t.Log(got[0].Why)
	checkFresh(t, form, hostile, got[0].Data, marks)
}

func TestMarkerGivesItsChildNoSecrets(t *testing.T) {
	form := sheettest.Form(t)
	t.Setenv("BDC_SMTP_PASSWORD", "hunter2")
	workbook, marks := wrongForm(t, form)
	got, err := testMarker(form, "secrets").Mark(t.Context(), "a.xlsx", workbook, marks, "")
	if err != nil {
		t.Fatal(err)
	}
	if why := fmt.Sprint(got[0].Why); strings.Contains(why, "hunter2") || !strings.Contains(why, "GOTRACEBACK") {
		t.Errorf("the child's environment is %s", why)
	}
}

// A mail that has to wait too long is answered with a form; one that nobody waits for isn't.
func TestMarkerWithoutTime(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	got, err := testMarker(form, "hang").Mark(late, "a.xlsx", workbook, marks, "D-7K2Q9F")
	if err != nil || got[0].Own {
		t.Fatalf("got %v, want a form", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := testMarker(form, "hang").Mark(stopped, "a.xlsx", workbook, marks, "D-7K2Q9F"); !errors.Is(err,
		context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// A workbook with two orders makes two forms; each has its own marks.
func TestMarkerMakesAFormForEachOrder(t *testing.T) {
	form := sheettest.Form(t)
	first, marks := wrongForm(t, form)
	f := opened(t, first)
	index, err := f.NewSheet("Deuxième")
	if err != nil {
		t.Fatal(err)
	}
	from, err := f.GetSheetIndex(formSheet)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CopySheet(from, index); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	workbook := buf.Bytes()
	book := sheet.Read("two.xlsx", workbook, form, sheet.DefaultLimits())
	if len(book.Drafts) != 2 {
		t.Fatalf("got %d drafts, want 2", len(book.Drafts))
	}
	both := append([]Mark{}, marks...)
	for _, m := range marks[:2] {
		m.Draft, m.Finding.Sheet = 1, "Deuxième"
		both = append(both, m)
	}
	got, err := testMarker(form, "crash").Mark(t.Context(), "two.xlsx", workbook, both, "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "two-à corriger-1.xlsx" ||
		got[1].Name != "two-à corriger-2.xlsx" || got[1].Draft != 1 {
		t.Fatalf("got %d forms, want 2", len(got))
	}
	if n, m := len(notesIn(t, got[0].Data)), len(notesIn(t, got[1].Data)); n <= m || m != 2 {
		t.Errorf("got %d and %d notes, want more than 2 and 2", n, m)
	}
	own, err := testMarker(form, "mark").Mark(t.Context(), "two.xlsx", workbook, both, "D-7K2Q9F")
	if err != nil || len(own) != 1 || !own[0].Own {
		t.Fatalf("got %v, %v; want one workbook, the sender's own", own[0].Why, err)
	}
}

func TestReturnedName(t *testing.T) {
	tests := []struct {
		name   string
		number int
		want   string
	}{
		{"BdC.xlsx", 0, "BdC-à corriger.xlsx"},
		{"BdC.xlsm", 2, "BdC-à corriger-2.xlsx"},
		{"BdC", 0, "BdC-à corriger.xlsx"},
		{"BdC-à corriger.xlsx", 0, "BdC-à corriger.xlsx"},
		{"BdC-à corriger-2.xlsx", 1, "BdC-à corriger-1.xlsx"},
		{"Commande n°12.v3.xlsx", 0, "Commande n°12.v3-à corriger.xlsx"},
		{".xlsx", 0, "BdC-à corriger.xlsx"},
	}
	for _, test := range tests {
		if got := numberedFileName(test.name, test.number); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
