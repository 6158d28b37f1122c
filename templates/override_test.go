package templates

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bdc/bench/need"
	"bdc/order"
)

// A folder with the embedded files is accepted, and gives the same replies.
func TestRepliesReplaceThemselves(t *testing.T) {
	form := newTestForm(t)
	own, err := NewRendererFrom(form, Replies(), nil)
	if err != nil {
		t.Fatal(err)
	}
	embedded := newTestRenderer(t)
	for _, s := range Samples() {
		subject, text, page := mustRender(t, s.Reply, s.Options)
		gotSubject, gotText, gotPage, err := own.Render(s.Reply, s.Options)
		if err != nil || gotSubject != subject || gotText != text || gotPage != page {
			t.Errorf("%s: got other words from the same files (%v)", s.Name, err)
		}
		if _, _, _, err := embedded.Render(s.Reply, s.Options); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// Samples has every kind of reply and everything that NewRendererFrom looks for in one.
func TestSamples(t *testing.T) {
	form := newTestForm(t)
	var names []string
	shown := map[order.ReplyKind]bool{}
	whats := map[string]bool{}
	for _, s := range Samples() {
		names = append(names, s.Name)
		for _, r := range s.Reply.Results {
			shown[r.Kind] = true
			for _, l := range r.Lines {
				if l.EAN.IsZero() {
					t.Errorf("%s: line %q has no EAN", s.Name, l.Title)
				}
			}
			for _, f := range r.Findings {
				if severity, ok := Severity(f.Code); !ok || severity != f.Severity {
					t.Errorf("%s: finding %s has severity %s, want %s as in the list",
						s.Name, f.Code, f.Severity, severity)
				}
			}
		}
		for _, e := range essentials(form, s.Reply) {
			whats[e.what] = true
		}
	}
	answered, _ := kinds(t)
	for _, kind := range answered {
		if !shown[kind] || !slices.Contains(names, string(kind)) {
			t.Errorf("got no sample of %s in %v", kind, names)
		}
	}
	if len(whats) != 12 {
		t.Errorf("got samples of %d essentials (%v), want one of each of the 12", len(whats), whats)
	}
}

func TestNewRendererFrom(t *testing.T) {
	form := newTestForm(t)
	own := func(name string) string {
		data, err := fs.ReadFile(Replies(), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	without := func(name, what string) string {
		s := own(name)
		if !strings.Contains(s, what) {
			t.Fatalf("%s does not hold %q", name, what)
		}
		return strings.ReplaceAll(s, what, "")
	}
	for i, test := range []struct {
		name  string
		files map[string]string
		// The faults in their order; none if the words are good. What stands before an
		// ellipsis is how a fault begins, what stands after it must be somewhere in it.
		want []string
	}{
		{"no file", nil, nil},
		{
			"other words",
			map[string]string{"held.txt": "Un instant !\n\n{{template \"facts.txt\" .}}", ".DS_Store": "\xff"},
			nil,
		},
		{
			"from Windows",
			map[string]string{"held.txt": "\ufeffUn instant.\r\n\r\n{{template \"facts.txt\" .}}\r\n"},
			nil,
		},
		{
			"an unknown name",
			map[string]string{"acknowledgement.txt": "x"},
			[]string{"acknowledgement.txt: no file of words has that name: they are ack.html, ack.txt,"},
		},
		{"a folder", map[string]string{"fr/ack.txt": "x"}, []string{"fr: no file of words"}},
		{"a mistake", map[string]string{"ack.txt": "{{with .Number}}"}, []string{"ack.txt: 1: unexpected EOF"}},
		{
			"an unknown function",
			map[string]string{"ack.html": "{{shout .Number}}"},
			[]string{`ack.html: 1: function "shout" not defined`},
		},
		{
			"an unknown field",
			map[string]string{"ack.txt": own("ack.txt") + "\n{{.Numero}}"},
			[]string{`ack.txt: …executing "ack.txt" at <.Numero>: can't evaluate field Numero`},
		},
		{
			"a field that few replies show",
			map[string]string{"remarks.html": own("remarks.html") + "{{range .}}{{.Nothing}}{{end}}"},
			[]string{`remarks.html: …executing "remarks.html" at <.Nothing>`},
		},
		{
			"markup that can't be escaped",
			map[string]string{"held.html": own("held.html") + "<p title=\"{{if .Case}}\">{{end}}"},
			[]string{"held.html: "},
		},
		{
			"no number",
			map[string]string{"ack.txt": without("ack.txt", "{{.}}")},
			[]string{"ack.txt: leaves out the article of a line (reply ack)"},
		},
		{"no facts at all", map[string]string{"facts.txt": " "}, []string{
			"facts.txt: leaves out the bookseller’s reference (reply ack)",
			"facts.txt: leaves out the school (reply ack)",
			"facts.txt: leaves out the code of the case (reply corrected)",
		}},
		{
			"a case in a comment",
			map[string]string{"noform.html": "<!-- {{.Case}} --><tr><td>Rien</td></tr>"},
			[]string{"noform.html: leaves out the code of the case (reply noform)"},
		},
		{
			"nothing to correct",
			map[string]string{"report.html": without("report.html", "<strong>Pour corriger :</strong> {{.}}")},
			[]string{"report.html: leaves out how to correct it (reply report)"},
		},
		{
			"no date of the first",
			map[string]string{"duplicate.txt": "{{.Number}} {{template \"facts.txt\" .}}"},
			[]string{"duplicate.txt: leaves out when the first order was received (reply duplicate)"},
		},
		{
			"no words of ours",
			map[string]string{"mail.txt": without("mail.txt", "{{range .Personal}}\n{{.}}\n{{end}}")},
			[]string{"mail.txt: leaves out what our people wrote (reply refused)"},
		},
		{
			"a picture from elsewhere",
			map[string]string{"held.html": `<IMG src="https://example.org/x.png">` + own("held.html")},
			[]string{`held.html: "<IMG" would load`},
		},
		{
			"a script",
			map[string]string{"held.html": `<script>x</script>` + own("held.html")},
			[]string{`held.html: "<script" would load`},
		},
		{"another encoding", map[string]string{"held.txt": "Re\xe7u {{.Case}}"}, []string{"held.txt: is not in UTF-8"}},
		{
			"too long",
			map[string]string{"held.txt": strings.Repeat("x", maxSource+1)},
			[]string{"held.txt: has 262145 octets"},
		},
		{
			"several",
			map[string]string{"ack.txt": "{{", "held.txt": "Reçu", "x": ""},
			[]string{
				"x: no file of words", "ack.txt: 1: ", "held.txt: leaves out the code of the case",
				"held.txt: leaves out the bookseller’s reference", "held.txt: leaves out the school",
			},
		},
		{"wrong only together", map[string]string{
			"ack.txt":  own("ack.txt") + `{{define "extra"}}{{.Nothing}}{{end}}`,
			"held.txt": `{{define "extra"}}{{end}}` + own("held.txt") + `{{template "extra" .}}`,
		}, []string{"the files together: ack.txt:…can't evaluate field Nothing"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if i%2 > 0 {
				need.Whole(t)
			}
			folder := fstest.MapFS{}
			for name, words := range test.files {
				folder[name] = &fstest.MapFile{Data: []byte(words)}
			}
			_, err := NewRendererFrom(form, folder, nil)
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			ok := len(got) == len(test.want)
			for i := range min(len(got), len(test.want)) {
				start, inner, _ := strings.Cut(test.want[i], "…") // for the line and column
				ok = ok && strings.HasPrefix(got[i], start) && strings.Contains(got[i], inner)
			}
			if !ok {
				t.Errorf("got faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// Words that no sample makes fail left a bookseller without an answer.
func TestWordsThatFailOnAReplyGiveWayToOurs(t *testing.T) {
	var told strings.Builder
	// Only an order of this school springs it, and no sample has one.
	const trap = `{{if eq .School "Lycée Turgot"}}{{index .Lines 99}}{{end}}`
	for _, name := range []string{"ack.txt", "ack.html"} {
		told.Reset()
		own, err := fs.ReadFile(Replies(), name)
		if err != nil {
			t.Fatal(err)
		}
		words := fstest.MapFS{
			name:       {Data: append([]byte(trap), own...)},
			"held.txt": {Data: []byte("Un instant ! {{template \"facts.txt\" .}}")},
		}
		r, err := NewRendererFrom(newTestForm(t), words, slog.New(slog.NewTextHandler(&told, nil)))
		if err != nil {
			t.Fatal(err)
		}
		c := replies(t)["ack"]
		subject, text, page := mustRender(t, c.reply, c.options)
		gotSubject, gotText, gotPage, err := r.Render(c.reply, c.options)
		if err != nil || gotSubject != subject || gotText != text || gotPage != page {
			t.Errorf("%s: got %v and the text\n%s\nwant our words", name, err, gotText)
		}
		if got := told.String(); !strings.Contains(got, "reply=7") || !strings.Contains(got, name) {
			t.Errorf("%s: got the log %q, want the reply and the file", name, got)
		}
		if _, text, _, err := r.Render(
			replies(t)["held"].reply, Options{},
		); err != nil || !strings.Contains(text, "Un instant") {
			t.Errorf("%s: got %v and %q, want a reply that doesn’t fail in the folder’s words", name, err, text)
		}
	}
	r, err := NewRendererFrom(newTestForm(t), Replies(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := r.Render(order.Reply{Kind: order.ReplyNone}, Options{}); !errors.Is(err, ErrNoReply) {
		t.Errorf("got %v for what is not answered, want ErrNoReply", err)
	}
}

// HTML templates of a folder escape what strangers typed, as the embedded ones do.
func TestOverridingWordsAreEscaped(t *testing.T) {
	r, err := NewRendererFrom(newTestForm(t),
		fstest.MapFS{
			"held.html": {Data: []byte(`<tr><td title="{{.School}}">{{.School}} {{.Case}} {{.Reference}}</td></tr>`)},
		}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, page, err := r.Render(order.Reply{
		Kind: order.ReplyHeld, Results: []order.Result{{Kind: order.ReplyHeld, School: `"><script>alert(1)</script>`}},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page, "<script") || strings.Contains(page, `title="">`) {
		t.Errorf("got what was typed as markup: %s", page)
	}
	elements(t, page)
}
