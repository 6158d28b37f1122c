package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// ordering is an order of lines such as "A 28", each an offer and how many.
func ordering(t testing.TB, lines ...string) *order.Order {
	t.Helper()
	var o order.Order
	for _, text := range lines {
		var l order.Line
		if _, err := fmt.Sscan(text, &l.Offer, &l.Quantity); err != nil {
			t.Fatal(err)
		}
		o.Lines = append(o.Lines, l)
	}
	return &o
}

func TestNearly(t *testing.T) {
	ten := strings.Split("A 1,B 1,C 1,D 1,E 1,F 1,G 1,H 1,I 1,J 1", ",")
	tests := []struct {
		name   string
		lines  []string
		others [][]string
		want   int // of others, or -1
	}{
		{"the same lines", ten, [][]string{ten}, 0},
		{"in another order", []string{"B 2", "A 1"}, [][]string{{"A 1", "B 2"}}, 0},
		{"seven of ten", ten, [][]string{ten[:7]}, 0},
		{"six of ten", ten, [][]string{ten[:6]}, -1},
		{"seven, of ten there", ten[:7], [][]string{ten}, 0},
		{"six, of ten there", ten[:6], [][]string{ten}, -1},
		{"two of three", []string{"A 1", "B 1", "C 1"}, [][]string{{"A 1", "B 1", "D 1"}}, -1},
		{"three of four", []string{"A 1", "B 1", "C 1", "D 1"}, [][]string{{"A 1", "B 1", "C 1", "E 1"}}, 0},
		{"seven of ten, and three others", ten, [][]string{append(slices.Clone(ten[:7]), "X 1", "Y 1", "Z 1")}, 0},
		{"another quantity", []string{"A 28"}, [][]string{{"A 29"}}, -1},
		{"a line twice is two lines", []string{"A 1", "A 1"}, [][]string{{"A 1"}}, -1},
		{"no lines", nil, [][]string{nil}, -1},
		{"nothing near", ten, nil, -1},
		{"the second, then the third", ten, [][]string{{"X 1"}, ten[:8], ten}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var others []order.Recent
			for i, lines := range test.others {
				other := order.Recent{Lines: ordering(t, lines...).Gists()}
				other.Number = fmt.Sprint(i)
				others = append(others, other)
			}
			want := ""
			if test.want >= 0 {
				want = fmt.Sprint(test.want)
			}
			other, ok := nearly(ordering(t, test.lines...), others)
			if other.Number != want || ok != (want != "") {
				t.Errorf("got %q, %v, want %q", other.Number, ok, want)
			}
		})
	}
}

func TestDifference(t *testing.T) {
	got := difference(ordering(t, "A 1", "B 2", "C 3", "D 4", "E 5"),
		order.Recent{Lines: ordering(t, "A 1", "F 6").Gists()})
	if got["here"] != "B × 2, C × 3, D × 4… (4 lignes)" || got["there"] != "F × 6" {
		t.Errorf("got %q", got)
	}
	if got := difference(ordering(t, "A 1"), order.Recent{Lines: ordering(t, "A 1").Gists()}); len(got) != 0 {
		t.Errorf("of the same got %q, want nothing", got)
	}
}

// TestNearlySame sends one form after another of nearly the same, through a real
// store.
func TestNearlySame(t *testing.T) {
	const day = 24 * time.Hour
	ack, held := "processed orders:1 reply:ack(ack)", "attention orders:0 waiting:order.nearly reply:held(held)"
	other := map[string]string{order.FieldReference: "R-2"}
	foreign := map[string]string{order.FieldAccount: "7654321"}
	tests := []struct {
		name     string
		change   map[string]string
		quantity string
		after    time.Duration
		want     string
		account  string // that the finding names
	}{
		{"another reference", other, "28", day, held, ""},
		{"another bookseller", foreign, "28", day, held, "01002001"},
		{"no reference", map[string]string{order.FieldReference: ""}, "28", day, held, ""},
		{"another reference, 120 days later", other, "28", 120 * day, held, ""},
		{"another reference, more than 120 days later", other, "28", 120*day + 1, ack, ""},
		{"another quantity", other, "29", day, ack, ""},
		{
			"another school",
			map[string]string{order.FieldReference: "R-2", order.FieldUAI: "0990022L"},
			"28", day, ack,
			"",
		},
		{"the same", nil, "28", day, "processed orders:0 reply:duplicate(duplicate)", ""},
		{
			"its reference, other lines", nil, "29", day,
			"attention orders:0 waiting:order.reference.reused reply:held(held)", "",
		},
		{"the same, 120 days later", nil, "28", 120 * day, "processed orders:0 reply:duplicate(duplicate)", ""},
		{"the same, later", nil, "28", 121 * day, "attention orders:0 waiting:order.again reply:held(held)", ""},
		{"the same, a year later", nil, "28", 365 * day, ack, ""},
		{
			"its reference, other lines, later", nil, "29", 121 * day,
			"attention orders:0 waiting:order.reference.reused reply:held(held)", "",
		},
		{"its reference, other lines, a year later", nil, "29", 365 * day, ack, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t)
			e := newExaminer(t)
			receive := func(m order.Mail) order.Intake {
				t.Helper()
				in, _ := takeIn(t, s, e, m, m.Received)
				return in
			}
			receive(mail(1, "", attachment{"BdC.xlsx", filled(t, nil, "28")}))
			second := mail(2, "", attachment{"BdC.xlsx", filled(t, test.change, test.quantity)})
			second.Received = at.Add(test.after)
			in := receive(second)
			if got := told(in); got != test.want {
				t.Fatalf("got  %s\nwant %s", got, test.want)
			}
			if len(in.Cases) == 0 {
				return
			}
			findings := in.Cases[0].Attempts[0].Findings
			doubt := findings[len(findings)-1]
			if doubt.Args["number"] != "CNS-2026-000001" || doubt.Args["account"] != test.account {
				t.Errorf("the finding says %q, want the first's number and account %q", doubt.Args, test.account)
			}
			if here := doubt.Args["here"]; doubt.Code == codeReused && here != "3133091001018 × 29" {
				t.Errorf("only here: got %q", here)
			}
			if test.account == "" {
				return
			}
			for _, f := range in.Replies[0].Results[0].Findings {
				if f.Code == codeNearly && len(f.Args) > 0 {
					t.Errorf("the reply tells of another bookseller's order: %q", f.Args)
				}
			}
		})
	}
}

// TestRenewal: an order that comes again once its licences have ended is a new one, which
// names the older one. What comes soon after it is that new one.
func TestRenewal(t *testing.T) {
	s, e := newStore(t), newExaminer(t)
	form := func(duration string) attachment {
		return attachment{"BdC.xlsx", filledLines(t, map[string]string{order.FieldReference: ""}, map[string]string{
			order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28", order.ColumnDuration: duration,
		})}
	}
	uid := uint32(0)
	send := func(years int, f attachment) order.Intake {
		t.Helper()
		uid++
		m := mail(uid, "", f)
		m.Received = at.AddDate(years, 0, int(uid))
		in, _ := takeIn(t, s, e, m, m.Received)
		return in
	}
	send(0, form("1 an"))
	in := send(1, form("1 an"))
	if got, want := told(in), "processed orders:1 reply:ack(ack)"; got != want {
		t.Fatalf("a year later: got  %s\nwant %s", got, want)
	}
	list := in.Orders[0].Findings
	if f := list[len(list)-1]; f.Code != codeRenewed || f.Args["number"] != "CNS-2026-000001" ||
		f.Args["date"] != "2026-11-22" {
		t.Errorf("got %+v, want the order renewed", f)
	}
	in = send(1, form("1 an"))
	if r := in.Replies[0].Results[0]; r.Kind != order.ReplyDuplicate || r.Number != "CNS-2027-000001" {
		t.Errorf("the next day: got %s of %q, want it received as the latest", r.Kind, r.Number)
	}
	send(2, form("3 ans"))
	if got, want := told(send(4, form("3 ans"))),
		"attention orders:0 waiting:order.again reply:held(held)"; got != want {
		t.Errorf("two of three years later: got  %s\nwant %s", got, want)
	}
}

// TestOrderAgainWithMore: what comes with an order that is recorded is never passed over: a
// doubt in its words or another file is a case that is linked to that order.
func TestOrderAgainWithMore(t *testing.T) {
	pdf, other := attachment{"engagement.pdf", []byte("%PDF-1.7\n1")}, attachment{"avenant.pdf", []byte("%PDF-1.7\n2")}
	form := func(quantity string) attachment { return attachment{"BdC.xlsx", filled(t, nil, quantity)} }
	const again = "waiting:order.duplicate reply:duplicate(duplicate)"
	const known = "processed orders:0 reply:duplicate(duplicate)"
	tests := []struct {
		name, words string
		files       []attachment
		want        string
		differs     order.Code // the finding that tells staff of the order
	}{
		{"nothing more", "Bonjour", []attachment{form("28"), pdf}, known, ""},
		{"another file", "Bonjour", []attachment{form("28"), other}, "attention orders:0 " + again, codeDuplicate},
		{
			"doubtful words", "Bonjour,\r\nMerci d'annuler la ligne 3.",
			[]attachment{form("28")},
			"attention orders:0 waiting:letter.doubt reply:held(held)", codeDuplicate,
		},
		{
			"it replaces the order", "Bonjour,\r\nCe bon annule et remplace le premier.",
			[]attachment{form("29")},
			"attention orders:0 waiting:letter.doubt reply:held(held)", codeReused,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, e := newStore(t), newExaminer(t)
			takeIn(t, s, e, mail(1, "", form("28"), pdf), at)
			second := mail(2, "", test.files...)
			second.Raw = bytes.Replace(second.Raw, []byte("\r\nBonjour\r\n"), []byte("\r\n"+test.words+"\r\n"), 1)
			second.Received = at.Add(time.Hour)
			in, _ := takeIn(t, s, e, second, second.Received)
			if got := told(in); got != test.want {
				t.Fatalf("got  %s\nwant %s", got, test.want)
			}
			if test.differs == "" {
				return
			}
			c := in.Cases[0]
			tells := func(f order.Finding) bool { return f.Code == test.differs }
			if !slices.Contains(c.Orders, "CNS-2026-000001") || !slices.ContainsFunc(c.Attempts[0].Findings, tells) {
				t.Errorf("got a case of the orders %q by %v, want it linked by %s", c.Orders, c.Attempts[0].Findings,
					test.differs)
			}
		})
	}
}
