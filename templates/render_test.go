package templates

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"bdc/order"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// hostile is what a stranger may type into any cell, name or subject.
var hostile = "<script>alert(1)</script>\r\nBcc: tout@le.monde\x00\u202e{{.}} \"'&lt; 😀 " + strings.Repeat("é", 10_000)

func TestRenderGolden(t *testing.T) {
	for name, c := range replies(t) {
		t.Run(name, func(t *testing.T) {
			subject, text, page := mustRender(t, c.reply, c.options)
			golden(t, name+".txt", "Objet : "+subject+"\n\n"+text)
			golden(t, name+".html", page)
		})
	}
}

// unwanted are the characters that a stranger's text must not bring into a reply.
func unwanted(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r == '\u202e' || r == utf8.RuneError
}

// TestRenderPromises checks what Render promises of every reply.
func TestRenderPromises(t *testing.T) {
	for name, c := range replies(t) {
		t.Run(name, func(t *testing.T) {
			subject, text, page := mustRender(t, c.reply, c.options)
			if n := utf8.RuneCountInString(subject); n > maxSubject {
				t.Errorf("got a subject of %d characters, want at most %d", n, maxSubject)
			}
			for part, s := range map[string]string{"subject": subject, "text": text, "HTML": page} {
				if i := strings.IndexFunc(s, unwanted); i >= 0 {
					t.Errorf("got %q in the %s, want no control characters", s[i:min(i+8, len(s))], part)
				}
				for _, hole := range []string{"«\u00a0\u00a0»", "<no value>", "%!", "ZgotmplZ", "'"} {
					if name != "injection" && strings.Contains(s, hole) {
						t.Errorf("got %q in the %s", hole, part)
					}
				}
			}
			if strings.Contains(subject, "\n") {
				t.Errorf("got the subject %q, want one line", subject)
			}
			if strings.Contains(text, "\n\n\n\n") || strings.Contains(text, " \n") {
				t.Error("got a gap of three lines, or spaces at the end of a line, in the text")
			}
			elements(t, page)
		})
	}
}

// No line of these replies is longer than textWidth: nobody typed anything long in them.
func TestRenderTextIsWrapped(t *testing.T) {
	for _, name := range []string{
		"ack", "report", "report-offered", "held", "duplicate", "unreadable", "several", "noform", "ack-changed",
	} {
		c := replies(t)[name]
		_, text, _ := mustRender(t, c.reply, c.options)
		for _, line := range strings.Split(text, "\n") {
			if n := utf8.RuneCountInString(line); n > textWidth {
				t.Errorf("%s: got a line of %d characters, want at most %d: %q", name, n, textWidth, line)
			}
		}
	}
}

// Whatever a stranger types, it adds no element to the HTML.
func TestRenderInjectionAddsNoElement(t *testing.T) {
	all := replies(t)
	_, _, got := mustRender(t, all["injection"].reply, all["injection"].options)
	_, _, want := mustRender(t, harmless(all["injection"].reply), all["injection"].options)
	if g, w := elements(t, got), elements(t, want); !slices.Equal(g, w) {
		t.Errorf("got the elements\n%v\nwant\n%v", g, w)
	}
}

func TestRenderNothingToAnswer(t *testing.T) {
	r := newTestRenderer(t)
	for name, reply := range map[string]order.Reply{
		"no kind": {},
		"none":    {Kind: order.ReplyNone},
		"a result of it": {
			Kind: order.ReplyAck, Results: []order.Result{{Kind: order.ReplyAck}, {Kind: order.ReplyNone}},
		},
	} {
		if _, _, _, err := r.Render(reply, Options{}); !errors.Is(err, ErrNoReply) {
			t.Errorf("%s: got error %v, want one that wraps ErrNoReply", name, err)
		}
	}
}

// A reply without results can be written: a message that is too large to read gets one.
func TestRenderWithoutResults(t *testing.T) {
	answered, _ := kinds(t)
	for _, kind := range answered {
		_, text, page := mustRender(t, order.Reply{Kind: kind}, Options{})
		if !strings.Contains(text, "Cordialement") || !strings.Contains(page, "Cordialement") {
			t.Errorf("%s: got a reply without its end: %q", kind, text)
		}
	}
}

func TestRenderListsAreBounded(t *testing.T) {
	finding := order.Finding{
		Code: "line.ean.key", Severity: order.Error, Field: order.ColumnEAN, Cell: "A20", Value: "3133091234565",
	}
	report := order.Result{Kind: order.ReplyReport, Order: -1, Findings: slices.Repeat([]order.Finding{finding}, 2000)}
	ack := order.Result{
		Kind: order.ReplyAck, Number: "CNS-2026-000001",
		Lines: slices.Repeat([]order.Line{{Quantity: 2, Title: "Mathématiques 6e"}}, 2000),
	}
	_, text, page := mustRender(t, order.Reply{Kind: order.ReplyReport, Results: []order.Result{report, ack, report}},
		Options{})
	for _, want := range []string{
		"2000 points à corriger", "… et 1800 autres points", "… et 1500 autres lignes",
		"Votre message en comptait trop pour que tout soit détaillé ici. Renvoyez ce bon de commande seul",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the HTML does not say %q", want)
		}
	}
	if !strings.Contains(text, "2000 lignes, quantité totale 4000") {
		t.Error("the text does not sum up all lines")
	}
	if max := 512 << 10; len(page) > max {
		t.Errorf("got %d octets of HTML, want at most %d", len(page), max)
	}
}

// A finding that only a person can decide is shown in some kinds of reply only.
func TestRenderHolds(t *testing.T) {
	hold := []order.Finding{
		{Code: "uai.unknown", Severity: order.Hold, Field: order.FieldUAI, Cell: "C13", Value: "0750999Z"},
	}
	for _, test := range []struct {
		kind  order.ReplyKind
		shown bool
	}{
		{order.ReplyAck, false},
		{order.ReplyReport, true},
		{order.ReplyHeld, false},
		{order.ReplyDuplicate, false},
		{order.ReplyUnreadable, true},
	} {
		_, text, page := mustRender(t,
			order.Reply{Kind: test.kind, Results: []order.Result{{Kind: test.kind, Findings: hold}}}, Options{})
		const words = "ne figure pas dans notre annuaire"
		if got := strings.Contains(strings.ReplaceAll(text, "\n", " "), words); got != test.shown {
			t.Errorf("%s, text: got the finding shown %t, want %t", test.kind, got, test.shown)
		}
		if got := strings.Contains(page, words); got != test.shown {
			t.Errorf("%s, HTML: got the finding shown %t, want %t", test.kind, got, test.shown)
		}
	}
}

func TestRenderOpeningHours(t *testing.T) {
	reply := replies(t)["ack"].reply
	for _, c := range []struct {
		hours int
		want  string
	}{{0, ""}, {1, "sous 1 heure."}, {72, "sous 72 heures."}} {
		_, text, page := mustRender(t, reply, Options{OpeningHours: c.hours})
		if c.want == "" {
			if strings.Contains(text, " heure") || strings.Contains(page, " heure") {
				t.Errorf("got a promise without opening hours, want none")
			}
			continue
		}
		if !strings.Contains(text, c.want) || !strings.Contains(page, c.want) {
			t.Errorf("opening hours %d: want %q in the text and the HTML", c.hours, c.want)
		}
	}
}

func BenchmarkRenderAck(b *testing.B) {
	form, err := Form()
	if err != nil {
		b.Fatal(err)
	}
	r, err := NewRenderer(form)
	if err != nil {
		b.Fatal(err)
	}
	reply := order.Reply{Kind: order.ReplyAck, Subject: "Commande", Results: []order.Result{ackResult(30)}}
	for b.Loop() {
		if _, _, _, err := r.Render(reply, Options{OpeningHours: 72}); err != nil {
			b.Fatal(err)
		}
	}
}

type replyCase struct {
	reply   order.Reply
	options Options
}

// replies returns a reply of each kind, and some unusual ones, by the name of their golden
// files.
func replies(t *testing.T) map[string]replyCase {
	t.Helper()
	at := time.Date(2026, 11, 21, 17, 5, 0, 0, time.UTC)
	one := func(kind order.ReplyKind, result order.Result) order.Reply {
		result.Kind = kind
		return order.Reply{
			ID: 7, Kind: kind, Subject: "Commande Lycée Turgot", CreatedAt: at, Results: []order.Result{result},
		}
	}
	form := order.Result{
		Part: "BdC Turgot.xlsx", Sheet: "Bon de commande", Order: -1, Case: "D-7K2Q9F",
		Bookstore: "Librairie des Écoles",
		Reference: "CMD-2026-0042", School: "Lycée Turgot", UAI: mustUAI(t, "0750647W"),
	}
	with := func(r order.Result, change func(*order.Result)) order.Result {
		change(&r)
		return r
	}

	report := with(form, func(r *order.Result) {
		r.UAI = order.UAI{}
		r.Findings = []order.Finding{
			{
				Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Sheet: form.Sheet, Cell: "C13",
				Value: "0750647X", Proposal: "0750647W", Args: map[string]string{"letter": "W"},
			},
			{
				Code: "field.missing", Severity: order.Error, Field: order.FieldContactMail, Sheet: form.Sheet,
				Cell: "F20",
			},
			{
				Code: "postcode.format", Severity: order.Error, Field: order.FieldPostcode, Sheet: form.Sheet,
				Cell: "C17", Value: "7500",
			},
			{
				Code: "line.ean.lost", Severity: order.Error, Field: order.ColumnEAN, Sheet: form.Sheet, Cell: "A28",
				Value: "9,78209E+12",
			},
			{
				Code: "line.product.physical", Severity: order.Error, Field: order.ColumnEAN, Sheet: form.Sheet,
				Cell: "A29", Value: "9782091194264",
				Args: map[string]string{"title": "Mathématiques 6e, manuel papier"},
			},
			{
				Code: "line.quantity.format", Severity: order.Error, Field: order.ColumnQuantity, Sheet: form.Sheet,
				Cell: "E30", Value: "une trentaine", Args: map[string]string{"maximum": "1000000"},
			},
			{
				Code: "reference.missing", Severity: order.Warning, Field: order.FieldReference, Sheet: form.Sheet,
				Cell: "C9",
			},
			{
				Code: "value.normalized", Severity: order.Fixed, Field: order.ColumnEAN, Sheet: form.Sheet, Cell: "A31",
				Value: "313 3091234565", Proposal: "3133091234560",
			},
		}
	})
	long := with(form, func(r *order.Result) {
		r.Part = strings.Repeat("Bon de commande du lycée ", 20) + ".xlsx"
		r.School = "Lycée polyvalent " + strings.Repeat("Saint-Barthélemy-d’Anjou ", 12)
		r.Bookstore = strings.Repeat("x", 300)
		r.Findings = []order.Finding{
			{
				Code: "email.format", Severity: order.Error, Field: order.FieldBookMail, Sheet: "Feuille 2", Cell: "C8",
				Value: strings.Repeat("commandes.", 40) + "@librairie",
			},
			{
				Code: "line.ean.format", Severity: order.Error, Field: order.ColumnEAN, Sheet: form.Sheet, Cell: "A28",
				Value: strings.Repeat("3133091234560 ", 30),
			},
			{
				Code: "line.ean.unknown", Severity: order.Error, Field: order.ColumnEAN, Sheet: form.Sheet, Cell: "A29",
				Value: "3133091234560", Proposal: "3133091234577",
				Args: map[string]string{"title": strings.Repeat("Histoire-géographie ", 12)},
			},
		}
	})
	unreadable := order.Result{
		Part: "BdC Turgot.xls", Order: -1, Case: "D-7K2Q9F",
		Findings: []order.Finding{{Code: "form.unreadable.xls", Severity: order.Error}},
	}
	injected := order.Result{
		Part: hostile, Sheet: hostile, Kind: order.ReplyReport, Order: -1, Offered: true, Case: "D-7K2Q9F",
		Bookstore: hostile, Reference: hostile, School: hostile,
		Findings: []order.Finding{
			{
				Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Sheet: hostile, Cell: hostile,
				Value: hostile, Proposal: hostile, Args: map[string]string{"name": hostile, "town": hostile},
			},
			{
				Code: order.Code(hostile), Severity: order.Error, Field: hostile, Sheet: hostile, Cell: hostile,
				Value: hostile, Proposal: hostile,
			},
			{
				Code: "line.offer.ignored", Severity: order.Warning, Field: order.ColumnOffer, Value: hostile,
				Args: map[string]string{"title": hostile},
			},
		},
	}
	injectedAck := ackResult(1)
	injectedAck.Bookstore, injectedAck.Reference = hostile, hostile
	injectedAck.Lines[0].Title, injectedAck.Lines[0].Duration, injectedAck.Lines[0].Licence = hostile, hostile, hostile
	injectedAck.Changes = []order.Change{
		{Field: hostile, Row: 3, Line: hostile, Before: hostile, After: hostile},
		{Row: 4, Line: hostile, After: hostile},
	}
	injectedAck.Findings = []order.Finding{
		{
			Code: "value.normalized", Severity: order.Fixed, Field: order.FieldUAI, Cell: "C13", Value: hostile,
			Proposal: hostile,
		},
	}

	return map[string]replyCase{
		"ack": {one(order.ReplyAck, with(ackResult(3), func(r *order.Result) {
			r.Findings = []order.Finding{
				{
					Code: "value.normalized", Severity: order.Fixed, Field: order.FieldUAI, Sheet: r.Sheet, Cell: "C13",
					Value: "0750647w", Proposal: "0750647W",
				},
				{
					Code: "value.normalized", Severity: order.Fixed, Field: order.ColumnQuantity, Sheet: r.Sheet,
					Cell: "E28", Value: "30 ex.", Proposal: "30",
				},
				{
					Code: "choice.unknown", Severity: order.Warning, Field: "contact_fonction", Sheet: r.Sheet,
					Cell: "C22", Value: "CDI",
				},
			}
		})), Options{OpeningHours: 72}},
		"ack-bare": {one(order.ReplyAck, with(ackResult(2), func(r *order.Result) {
			r.Reference, r.Sheet = "", ""
			r.Lines[0].UnitPrice, r.Lines[1].UnitPrice = nil, nil
			r.Lines[1].EAN, r.Lines[1].Offer = order.EAN{}, "9782091194264_001"
		})), Options{}},
		"report": {one(order.ReplyReport, report), Options{}},
		"report-offered": {one(order.ReplyReport, with(form, func(r *order.Result) {
			r.UAI, r.Offered = order.UAI{}, true
			r.Findings = []order.Finding{
				{
					Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Sheet: form.Sheet, Cell: "C13",
					Value: "0750647X", Proposal: "0750647W",
					Args: map[string]string{"letter": "W", "name": "Lycée Turgot", "town": "Paris 3e"},
				},
				{
					Code: "line.quantity.minimum", Severity: order.Error, Field: order.ColumnQuantity,
					Sheet: form.Sheet, Cell: "E28", Value: "3", Proposal: "10",
					Args: map[string]string{"minimum": "10"},
				},
				{
					Code: "line.ean.missing", Severity: order.Error, Field: order.ColumnEAN, Sheet: form.Sheet,
					Cell: "A29", Proposal: "3133091234560",
					Args: map[string]string{"title": "Histoire-géographie-EMC 5e, programme 2026"},
				},
				{
					Code: "reference.missing", Severity: order.Warning, Field: order.FieldReference, Sheet: form.Sheet,
					Cell: "C9",
				},
			}
		})), Options{}},
		"report-long": {one(order.ReplyReport, long), Options{FormName: "BdC_Interforum_Librairie_CNS.xlsx"}},
		"held":        {one(order.ReplyHeld, form), Options{}},
		"ack-changed": {one(order.ReplyAck, with(ackResult(1), func(r *order.Result) {
			r.Case, r.Unlisted = "D-7K2Q9F", 3
			r.Lines[0].VAT = order.VAT{{Rate: 55, Share: 705}, {Rate: 200, Share: 295}}
			r.Changes = []order.Change{
				{Field: order.FieldUAI, Before: "0750647X", After: "0750647W"},
				{Field: order.FieldTown, After: "Paris", Staff: true},
				{Field: order.FieldReference, Before: "R-1"},
				{Field: order.ColumnQuantity, Row: 28, Line: "Mathématiques 6e", Before: "une trentaine", After: "30"},
				{Row: 31, Line: "Histoire-géographie-EMC 5e, programme 2026", After: "3133091234560 × 28"},
				{Row: 29, Line: "Physique-chimie 1re spécialité", Before: "3133091234577 × 2"},
			}
		})), Options{OpeningHours: 72}},
		"duplicate": {one(order.ReplyDuplicate, with(form, func(r *order.Result) {
			r.Number, r.Case, r.First = "CNS-2026-000001", "", at.Add(-48*time.Hour)
		})), Options{}},
		"noform": {order.Reply{
			ID: 7, Kind: order.ReplyNoForm, Subject: "Commande Lycée Turgot", CreatedAt: at,
			Results: []order.Result{{Kind: order.ReplyNoForm, Order: -1, Case: "D-7K2Q9F"}},
		}, Options{FormName: "BdC_Interforum_Librairie_CNS.xlsx"}},
		"unreadable": {one(order.ReplyUnreadable, unreadable), Options{FormName: "BdC_Interforum_Librairie_CNS.xlsx"}},
		"several": {order.Reply{
			ID: 8, Kind: order.ReplyReport, Subject: "RE: [À corriger D-7K2Q9F] Re: Commandes de rentrée",
			CreatedAt: at,
			Results: []order.Result{
				ackResult(2),
				with(report, func(r *order.Result) {
					r.Kind, r.Findings = order.ReplyReport, r.Findings[:2]
					r.Part, r.School = "BdC Lakanal.xlsx", "Lycée Lakanal"
				}),
				with(form, func(r *order.Result) {
					r.Kind, r.Case, r.Part = order.ReplyHeld, "D-3CDFGH", "BdC étranger.xlsx"
				}),
				with(unreadable, func(r *order.Result) { r.Kind = order.ReplyUnreadable }),
				with(form, func(r *order.Result) {
					r.Kind, r.Number, r.Case = order.ReplyDuplicate, "CNS-2026-000001", ""
				}),
			},
		}, Options{OpeningHours: 72}},
		"injection": {order.Reply{
			ID: 9, Kind: order.ReplyReport, Subject: hostile, CreatedAt: at,
			Results: []order.Result{injected, injectedAck},
		}, Options{FormName: hostile}},
	}
}

// harmless returns the reply with the text hostile replaced by a harmless word.
func harmless(r order.Reply) order.Reply {
	calm := func(s string) string { return strings.ReplaceAll(s, hostile, "mot") }
	r.Subject = calm(r.Subject)
	r.Results = slices.Clone(r.Results)
	for i := range r.Results {
		res := &r.Results[i]
		for _, s := range []*string{&res.Part, &res.Sheet, &res.Bookstore, &res.Reference, &res.School} {
			*s = calm(*s)
		}
		res.Changes = slices.Clone(res.Changes)
		for j := range res.Changes {
			c := &res.Changes[j]
			c.Field, c.Line, c.Before, c.After = calm(c.Field), calm(c.Line), calm(c.Before), calm(c.After)
		}
		res.Findings = slices.Clone(res.Findings)
		for j := range res.Findings {
			f := &res.Findings[j]
			f.Code, f.Field = order.Code(calm(string(f.Code))), calm(f.Field)
			f.Sheet, f.Cell = calm(f.Sheet), calm(f.Cell)
			f.Value, f.Proposal = calm(f.Value), calm(f.Proposal)
		}
	}
	return r
}

// ackResult returns the result of an accepted form with n lines.
func ackResult(n int) order.Result {
	titles := []string{
		"Mathématiques 6e", "Histoire-géographie-EMC 5e, programme 2026", "Physique-chimie 1re spécialité",
	}
	r := order.Result{
		Part: "BdC Turgot.xlsx", Sheet: "Bon de commande", Kind: order.ReplyAck, Number: "CNS-2026-000001",
		Bookstore: "Librairie des Écoles", Reference: "CMD-2026-0042", School: "Lycée Turgot",
	}
	r.UAI, _ = order.ParseUAI("0750647W")
	for i := range n {
		price := order.Cents(450 + 10*i)
		ean, _ := order.ParseEAN("3133091234560")
		r.Lines = append(r.Lines, order.Line{
			EAN: ean, Quantity: 30 + 35*i, Title: titles[i%len(titles)], Duration: "1 an", Licence: "Élève",
			UnitPrice: &price, Row: 28 + i,
		})
	}
	return r
}

func mustUAI(t *testing.T, s string) order.UAI {
	t.Helper()
	u, err := order.ParseUAI(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newTestRenderer(t *testing.T) *Renderer {
	t.Helper()
	r, err := NewRenderer(newTestForm(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newTestForm(t testing.TB) *order.Form {
	t.Helper()
	form, err := Form()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func mustRender(t *testing.T, r order.Reply, o Options) (subject, text, page string) {
	t.Helper()
	subject, text, page, err := newTestRenderer(t).Render(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return subject, text, page
}

// elements returns the names of the elements of a page in their order. It fails the test
// if an element is not closed, or if an element or attribute could run or load something.
func elements(t *testing.T, page string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = false // attributes without a value, <br>
	d.AutoClose, d.Entity = xml.HTMLAutoClose, xml.HTMLEntity
	var names, open []string
	for {
		token, err := d.Token()
		if token == nil {
			if len(open) > 0 {
				t.Errorf("got %v still open at the end (%v)", open, err)
			}
			return names
		}
		switch e := token.(type) {
		case xml.StartElement:
			names, open = append(names, e.Name.Local), append(open, e.Name.Local)
			if slices.Contains(
				[]string{"script", "img", "iframe", "object", "form", "style", "link", "a"}, e.Name.Local,
			) {
				t.Errorf("got an element <%s>, want none", e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "src" || a.Name.Local == "href" {
					t.Errorf("got an attribute %s=%q, want none", a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				t.Fatalf("got </%s> while %v are open", e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// golden compares got with a file in testdata. With -update it rewrites the file instead.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(fmt.Errorf("%w (make it with -update)", err))
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
