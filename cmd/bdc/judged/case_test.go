package judged

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The conclusions that somebody who knows the trade wrote before any run.
const (
	wantOrder  = "order"        // ordered with no person, and exactly so
	wantEither = "order or ask" // a person may look at it; if it is ordered, then exactly so
	wantAsk    = "ask"          // nothing is ordered: held for a person, or sent back
	wantBack   = "back"         // sent back to the bookseller
	wantNone   = "none"         // no form is found
)

// file is one attachment: our form, filled in and then changed by Do, or a layout of
// the bookseller's own (Sheet, Sheets, CSV), changed likewise.
type file struct {
	Name    string            `json:"name"`    // "" for BdC.xlsx or commande.csv
	School  string            `json:"school"`  // its key in annuaire.csv; "" for ada
	Shop    string            `json:"shop"`    // its key in libraires.csv; "" for lde
	Rows    []string          `json:"rows"`    // "30 M6 ; obs=urgent": quantity, key of a title, what else is typed
	Form    map[string]string `json:"form"`    // header fields typed otherwise, by their ids
	Sheet   []string          `json:"sheet"`   // rows of the only sheet, cells between bars
	Sheets  [][]string        `json:"sheets"`  // the name of each sheet, then its rows
	CSV     []string          `json:"csv"`     // lines, as they are
	Charset string            `json:"charset"` // of CSV: utf-8 (""), bom, windows-1252, utf-16le, utf-16be
	Do      []string          `json:"do"`      // what was done to the workbook then; see workbook.do
}

// judgedCase is one line of testdata/forms: a mail with forms in it, and what is right.
type judgedCase struct {
	ID    string   `json:"id"`
	Kind  string   `json:"kind"`
	Why   string   `json:"why"`
	Want  string   `json:"want"`
	Order []string `json:"order"` // "ada: 30 M6, 28 F4" for each order; none for the rows of the file as they are
	Cell  string   `json:"cell"`  // a finding must name it, other than one of a value set right
	Each  []string `json:"each"`  // the case is as many, with each of these for %s

	Subject string `json:"subject"`
	Text    string `json:"text"`
	Wrap    string `json:"wrap"` // "zip", "forward" (a mail within the mail)
	file
	Files []file `json:"files"` // more than one attachment; of a mail within, those of the outer mail
}

// table is a register as its file says, by the keys of its first column.
type table map[string]map[string]string

func readTable(t testing.TB, name string) table {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := table{}
	for _, row := range rows[1:] {
		all[row[0]] = map[string]string{}
		for i, header := range rows[0] {
			all[row[0]][header] = row[i]
		}
	}
	return all
}

// world is the registers that cases name things of.
type world struct{ schools, titles, shops table }

var named = regexp.MustCompile(`\{([A-Za-z0-9-]+)(?:\.([^{}]+))?\}`)

// worded puts in what a text names: {M6} is an EAN, {M6.Titre} a title, {ada.UAI} a
// school's code, {lde.Nom} a bookseller's name.
func (w world) worded(t testing.TB, text string) string {
	return named.ReplaceAllStringFunc(text, func(name string) string {
		m := named.FindStringSubmatch(name)
		for _, in := range []table{w.titles, w.schools, w.shops} {
			if row, ok := in[m[1]]; ok {
				column := m[2]
				if column == "" {
					column = "EAN"
				}
				value, ok := row[column]
				if !ok {
					t.Fatalf("%s: no such column", name)
				}
				return value
			}
		}
		t.Fatalf("%s names nothing in the registers", name)
		return ""
	})
}

// readCases reads all lines of testdata/forms, each as many times as its Each says.
func readCases(t testing.TB) []judgedCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "forms", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no forms", err)
	}
	var all []judgedCase
	seen := map[string]bool{}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			for _, c := range parse(t, fmt.Sprintf("%s:%d", path, n), lines.Text()) {
				if seen[c.ID] {
					t.Fatalf("%s:%d: the id %s stands twice", path, n, c.ID)
				}
				seen[c.ID] = true
				all = append(all, c)
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		f.Close()
	}
	return all
}

func parse(t testing.TB, where, line string) []judgedCase {
	t.Helper()
	decode := func(line string) (c judgedCase) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		return c
	}
	c := decode(line)
	switch c.Want {
	case wantOrder, wantEither, wantAsk, wantBack, wantNone:
	default:
		t.Fatalf("%s: no such conclusion: %q", where, c.Want)
	}
	if c.ID == "" || c.Kind == "" || c.Why == "" {
		t.Fatalf("%s: the id, the kind or the reason is missing", where)
	}
	if c.Each == nil {
		return []judgedCase{c}
	}
	var all []judgedCase
	for i, each := range c.Each {
		quoted, err := json.Marshal(each)
		if err != nil {
			t.Fatal(err)
		}
		one := decode(strings.ReplaceAll(line, "%s", string(quoted[1:len(quoted)-1])))
		one.ID += "-" + strconv.Itoa(i+1)
		all = append(all, one)
	}
	return all
}
