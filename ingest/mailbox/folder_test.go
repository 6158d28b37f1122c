package mailbox

import "testing"

func TestNameOnTheServer(t *testing.T) {
	plain, below, flat := naming{"", "/"}, naming{"INBOX.", "."}, naming{"", ""}
	for _, test := range []struct {
		name   string
		server naming
		folder string
		want   string
	}{
		{"as it is", plain, "À traiter", "À traiter"},
		{"levels", plain, "BdC/Traitées", "BdC/Traitées"},
		{"decomposed", plain, "A\u0300 traiter", "À traiter"},
		{"the inbox in any case", below, "Inbox", "INBOX"},
		{"prefix", below, "Traitées", "INBOX.Traitées"},
		{"prefix and levels", below, "BdC/Traitées", "INBOX.BdC.Traitées"},
		{"prefix already there", below, "INBOX/Traitées", "INBOX.Traitées"},
		{"the server's own way", below, "INBOX.Traitées", "INBOX.Traitées"},
		{"no levels", flat, "BdC/Traitées", "BdC/Traitées"},
	} {
		if got := test.server.name(test.folder); got != test.want {
			t.Errorf("%s: %q is %q, want %q", test.name, test.folder, got, test.want)
		}
	}
}
