// Package judged holds bdc to what a salesperson concludes: testdata/forms has mails
// with forms in them, right and wrong, as booksellers send them, each with what is to
// become of it. Whoever wrote the conclusions had not read the code that judges, and
// wrote them before the first run. The registers beside them are invented.
package judged

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

var update = flag.Bool("update", false, "take out of testdata/pending.txt what has turned right")

// What may be wrong with a judgement, the gravest first.
const (
	wrong    = "wrong"    // ordered although it must not be, or otherwise than meant
	needless = "needless" // a person is asked, or the bookseller, although all is plain
	unsaid   = "unsaid"   // right, but the cell that it is about is not named
	other    = "other"    // nothing ordered, which is right, but not sent back; or a form seen where none is
)

// TestJudgedForms judges every mail of testdata/forms as bdc check does. What comes out
// wrong must be in testdata/pending.txt, and nothing else may be there.
func TestJudgedForms(t *testing.T) {
	b := builder{T: t, world: world{
		schools: readTable(t, "annuaire"), titles: readTable(t, "catalogue"), shops: readTable(t, "libraires"),
	}}
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	short := *definition // with fewer empty rows: they take most of the time
	short.Rows = 40
	b.form = &short
	if b.blank, err = form.Blank(b.form); err != nil {
		t.Fatal(err)
	}
	examiner := newExaminer(t, definition)
	pending := readPending(t)
	cases := readCases(t)
	faults, judged := make([]string, len(cases)), make([]bool, len(cases))
	var kinds []string
	for _, c := range cases {
		if !slices.Contains(kinds, c.Kind) {
			kinds = append(kinds, c.Kind)
		}
	}
	t.Run("kinds", func(t *testing.T) {
		for _, kind := range kinds {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				b := b
				b.T = t
				for i, c := range cases {
					if c.Kind == kind && i%every() == 0 {
						faults[i], judged[i] = b.judge(examiner, c, pending), true
					}
				}
			})
		}
	})

	counts, byKind := map[string]int{}, map[string]map[string]int{}
	still := map[string]string{} // what is wrong, by id; nothing of what was not judged
	done := 0
	for i, c := range cases {
		if !judged[i] { // by -short, or by -run
			continue
		}
		still[c.ID] = faults[i]
		if byKind[c.Kind] == nil {
			byKind[c.Kind] = map[string]int{}
		}
		byKind[c.Kind][faults[i]]++
		byKind[c.Kind]["all"]++
		done++
		counts[faults[i]]++
		counts["want "+c.Want]++
	}
	for _, p := range pending {
		_, id, _ := strings.Cut(p, " ")
		if !slices.ContainsFunc(cases, func(c judgedCase) bool { return c.ID == id }) {
			t.Errorf("pending.txt names %s, which is no case", id)
		}
	}
	var summary []string
	for kind, n := range byKind {
		summary = append(summary, fmt.Sprintf("%-24s %3d forms, %2d wrong, %2d needless, %2d unsaid, %2d other", kind,
			n["all"], n[wrong], n[needless], n[unsaid], n[other]))
	}
	slices.Sort(summary)
	t.Logf("%d of %d forms: %d wrong orders; %d of %d to be ordered with no person are not; %d unsaid, %d other\n%s",
		done, len(cases), counts[wrong], counts[needless], counts["want "+wantOrder], counts[unsaid], counts[other],
		strings.Join(summary, "\n"))
	if *update {
		writePending(t, still)
	}
}

// judge says what is wrong with how a case is judged, and fails where pending has
// something else.
func (b builder) judge(x *ingest.Examiner, c judgedCase, pending []string) string {
	fault, detail := b.fault(x, c)
	entry := fault + " " + c.ID
	switch {
	case fault == "":
		listed := func(p string) bool { return strings.HasSuffix(p, " "+c.ID) }
		if slices.ContainsFunc(pending, listed) && !*update {
			b.Errorf("%s has turned right: take it out of pending.txt (go test -update does)", c.ID)
		}
	case !slices.Contains(pending, entry):
		b.Errorf("%s: %s\n\twant %s: %s", entry, detail, c.Want, c.Why)
	default:
		b.Logf("%s: %s\n\twant %s: %s", entry, detail, c.Want, c.Why)
	}
	return fault
}

// newExaminer is an examiner like that of bdc check, with the registers of testdata.
func newExaminer(t *testing.T, definition *order.Form) *ingest.Examiner {
	registers := registry.New(imported(t, registry.Directory, registry.ImportDirectory),
		imported(t, registry.Catalogue, registry.ImportCatalogue),
		imported(t, registry.Accounts, registry.ImportAccounts))
	x := &ingest.Examiner{
		Form: definition, Registry: func() validate.Registry { return registers },
		Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
	x.Policy.Today = received
	return x
}

func imported[E any](
	t *testing.T, name string,
	read func(context.Context, io.Reader, string, func(int64)) ([]E, order.Import, error),
) []E {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, report, err := read(context.Background(), f, name+".csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(report.Skipped); n > 0 {
		t.Fatalf("%s: %d rows left out", name, n)
	}
	return entries
}

// fault says what is wrong with how a case is judged, and what came of it.
func (b builder) fault(x *ingest.Examiner, c judgedCase) (fault, detail string) {
	exam := x.Open(b.mail(c))
	intake := x.Judge(exam, order.NoPast(len(exam.Query.Forms)), received)
	var ordered []string
	for i := range intake.Orders {
		ordered = append(ordered, b.ordered(&intake.Orders[i]))
	}
	slices.Sort(ordered)
	meant := b.meant(c)
	var reply order.ReplyKind = order.ReplyNone
	if len(intake.Replies) > 0 {
		reply = intake.Replies[0].Kind
	}
	var findings []string
	said := c.Cell == ""
	for _, f := range exam.Forms {
		for _, f := range f.Findings {
			if f.Severity == order.Fixed {
				continue
			}
			findings = append(findings, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Cell))
			said = said || f.Cell == c.Cell
		}
	}
	detail = fmt.Sprintf("reply %s, ordered %v, findings %v", reply, ordered, findings)
	exact := slices.Equal(ordered, meant)
	switch c.Want {
	case wantOrder:
		switch {
		case !exact && !subset(ordered, meant):
			return wrong, fmt.Sprintf("%s; meant %v", detail, meant)
		case !exact:
			return needless, detail
		}
	case wantEither:
		if !subset(ordered, meant) {
			return wrong, fmt.Sprintf("%s; meant %v", detail, meant)
		}
	default:
		if len(ordered) > 0 {
			return wrong, detail
		}
		if c.Want == wantBack && reply != order.ReplyReport && reply != order.ReplyUnreadable ||
			c.Want == wantNone && len(exam.Forms) > 0 {
			return other, detail
		}
	}
	if !said {
		return unsaid, detail
	}
	return "", detail
}

func subset(some, all []string) bool {
	all = slices.Clone(all)
	for _, s := range some {
		i := slices.Index(all, s)
		if i < 0 {
			return false
		}
		all = slices.Delete(all, i, i+1)
	}
	return true
}

// meant are the orders that a case should become, or may become.
func (b builder) meant(c judgedCase) []string {
	if c.Want != wantOrder && c.Want != wantEither {
		return nil
	}
	orders := c.Order
	if orders == nil {
		files := c.Files
		if files == nil {
			files = []file{c.file}
		}
		for _, f := range files {
			rows := f.Rows
			if rows == nil {
				rows = usual
			}
			var lines []string
			for _, row := range rows {
				line, _, _ := strings.Cut(row, ";")
				lines = append(lines, strings.TrimSpace(line))
			}
			orders = append(orders, or(f.School, "ada")+": "+strings.Join(lines, ", "))
		}
	}
	var meant []string
	for _, o := range orders {
		school, lines, ok := strings.Cut(o, ": ")
		if !ok {
			school, lines = or(c.School, "ada"), o
		}
		all := strings.Split(lines, ", ")
		for _, line := range all {
			number, key, _ := strings.Cut(line, " ")
			if _, err := strconv.Atoi(number); err != nil || b.titles[key] == nil {
				b.Fatalf("%s: no such line: %q", c.ID, line)
			}
		}
		slices.Sort(all)
		meant = append(meant, b.schools[school]["UAI"]+": "+strings.Join(all, ", "))
	}
	slices.Sort(meant)
	return meant
}

// ordered is an order in the words in which cases say what is meant.
func (b builder) ordered(o *order.Order) string {
	var lines []string
	for _, l := range o.Lines {
		lines = append(lines, fmt.Sprintf("%d %s", l.Quantity, b.key(&l)))
	}
	slices.Sort(lines)
	return o.Fields[order.FieldUAI] + ": " + strings.Join(lines, ", ")
}

// key is that of the one offer in catalogue.csv that a line orders.
func (b builder) key(l *order.Line) string {
	var keys []string
	for key, title := range b.titles {
		price := ""
		if l.ListPrice != nil {
			price = fmt.Sprintf("%d,%02d", *l.ListPrice/100, *l.ListPrice%100)
		}
		agrees := func(said, is string) bool { return said == "" || said == is }
		if (l.EAN.IsZero() || l.EAN.String() == title["EAN"] || l.EAN.String() == title["EAN offre"]) &&
			agrees(l.Offer, title["Référence offre"]) && agrees(l.Duration, title["Durée"]) &&
			agrees(l.Licence, title["Licence"]) && agrees(price, title["Prix HT"]) {
			keys = append(keys, key)
		}
	}
	if len(keys) != 1 {
		return fmt.Sprintf("%s (%s %s, %s: %d offers)", l.EAN, l.Duration, l.Licence, l.Offer, len(keys))
	}
	return keys[0]
}

const pendingPath = "testdata/pending.txt"

func readPending(t *testing.T) (entries []string) {
	t.Helper()
	data, err := os.ReadFile(pendingPath)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			entries = append(entries, line)
		}
	}
	return entries
}

// writePending takes out of the list what has turned right, and writes a lesser fault
// where an entry has turned into one. It adds nothing.
func writePending(t *testing.T, still map[string]string) {
	t.Helper()
	data, err := os.ReadFile(pendingPath)
	if err != nil {
		t.Fatal(err)
	}
	gravity := []string{"", other, unsaid, needless, wrong}
	var kept strings.Builder
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			fault, id, _ := strings.Cut(strings.TrimSpace(line), " ")
			now, judged := still[id]
			if judged && now == "" {
				continue
			}
			if judged && slices.Index(gravity, now) < slices.Index(gravity, fault) {
				line = now + " " + id + "\n"
			}
		}
		kept.WriteString(line)
	}
	if err := os.WriteFile(pendingPath, []byte(kept.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// every is 1 if all forms are judged, 5 if one of five is: with -short, and with the race
// detector, which makes each take six times as long and finds the same in a few.
func every() int {
	if testing.Short() || need.Race {
		return 5
	}
	return 1
}
