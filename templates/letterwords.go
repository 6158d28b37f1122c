package templates

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/BurntSushi/toml"

	"bdc/order"
)

//go:embed letterwords.toml
var letterWordsTOML string

// LoadLetterWords returns the words and rules by which a letter is judged, read at the
// first call. They are the same for all callers, and not to be changed.
func LoadLetterWords() *order.LetterWords { return letterWords() }

// letterWords panics where the embedded file is wrong: a test rules it out.
var letterWords = sync.OnceValue(func() *order.LetterWords {
	words, err := parseLetterWords(letterWordsTOML)
	if err != nil {
		panic(err)
	}
	return words
})

func parseLetterWords(text string) (*order.LetterWords, error) {
	var lists struct {
		Words    map[string][]string    `toml:"words"`
		Ordinary map[string][][2]string `toml:"ordinary"`
		Told     map[string][][2]string `toml:"told"`
		Doubt    map[string][][2]string `toml:"doubt"`
	}
	meta, err := toml.Decode(text, &lists)
	if err != nil {
		return nil, fmt.Errorf("list of words of letters: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("list of words of letters: unknown key %s", extra[0])
	}
	words := &order.LetterWords{Words: lists.Words}
	for _, key := range meta.Keys() { // as they stand in the file
		if len(key) != 2 {
			continue
		}
		add := func(to *[]order.LetterRule, from map[string][][2]string) {
			for _, r := range from[key[1]] {
				*to = append(*to, order.LetterRule{Kind: key[1], Pattern: r[0], Example: r[1]})
			}
		}
		switch key[0] {
		case "ordinary":
			add(&words.Ordinary, lists.Ordinary)
		case "told":
			add(&words.Told, lists.Told)
		case "doubt":
			add(&words.Doubt, lists.Doubt)
		}
	}
	return words, nil
}
