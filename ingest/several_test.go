package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// within is a message with a form, forwarded within another mail.
func within(t *testing.T, form attachment) attachment {
	t.Helper()
	raw := mail(99, "", form).Raw
	return attachment{"besoins.eml", bytes.Replace(raw, []byte("Shop@test.local"), []byte("cdi@school.local"), 1)}
}

// TestSeveralFormsForOneSchool in one mail wait, if they may be versions of one order. Forms
// with references and lines of their own are orders of their own.
func TestSeveralFormsForOneSchool(t *testing.T) {
	const (
		both = "attention orders:0 waiting:order.several waiting:order.several reply:held(held,held)"
		two  = "processed orders:2 reply:ack(ack,ack)"
	)
	form := func(name, reference, date string, lines ...string) attachment {
		var list []map[string]string
		for _, l := range lines {
			ean, quantity, _ := strings.Cut(l, " ")
			list = append(list, map[string]string{order.ColumnEAN: ean, order.ColumnQuantity: quantity})
		}
		change := map[string]string{order.FieldReference: reference, order.FieldDate: date}
		return attachment{name, filledLines(t, change, list...)}
	}
	zip := func(f attachment) attachment { return attachment{"b.zip", zipped(t, f)} }
	const a, b, c, d, x = "3133091001018", "3133091002022", "3133091003036", "3133091195199", "3133091195205"
	first := form("a.xlsx", "R-1", "2026-11-20", a+" 28", b+" 28", c+" 28")
	other := form("b.xlsx", "R-2", "2026-11-20", d+" 28")
	same := attachment{"b.xlsx", first.data}
	tests := []struct {
		name   string
		second attachment
		want   string
		why    string
		differ string // here and there; "" not to look at it
	}{
		{
			"one reference", form("b.xlsx", "r-1", "2026-11-21", a+" 30", b+" 28", c+" 28"),
			both, "reference", a + " × 28 / " + a + " × 30",
		},
		{"one reference, in a zip", zip(form("b.xlsx", "R-1", "", d+" 28")), both, "reference", ""},
		{"a title of three", form("b.xlsx", "R-2", "", a+" 9", d+" 1", x+" 1"), both, "lines", ""},
		{"no reference, a title of three", form("b.xlsx", "", "", a+" 28", d+" 1", x+" 1"), both, "lines", ""},
		{"all its own", other, two, "", ""},
		{"all its own, in a zip", zip(other), two, "", ""},
		{
			"a title of the school's own form", within(t, form("b.xlsx", "", "", a+" 25", d+" 4")),
			both, "lines", "",
		},
		{"nothing in common with the school's own form", within(t, other), both, "forwarded", ""},
		{
			"an older one by its name",
			attachment{"BdC_ancien.xlsx", other.data},
			"attention orders:0 waiting:order.several waiting:form.words.doubt reply:held(held,held)", "older", "",
		},
		{"an older one by its date", form("b.xlsx", "R-2", "2026-09-30", d+" 28"), both, "older", ""},
		{
			"the very same in a forwarded mail", within(t, same),
			"processed orders:1 reply:duplicate(ack,duplicate)", "", "",
		},
		{"another school", attachment{"b.xlsx", filled(t, elsewhere(), "28")}, two, "", ""},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := e.Open(mail(1, "", first, test.second))
			in := e.Judge(x, nothing(x.Query), at)
			if got := told(in); got != test.want {
				t.Fatalf("got  %s\nwant %s", got, test.want)
			}
			if test.why == "" {
				return
			}
			f := in.Cases[0].Attempts[0].Findings
			said := f[len(f)-1]
			if said.Args["why"] != test.why || said.Args["file"] == "" {
				t.Errorf("got %q, want the other file and %q", said.Args, test.why)
			}
			if got := said.Args["here"] + " / " + said.Args["there"]; test.differ != "" && got != test.differ {
				t.Errorf("got the differences %q, want %q", got, test.differ)
			}
		})
	}
}

// TestSeveralOfThree names the first other form and its date, and counts the rest.
func TestSeveralOfThree(t *testing.T) {
	e := newExaminer(t)
	var files []attachment
	for i := range 3 {
		change := map[string]string{order.FieldDate: fmt.Sprintf("2026-11-1%d", i)}
		files = append(files, attachment{fmt.Sprintf("%c.xlsx", 'a'+i), filled(t, change, fmt.Sprint(28+i))})
	}
	x := e.Open(mail(1, "", files...))
	in := e.Judge(x, nothing(x.Query), at)
	f := in.Cases[2].Attempts[0].Findings
	if got := f[len(f)-1].Args; got["file"] != "a.xlsx" || got["date"] != "2026-11-10" || got["more"] != "1" {
		t.Errorf("got %q, want a.xlsx of the 10th, and one more", got)
	}
}

// TestAnEarlierMailComesAlong: the form of an earlier mail, which was ordered, does not hold
// up an order of its own.
func TestAnEarlierMailComesAlong(t *testing.T) {
	s, e := newStore(t), newExaminer(t)
	takeIn(t, s, e, mail(1, "", attachment{"BdC.xlsx", filled(t, nil, "28")}), at)
	own := filledLines(t, map[string]string{order.FieldReference: "R-2"},
		map[string]string{order.ColumnEAN: "3133091195199", order.ColumnQuantity: "3"})
	second := mail(2, "", attachment{"BdC.xlsx", own}, within(t, attachment{"BdC.xlsx", filled(t, nil, "28")}))
	in, _ := takeIn(t, s, e, second, at.Add(time.Hour))
	if got, want := told(in), "processed orders:1 reply:duplicate(ack,duplicate)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestCorrectedFormsAreStillSeveral: that a form has a version beside it in its mail stands
// after it was judged again.
func TestCorrectedFormsAreStillSeveral(t *testing.T) {
	s, e := newStore(t), newExaminer(t)
	in, _ := takeIn(t, s, e, mail(1, "", attachment{"a.xlsx", filled(t, nil, "28")},
		attachment{"b.xlsx", filled(t, nil, "29")}), at)
	a, err := e.Recheck(t.Context(), in.Cases[0].Attempts[0], &in.Message, filled(t, nil, "28"), s)
	if err != nil || a.Verdict != order.Held || GravestCode(a.Findings) != codeSeveral {
		t.Errorf("got %s by %q and the error %v, want it held by %s", a.Verdict, GravestCode(a.Findings), err,
			codeSeveral)
	}
}
