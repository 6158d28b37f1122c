package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func listTests() []test {
	return []test{
		{"orders found by any of their words", testOrderRows},
		{"words in the letters and signs of another keyboard", testFoldedWords},
		{"order rows by cursor", testOrderRowsCursor},
		{"cases found and filtered", testCaseRows},
		{"case rows by cursor", testCaseRowsCursor},
		{"case rows of a corrected form", testCaseMoves},
		{"the waiting", testWaiting},
	}
}

func (r *rig) found(f store.OrderFilter) []string {
	r.t.Helper()
	rows, err := r.OrderRows(r.t.Context(), f, "", 100)
	if err != nil {
		r.t.Fatalf("order rows: %v", err)
	}
	numbers := []string{}
	for _, row := range rows {
		numbers = append(numbers, row.Number)
	}
	return numbers
}

func testOrderRows(t *testing.T, r *rig) {
	first := forms(1, "CMD-Été")
	o := &first.Orders[0]
	o.Establishment, o.Town = "Lycée Œuvre d’Été", "Saint-Étienne"
	o.Fields[order.FieldBookseller], o.Fields[order.FieldAddress] = "Librairie Ça & là", "12 rue de l'Église"
	first.Query.Forms[0] = queryForm(o)
	r.record(first)
	later := forms(2, "B")
	later.Orders[0].ReceivedAt = after(48 * time.Hour)
	r.record(later)
	both, one, two := []string{"CNS-2026-000002", "CNS-2026-000001"}, []string{"CNS-2026-000001"},
		[]string{"CNS-2026-000002"}
	for _, tt := range []struct {
		name string
		f    store.OrderFilter
		want []string
	}{
		{"all, newest first", store.OrderFilter{}, both},
		{"number", store.OrderFilter{Words: "cns-2026-000001"}, one},
		{"its end", store.OrderFilter{Words: "000002"}, two},
		{"UAI", store.OrderFilter{Words: "0750647w"}, both},
		{"EAN", store.OrderFilter{Words: "3133091234560"}, both},
		{"EAN in groups", store.OrderFilter{Words: " 978-2-09-000031 3"}, both},
		{"school without accents", store.OrderFilter{Words: "lycee oeuvre"}, one},
		{"other apostrophe", store.OrderFilter{Words: "d'ete"}, one},
		{"words of different fields", store.OrderFilter{Words: "etienne ça"}, one},
		{"bookseller", store.OrderFilter{Words: "ÇA"}, one},
		{"reference", store.OrderFilter{Words: "cmd-ete"}, one},
		{"address", store.OrderFilter{Words: "église"}, one},
		{"sender", store.OrderFilter{Words: "contact@librairie.example"}, both},
		{"nothing like it", store.OrderFilter{Words: "lycee absent"}, []string{}},
		{"no tag is a word", store.OrderFilter{Words: "\x1fstatus:received\x1f"}, []string{}},
		{"account", store.OrderFilter{Account: o.Account}, both},
		{"part of an account", store.OrderFilter{Account: o.Account[:4]}, []string{}},
		{"school", store.OrderFilter{UAI: o.UAI}, both},
		{"account and school", store.OrderFilter{Account: o.Account, UAI: o.UAI, Status: order.Received}, both},
		{"account, words", store.OrderFilter{Account: o.Account, Words: "etienne"}, one},
		{"another school", store.OrderFilter{UAI: mustUAI("0932030B")}, []string{}},
		{
			"one of two EANs",
			store.OrderFilter{EANs: []order.EAN{mustEAN("3133091001018"), mustEAN("9782090000313")}},
			both,
		},
		{"an EAN of no line", store.OrderFilter{EANs: []order.EAN{mustEAN("3133091001018")}}, []string{}},
		{"status", store.OrderFilter{Status: order.Received}, both},
		{"another status", store.OrderFilter{Status: order.Opened}, []string{}},
		{"from", store.OrderFilter{From: after(time.Hour)}, two},
		{"until", store.OrderFilter{Until: after(time.Hour)}, one},
	} {
		wantEqual(t, tt.name, r.found(tt.f), tt.want)
	}
	rows, err := r.OrderRows(t.Context(), store.OrderFilter{Words: "etienne"}, "", 1)
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %v rows and error %v, want one", len(rows), err)
	}
	wantEqual(t, "row", rows[0], store.OrderRow{
		Number: "CNS-2026-000001", Status: order.Received, ReceivedAt: noon(), Account: o.Account,
		Bookseller: "Librairie Ça & là", Reference: "CMD-Été",
		UAI: o.UAI, Establishment: o.Establishment, Town: o.Town, Lines: 2, Quantity: 31,
	})
}

func testOrderRowsCursor(t *testing.T, r *rig) {
	want := []string{}
	for i := range 7 {
		want = append(r.record(forms(uint32(i+1), fmt.Sprint("A", i))).Numbers, want...)
	}
	for name, f := range map[string]store.OrderFilter{
		"words": {Words: "exemple"}, "account": {Account: "01234567"},
		"school": {UAI: mustUAI("0750647W")},
	} {
		for _, limit := range []int{1, 3, 7, 100} {
			rows := pages(t, limit, func(limit int, last *store.OrderRow) ([]store.OrderRow, error) {
				below := ""
				if last != nil {
					below = last.Number
				}
				return r.OrderRows(t.Context(), f, below, limit)
			})
			var got []string
			for _, row := range rows {
				got = append(got, row.Number)
			}
			wantEqual(t, fmt.Sprint(name, ", by ", limit), got, want)
		}
	}
	if rows, err := r.OrderRows(t.Context(), store.OrderFilter{}, "CNS-2030-000001", 1); err != nil || len(rows) != 1 {
		t.Errorf("below a number not given yet: got %d rows and error %v, want the last one", len(rows), err)
	}
	_, err := r.OrderRows(t.Context(), store.OrderFilter{}, "x", 1)
	wantError(t, "below no number", err, store.ErrNotFound)
}

func (r *rig) caseRows(f store.CaseFilter) []string {
	r.t.Helper()
	rows, err := r.CaseRows(r.t.Context(), f, "", 100)
	if err != nil {
		r.t.Fatalf("case rows: %v", err)
	}
	codes := []string{}
	for _, row := range rows {
		codes = append(codes, row.Code)
	}
	return codes
}

func testCaseRows(t *testing.T, r *rig) {
	codes := r.opened(3)
	claire := "claire"
	r.decide(order.Decision{
		Kind: order.ActHand, Case: codes[1], Revision: 1, Actor: "paul", At: noon(),
		State: order.Waiting, Holder: &claire,
	})
	r.decide(order.Decision{
		Kind: order.ActClose, Case: codes[2], Revision: 1, Actor: "paul", At: noon(),
		State: order.Closed,
	})
	r.die()
	for _, tt := range []struct {
		name string
		f    store.CaseFilter
		want []string
	}{
		{"all", store.CaseFilter{}, codes},
		{"newest first", store.CaseFilter{Newest: true}, []string{codes[2], codes[1], codes[0]}},
		{"waiting", store.CaseFilter{State: order.Waiting}, codes[:2]},
		{"waiting, newest first", store.CaseFilter{State: order.Waiting, Newest: true}, []string{codes[1], codes[0]}},
		{"closed, newest first", store.CaseFilter{State: order.Closed, Newest: true}, codes[2:]},
		{"sent back", store.CaseFilter{State: order.SentBack, Newest: true}, []string{}},
		{"hers", store.CaseFilter{Holder: "claire"}, codes[1:2]},
		{"nobody’s", store.CaseFilter{State: order.Waiting, Holder: store.Nobody}, codes[:1]},
		{"by reason", store.CaseFilter{Reason: "uai.unknown"}, codes},
		{"by another reason", store.CaseFilter{Reason: "uai"}, []string{}},
		{"by account", store.CaseFilter{Account: "01234567"}, codes},
		{"by account, waiting", store.CaseFilter{Account: "01234567", State: order.Waiting}, codes[:2]},
		{"by another account", store.CaseFilter{Account: "0123456"}, []string{}},
		{"by school", store.CaseFilter{UAI: mustUAI("0750647W")}, codes},
		{"by another school", store.CaseFilter{UAI: mustUAI("0932030B")}, []string{}},
		{"by code", store.CaseFilter{Words: codes[0]}, codes[:1]},
		{"by the school’s name", store.CaseFilter{Words: "lycee exemple"}, codes},
		{"by EAN", store.CaseFilter{Words: "978 2090 000313"}, codes},
		{"by none", store.CaseFilter{Words: "absent"}, []string{}},
		{
			"waiting, by the school’s name",
			store.CaseFilter{Words: "lycee", State: order.Waiting, Newest: true},
			[]string{codes[1], codes[0]},
		},
		{"closed, by EAN", store.CaseFilter{Words: "2090000313", State: order.Closed}, codes[2:]},
		{"closed, by the code of one that waits", store.CaseFilter{Words: codes[0], State: order.Closed}, []string{}},
	} {
		wantEqual(t, tt.name, r.caseRows(tt.f), tt.want)
	}
	rows, err := r.CaseRows(t.Context(), store.CaseFilter{Holder: "claire"}, "", 9)
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %d rows and error %v, want one", len(rows), err)
	}
	wantEqual(t, "row", rows[0], store.CaseRow{
		Code: codes[1], State: order.Waiting, Reason: "uai.unknown", Revision: 2, OpenedAt: after(time.Minute),
		UpdatedAt: noon(),
		From:      "contact@librairie.example", Subject: "Commande", UAI: mustUAI("0750647W"),
		Establishment: "Lycée d’Exemple", Town: "Paris", Attempts: 1,
		Holder: "claire", Findings: []order.Code{"uai.unknown"},
	})
}

// testCaseMoves: a case whose form is corrected is found by its new school and
// account, and no longer by the old ones.
func testCaseMoves(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	o := anOrder("R")
	o.Account, o.UAI = "07654321", mustUAI("0932030B")
	a := order.Attempt{
		At: noon(), Message: key(1), Order: &o,
		Findings: []order.Finding{
			{Code: "town.case", Severity: order.Fixed},
			{Code: "price.differs", Severity: order.Warning},
		},
	}
	r.decide(order.Decision{
		Kind: order.ActCorrect, Case: code, Revision: 1, Actor: "claire", At: noon(),
		State: order.Waiting, Attempt: &a,
	})
	r.die()
	for _, tt := range []struct {
		name string
		f    store.CaseFilter
		want []string
	}{
		{"the account", store.CaseFilter{Account: "07654321"}, []string{code}},
		{"the school", store.CaseFilter{UAI: mustUAI("0932030B")}, []string{code}},
		{"both", store.CaseFilter{Account: "07654321", UAI: mustUAI("0932030B")}, []string{code}},
		{"the account before", store.CaseFilter{Account: "01234567"}, []string{}},
		{"the school before", store.CaseFilter{UAI: mustUAI("0750647W")}, []string{}},
	} {
		wantEqual(t, tt.name, r.caseRows(tt.f), tt.want)
	}
	rows, err := r.CaseRows(t.Context(), store.CaseFilter{}, "", 9)
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %d rows and error %v, want one", len(rows), err)
	}
	wantEqual(t, "findings", rows[0].Findings, []order.Code{"uai.unknown", "price.differs"}) // the reason stays
}

func testCaseRowsCursor(t *testing.T, r *rig) {
	codes := r.opened(6)
	down := slices.Clone(codes)
	slices.Reverse(down)
	for _, f := range []store.CaseFilter{
		{},
		{State: order.Waiting},
		{Account: "01234567"},
		{UAI: mustUAI("0750647W"), State: order.Waiting},
	} {
		for _, newest := range []bool{false, true} {
			f.Newest = newest
			want := codes
			if newest {
				want = down
			}
			for _, limit := range []int{1, 4, 100} {
				rows := pages(t, limit, func(limit int, last *store.CaseRow) ([]store.CaseRow, error) {
					beyond := ""
					if last != nil {
						beyond = last.Code
					}
					return r.CaseRows(t.Context(), f, beyond, limit)
				})
				var got []string
				for i := range rows {
					got = append(got, rows[i].Code)
				}
				wantEqual(t, fmt.Sprintf("%+v, by %d", f, limit), got, want)
			}
		}
	}
	_, err := r.CaseRows(t.Context(), store.CaseFilter{}, "D-ZZZZZZ", 1)
	wantError(t, "beyond no case", err, store.ErrNotFound)
}

func testWaiting(t *testing.T, r *rig) {
	n, oldest, err := r.Waiting(t.Context())
	if err != nil || n != 0 || !oldest.IsZero() {
		t.Errorf("of an empty store: got %d, %v, %v; want none", n, oldest, err)
	}
	codes := r.opened(3)
	r.decide(order.Decision{Case: codes[0], Revision: 1, At: noon(), State: order.Closed})
	n, oldest, err = r.Waiting(t.Context())
	if err != nil || n != 2 || !oldest.Equal(after(time.Minute)) {
		t.Errorf("got %d since %v, %v; want 2 since the second", n, oldest, err)
	}
}
