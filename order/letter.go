package order

// LetterWords are the words and rules by which a letter beside an order form is judged.
// Package validate/letter says how.
type LetterWords struct {
	Words    map[string][]string // classes of words: folded words, and stems that end in *
	Ordinary []LetterRule        // what is ordinary, and taken away first
	Told     []LetterRule        // what doubts in what is left, in a sentence about the past too
	Doubt    []LetterRule        // what doubts in what is left, but not of the past
}

// LetterRule is one rule, with a sentence that only it judges rightly.
type LetterRule struct {
	Kind    string // of the doubt, or of what is ordinary
	Pattern string // in the notation of templates/letterwords.toml
	Example string
}
