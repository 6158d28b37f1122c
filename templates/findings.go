package templates

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/BurntSushi/toml"

	"bdc/order"
)

//go:embed findings.toml
var findingsTOML string

// maxShown bounds, in characters, what is shown of anything that a stranger
// typed into a cell, and maxOffers what is shown of a list of the catalogue's
// offers: it is ours, and its reader is to choose from it.
const (
	maxShown  = 80
	maxOffers = 400
)

// Words are what people are told about a finding, in French. Each is made of
// whole sentences, or is "".
type Words struct {
	Wrong    string // what is wrong, or what was noticed
	Fix      string // what to do about it: follows « Pour corriger : »
	Proposal string // of a finding that has a proposal
}

// StaffWords are what staff are told about a finding, likewise.
type StaffWords struct {
	Wrong    string
	Do       string // what they may do about it, or ""
	Told     string // else what the bookseller is told to do, or ""
	Proposal string // of a finding that has a proposal
}

// Severity returns the severity that findings of that code have unless the rule
// decides otherwise, and whether the list knows the code.
func Severity(code order.Code) (order.Severity, bool) {
	e, ok := glossary().entries[code]
	return e.severity, ok
}

// Allowed returns the severities that a configuration may give findings of that
// code, mildest first: none where theirs is not to be changed.
func Allowed(code order.Code) []order.Severity { return glossary().entries[code].allow }

// Codes returns every code of the list, sorted.
func Codes() []order.Code {
	return slices.Sorted(maps.Keys(glossary().entries))
}

// Explain says a finding in French to the bookseller. It never fails: a code that
// the list does not know gets a generic sentence. Of what was typed at most 80
// characters are shown, without control characters.
func Explain(form *order.Form, f order.Finding) Words {
	e, s := glossary().entry(f.Code), newScene(form, f)
	fix := e.fix
	if fix == nil {
		fix = e.decide
	}
	return Words{say(e.wrong, s), say(fix, s), e.propose(f, s)}
}

// ExplainToStaff says a finding in French to staff, as Explain does to the
// bookseller.
func ExplainToStaff(form *order.Form, f order.Finding) StaffWords {
	e, s := glossary().entry(f.Code), newScene(form, f)
	s.Staff = true
	wrong := e.staff
	if wrong == nil {
		wrong = e.wrong
	}
	w := StaffWords{Wrong: say(wrong, s), Do: say(e.decide, s), Proposal: e.propose(f, s)}
	if e.decide == nil {
		w.Told = say(e.fix, s)
	}
	return w
}

// entry is one of the list, or the generic one.
func (g wordlist) entry(code order.Code) entry {
	e, ok := g.entries[code]
	if !ok {
		e.wrong = g.phrases.Lookup("generic")
	}
	if e.proposal == nil {
		e.proposal = g.phrases.Lookup("proposal")
	}
	return e
}

// propose says the proposal of a finding. That of a fixed one is what was taken,
// and said already.
func (e entry) propose(f order.Finding, s scene) string {
	if s.Proposal == "" || f.Severity == order.Fixed {
		return ""
	}
	return say(e.proposal, s)
}

// entry is one code of the list; a template is nil where the list has no words.
type entry struct {
	severity                            order.Severity
	allow                               []order.Severity
	wrong, fix, staff, decide, proposal *template.Template
}

type wordlist struct {
	phrases *template.Template // the set that holds each phrase under its name
	entries map[order.Code]entry
}

// glossary is the embedded list, parsed at its first use. It is a constant like
// a compiled regexp, and panics like one: a test rules it out.
var glossary = sync.OnceValue(func() wordlist {
	g, err := parseGlossary(findingsTOML)
	if err != nil {
		panic(err)
	}
	return g
})

func parseGlossary(text string) (wordlist, error) {
	var list struct {
		Phrase  map[string]string
		Finding map[order.Code]struct {
			Severity                            order.Severity
			Allow                               []order.Severity
			Wrong, Fix, Staff, Decide, Proposal string
		}
	}
	meta, err := toml.Decode(text, &list)
	if err != nil {
		return wordlist{}, fmt.Errorf("list of findings: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return wordlist{}, fmt.Errorf("list of findings: unknown key %s", extra[0])
	}

	set := template.New("phrases").Option("missingkey=zero").Funcs(template.FuncMap{
		"q": quote, "number": number, "mega": mega, "day": day,
	})
	parse := func(name, words string) *template.Template {
		if words == "" || err != nil {
			return nil
		}
		var t *template.Template
		if t, err = set.New(name).Parse(noBreak.Replace(strings.ReplaceAll(words, " > ", "\u00a0> "))); err != nil {
			err = fmt.Errorf("list of findings: %w", err)
		}
		return t
	}
	for _, name := range slices.Sorted(maps.Keys(list.Phrase)) {
		parse(name, list.Phrase[name])
	}
	g := wordlist{phrases: set, entries: make(map[order.Code]entry, len(list.Finding))}
	for code, f := range list.Finding {
		for _, s := range append([]order.Severity{f.Severity}, f.Allow...) {
			if !slices.Contains([]order.Severity{order.Fixed, order.Warning, order.Hold, order.Error}, s) {
				return wordlist{}, fmt.Errorf("list of findings: %s has unknown severity %q", code, s)
			}
		}
		if f.Allow != nil && (!slices.Contains(f.Allow, f.Severity) || slices.Contains(f.Allow, order.Fixed)) {
			return wordlist{}, fmt.Errorf("list of findings: %s allows %q, with severity %q", code, f.Allow, f.Severity)
		}
		if f.Wrong == "" {
			return wordlist{}, fmt.Errorf("list of findings: %s has no words", code)
		}
		name := string(code)
		g.entries[code] = entry{
			f.Severity, f.Allow, parse(name+" wrong", f.Wrong), parse(name+" fix", f.Fix),
			parse(name+" staff", f.Staff), parse(name+" decide", f.Decide), parse(name+" proposal", f.Proposal),
		}
	}
	return g, err
}

// say renders words, or "" for a nil template.
func say(t *template.Template, s scene) string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	// Nothing but a mistake in the list can fail here, and a test renders every
	// code; what was written before it still says more than nothing.
	_ = t.Execute(&b, s)
	return b.String()
}

// scene is what the words of a finding may speak of, cleaned and cut.
type scene struct {
	Label, Or, Hint, Choices string
	Value, Proposal          string
	Cell, Sheet              string
	Args                     map[string]string
	Staff                    bool
}

func newScene(form *order.Form, f order.Finding) scene {
	s := scene{
		Value: clean(f.Value, maxShown), Proposal: clean(f.Proposal, maxShown),
		Cell: clean(f.Cell, maxShown), Sheet: clean(f.Sheet, maxShown),
		Label: clean(f.Field, maxShown), Args: f.Args,
	}
	if len(f.Args) > 0 {
		s.Args = make(map[string]string, len(f.Args))
		for k, v := range f.Args {
			s.Args[k] = clean(v, maxShown)
		}
		if offers := f.Args["offers"]; offers != "" {
			s.Args["offers"] = clean(offers, maxOffers)
		}
	}
	field, ok := form.Field(f.Field)
	if !ok {
		return s
	}
	s.Label = noBreak.Replace(field.Label)
	s.Choices = strings.Join(field.Choices, ", ")
	if field.Or != "" {
		s.Or = noBreak.Replace(form.Label(field.Or))
	}
	switch {
	case field.Help != "":
		s.Hint = noBreak.Replace(sentence(field.Help))
	case field.Example != "":
		s.Hint = noBreak.Replace("Par exemple : " + sentence(field.Example))
	}
	return s
}
