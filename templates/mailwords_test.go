package templates

import (
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// typed are the lists that are compared with texts as they were typed.
var typed = map[string]bool{
	"Attribution": true, "Wrote": true, "Hearsay": true, "Separator": true, "FromLine": true, "OtherLine": true,
	"SubjectLine":   true,
	"ForwardPrefix": true, "ReplyPrefix": true, "NameLabel": true, "AccountLabel": true, "AddressLabel": true,
}

// TestMailWords: each entry of each list is one that can be found, and that finds
// something which no other entry of its list does.
func TestMailWords(t *testing.T) {
	if _, err := parseMailWords(mailWordsTOML); err != nil {
		t.Fatal(err)
	}
	entry := regexp.MustCompile(`^(?:[\pL0-9'’ |()-]|[\pL')]\?|[\pL')]\*)+$`)
	all := reflect.ValueOf(*LoadMailWords())
	lists := 0
	for i := range all.NumField() {
		name := all.Type().Field(i).Name
		list, ok := all.Field(i).Interface().(Phrases)
		if !ok {
			continue
		}
		lists++
		if len(list) == 0 {
			t.Errorf("%s is empty", name)
		}
		for i, e := range list {
			if !entry.MatchString(e) {
				t.Errorf("%s: got %q, want it in the notation of mailwords.toml", name, e)
				continue
			}
			others := append(append(Phrases{"\x00"}, list[:i]...), list[i+1:]...)
			found := regexp.MustCompile("^" + list.Expression() + "$")
			otherwise := regexp.MustCompile("^" + others.Expression() + "$")
			alone := false
			for _, text := range examples(t, Phrases{e}.Expression()) {
				if !typed[name] && order.Fold(text) != text {
					t.Errorf("%s: got %q of %q, which nothing is compared with, want %q", name, text, e,
						order.Fold(text))
				}
				if !found.MatchString(text) {
					t.Errorf("%s: got %q of %q not found", name, text, e)
				}
				alone = alone || !otherwise.MatchString(text)
			}
			if !alone {
				t.Errorf("%s: got %q, which others find all of, want it to find something", name, e)
			}
		}
	}
	if lists < 30 {
		t.Errorf("got %d lists, want 30 at least", lists)
	}
}

// examples returns texts that an expression matches: with each of its alternatives
// in turn, and what may be missing there and not.
func examples(t *testing.T, expression string) []string {
	t.Helper()
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return texts(tree)
}

func texts(re *syntax.Regexp) []string {
	const most = 500 // of a part: entries have a few alternatives
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass: // letters that differ in one entry, or any letter
		if len(re.Rune) > 20 {
			return []string{"x"}
		}
		var list []string
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				list = append(list, string(r))
			}
		}
		return list
	case syntax.OpAlternate:
		var list []string
		for _, sub := range re.Sub {
			list = append(list, texts(sub)...)
		}
		return list
	case syntax.OpQuest, syntax.OpStar:
		return append([]string{""}, texts(re.Sub[0])...)
	case syntax.OpConcat:
		list := []string{""}
		for _, sub := range re.Sub {
			var longer []string
			for _, end := range texts(sub) {
				for _, begin := range list {
					if len(longer) < most {
						longer = append(longer, begin+end)
					}
				}
			}
			list = longer
		}
		return list
	default:
		return []string{""}
	}
}

func TestMailWordsRefused(t *testing.T) {
	for _, text := range []string{"yes = 1", "yess = [\"ok\"]", "yes = ["} {
		if _, err := parseMailWords(text); err == nil || !strings.HasPrefix(err.Error(), "list of words of mails: ") {
			t.Errorf("%q: got error %v, want one that names the list", text, err)
		}
	}
}

func TestExpression(t *testing.T) {
	phrases := Phrases{"c'est (bon|ok)", "corrig*", "n'*", "(a )?(tres )*bien", "lots?"}
	re := regexp.MustCompile("^" + phrases.Expression() + "$")
	for text, want := range map[string]bool{
		"c'est bon": true, "c'est ok": true, "c'est": false, "corrig": true, "corrigées": true, "corrige 2": false,
		"n'ai": true, "n": false,
		"bien": true, "a bien": true, "a tres tres bien": true, "tres a bien": false, "lot": true, "lots": true,
		"lo": false, "": false,
	} {
		if got := re.MatchString(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

// TestTagsAreOurs: each tag of ours goes from a subject that is answered again.
func TestTagsAreOurs(t *testing.T) {
	tagged, _ := kinds(t)
	// An order's number stands in its tag alone, without words.
	tagged = slices.DeleteFunc(tagged, func(kind order.ReplyKind) bool { return kind == order.ReplyAck })
	if got := len(LoadMailWords().Tags); got != len(tagged) {
		t.Errorf("got %d tags, want one of each of %v", got, tagged)
	}
	for _, kind := range tagged {
		results := []order.Result{{Kind: kind, Case: "D-7K2Q9F", Number: "D-7K2Q9F"}}
		first := subjectOf("Commande", results)
		again := subjectOf(strings.ToUpper("Re: "+strings.ReplaceAll(first, "’", "'")), results)
		if !strings.EqualFold(again, first) || !strings.HasPrefix(first, "["+LoadMailWords().Tags[kind]+" D-7K2Q9F] ") {
			t.Errorf("%s: got %q, and answered again %q", kind, first, again)
		}
	}
}
