package mime

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// TestProgramWords: every list is there, and each entry of it counts: it is written
// as what it is compared with, and no other entry finds what it finds.
func TestProgramWords(t *testing.T) {
	known, err := toml.Decode(programsTOML, &programWords{})
	if err != nil {
		t.Fatal(err)
	}
	if unknown := known.Undecoded(); len(unknown) > 0 {
		t.Errorf("got the keys %v, want none that nothing reads", unknown)
	}
	words := reflect.ValueOf(*programs())
	for i := range words.NumField() {
		name, list := words.Type().Field(i).Name, words.Field(i).Interface().([]string)
		if len(list) == 0 {
			t.Errorf("%s is empty", name)
		}
		find := strings.HasPrefix
		if strings.HasPrefix(name, "Unread") {
			find = strings.Contains
		}
		for i, entry := range list {
			if entry == "" || foldSubject(entry) != entry {
				t.Errorf("%s: got %q, which nothing is compared with, want %q", name, entry, foldSubject(entry))
			}
			for _, other := range slices.Delete(slices.Clone(list), i, i+1) {
				if find(entry, other) {
					t.Errorf("%s: got %q, which %q finds already", name, entry, other)
				}
			}
		}
	}
}

// TestEachProgramWord: a mail with any of the words is written by a program.
func TestEachProgramWord(t *testing.T) {
	words := programs()
	subject := func(s string) string { return "From: Anna <anna@shop.example>\r\nSubject: " + s + " Commande\r\n" }
	named := func(s string) string { return "From: \"" + s + "\" <anna@shop.example>\r\nSubject: Commande\r\n" }
	from := func(s string) string { return "From: Anna <" + s + "@shop.example>\r\nSubject: Commande\r\n" }
	for _, tt := range []struct {
		list   []string
		header func(string) string
		want   string
	}{
		{words.Absence, subject, autoSubject},
		{words.Receipt, subject, autoSubject},
		{words.Late, subject, autoSubject},
		{words.Bounce, subject, autoSubject},
		{words.DaemonNames, named, autoDaemon},
		{words.UnreadNames, named, autoNoReply},
		{words.UnreadAddresses, from, autoNoReply},
	} {
		for _, word := range tt.list {
			m, err := ReadHeader([]byte(tt.header(word)+"\r\n"), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if m.Automatic != tt.want {
				t.Errorf("%q: got %q, want %q", word, m.Automatic, tt.want)
			}
		}
	}
}
