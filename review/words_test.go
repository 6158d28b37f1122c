package review_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"bdc/order"
	"bdc/review"
	"bdc/store"
)

// Every verb that the audit is written with, in the source of whoever writes it,
// has its words in the journal.
func TestJournalHasWords(t *testing.T) {
	verbs := []string{"intake.held", "intake.released", "outbox.held", "outbox.released"}
	for _, s := range []order.Status{order.Received, order.Checked, order.Opened, order.Cancelled} {
		verbs = append(verbs, "order."+string(s))
	}
	for _, o := range []store.Outcome{store.Sent, store.Later, store.Failed, store.Withdrawn} {
		verbs = append(verbs, "reply."+string(o))
	}
	written := regexp.MustCompile(`Verb\b[^\n"]*"([a-z]+\.[a-z]+)"`)
	known := len(verbs)
	for _, folder := range []string{"../store/boltstore", "../cmd/bdc"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			must(t, err)
			for _, found := range written.FindAllStringSubmatch(string(source), -1) {
				verbs = append(verbs, found[1])
			}
		}
	}
	if len(verbs)-known < 10 {
		t.Fatalf("got %d verbs in the source, want all", len(verbs)-known)
	}
	for _, verb := range verbs {
		if review.VerbWord(verb) == verb {
			t.Errorf("%s: got no words", verb)
		}
	}
}
