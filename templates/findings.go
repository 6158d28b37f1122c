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

const (
	// maxShown is how many characters we show of any text that a stranger typed.
	maxShown = 80
	// maxOffers is how many characters we show of a list of offers. It is longer because
	// the list comes from our catalogue, and the reader has to choose from it.
	maxOffers = 400
)

// Words are what a bookseller is told about a finding, in French. Each field holds whole
// sentences, or "" if there is nothing to say.
type Words struct {
	Wrong    string // what is wrong, or what we noticed; never ""
	Fix      string // what to do about it; replies put it after « Pour corriger : »
	Proposal string // which value we propose; "" for a finding without a proposal
}

// StaffWords are what our staff are told about a finding, in French. Each field holds
// whole sentences, or "" if there is nothing to say.
type StaffWords struct {
	Wrong    string // what is wrong, or what we noticed; never ""
	Do       string // what staff may do about it
	Told     string // if Do is "": what the bookseller is told to do about it
	Proposal string // which value we propose; "" for a finding without a proposal
}

// Severity returns the severity that findings.toml gives to the findings of a code, and
// whether findings.toml has the code. A rule of package validate may decide on another
// severity in a single case, and the configuration on another for all: see Allowed.
func Severity(code order.Code) (order.Severity, bool) {
	e, ok := glossary().entries[code]
	return e.severity, ok
}

// Allowed returns the severities that the configuration may give to the findings of a
// code, the mildest first. It returns none if their severity must not be changed. The
// caller must not change the result.
func Allowed(code order.Code) []order.Severity { return glossary().entries[code].allow }

// Codes returns every code in findings.toml, sorted.
func Codes() []order.Code {
	return slices.Sorted(maps.Keys(glossary().entries))
}

// Explain returns what to tell a bookseller about a finding. For a code that findings.toml
// does not have it returns a generic sentence. Of each value that somebody typed it shows
// at most 80 characters, without control characters.
func Explain(form *order.Form, f order.Finding) Words {
	e, s := glossary().entry(f.Code), newScene(form, f)
	fix := e.fix
	if fix == nil {
		fix = e.decide
	}
	return Words{say(e.wrong, s), say(fix, s), e.propose(f, s)}
}

// ExplainToStaff returns what to tell our staff about a finding. It treats unknown codes
// and typed values as Explain does.
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

// entry returns the entry of a code. For an unknown code it is one that says the generic
// sentence.
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

// propose returns the words of a finding's proposal. It returns none for a finding of
// severity Fixed: there the proposal is the value that we took, and Wrong says so.
func (e entry) propose(f order.Finding, s scene) string {
	if s.Proposal == "" || f.Severity == order.Fixed {
		return ""
	}
	return say(e.proposal, s)
}

// entry is what findings.toml says about one code. Where it has no words, the template is
// nil.
type entry struct {
	severity order.Severity
	allow    []order.Severity // see Allowed

	wrong    *template.Template // what is wrong
	fix      *template.Template // what the bookseller is to do
	staff    *template.Template // what is wrong, in words for staff; nil if wrong will do
	decide   *template.Template // what staff may do
	proposal *template.Template // how to say the proposal; nil for the phrase "proposal"
}

// wordlist is findings.toml, parsed.
type wordlist struct {
	phrases *template.Template // holds each phrase as an associated template of its name
	entries map[order.Code]entry
}

// glossary returns findings.toml, which it parses at its first call. Like a regexp that
// does not compile, a mistake in the embedded file is a panic; a test rules it out.
var glossary = sync.OnceValue(func() wordlist {
	g, err := parseGlossary(findingsTOML)
	if err != nil {
		panic(err)
	}
	return g
})

// parseGlossary parses and checks a file like findings.toml.
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

// say executes the template of some words. It returns "" if the template is nil.
func say(t *template.Template, s scene) string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	// Only a mistake in findings.toml can make this fail, and a test executes the words
	// of every code. If it does happen, the words before the mistake are still useful.
	_ = t.Execute(&b, s)
	return b.String()
}

// scene holds the values that the words in findings.toml may mention. All of them are
// cleaned and cut.
type scene struct {
	Label   string // of the form's field that the finding is about
	Or      string // the label of the field that may be filled in instead; "" if there is none
	Hint    string // how to fill the field in: its help text, or an example; "" if it has neither
	Choices string // the values that the field allows; "" if it allows any

	Value, Proposal, Cell, Sheet string            // of the finding
	Args                         map[string]string // of the finding

	Staff bool // the words are for staff
}

// newScene returns the values of a finding and of the form's field that it is about.
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
