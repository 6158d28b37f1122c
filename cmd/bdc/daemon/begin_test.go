package daemon

import (
	"errors"
	"testing"

	"bdc/ingest/ownership"
)

// A new record begins where nobody says that the inbox belongs to another, or where the
// operator wants it and the mailbox can be asked whom to claim it from.
func TestMayBegin(t *testing.T) {
	down := errors.New("the mail server is down")
	for _, tt := range []struct {
		name  string
		owner string
		asked error
		fresh bool
		want  bool
	}{
		{"the first start", "", nil, false, true},
		{"the first start, with --new", "", nil, true, true},
		{"the inbox belongs to another", "another", nil, false, false},
		{"the inbox is claimed", "another", nil, true, true},
		{"the mailbox does not answer", "", down, false, true},
		{"nobody knows whom to claim it from", "", down, true, false},
	} {
		err := mayBegin(ownership.Deed{Record: tt.owner}, tt.asked, tt.fresh)
		if (err == nil) != tt.want {
			t.Errorf("%s: got error %v, want it allowed: %t", tt.name, err, tt.want)
		}
		if err != nil && tt.asked != nil && !errors.Is(err, tt.asked) {
			t.Errorf("%s: got error %v, want the reason in it", tt.name, err)
		}
	}
}
