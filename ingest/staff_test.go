package ingest

import (
	"bytes"
	"testing"

	"bdc/order"
)

// TestStaffSendOn: a form that staff forward becomes a case of the form's bookseller, is
// judged as if the bookseller had sent it, and is answered to the bookseller, never to
// staff.
func TestStaffSendOn(t *testing.T) {
	const unknown = "01009999"
	tests := []struct {
		name    string
		from    string
		account string
		typed   string // the address in the form
		any     bool
		to      string
	}{
		{
			"by an address of the form", "claire@team.local", "01002001", "Achats@test.local", false,
			"achats@test.local",
		},
		{
			"by an address in its domain", "claire@team.local", "01002001", "new@domain.local", false,
			"new@domain.local",
		},
		{
			"by another bookseller's address", "claire@team.local", "01002001", "other@other.local", false,
			"shop@test.local",
		},
		{
			"by the first address of the account", "claire@team.local", "01002001", "gone@test.local", false,
			"shop@test.local",
		},
		{"nobody known", "claire@team.local", unknown, "gone@test.local", false, ""},
		{
			"whoever, where any sender is taken", "claire@team.local", unknown, "gone@test.local", true,
			"gone@test.local",
		},
		{
			"from our own address", "orders@test.local", "01002001", "achats@test.local", false, "achats@test.local",
		},
		{"the bookseller's own", "shop@test.local", "01002001", "achats@test.local", false, "shop@test.local"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := registered(t)
			e.StaffAddresses, e.AnySender = []string{"claire@team.local"}, test.any
			m := mail(1, "", attachment{
				"BdC.xlsx",
				filled(t, map[string]string{order.FieldAccount: test.account, order.FieldBookMail: test.typed}, "28"),
			})
			m.Raw = bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(test.from), 1)
			x := e.Open(m)
			in := e.Judge(x, nothing(x.Query), at)
			if test.from != "shop@test.local" {
				if got, want := told(in), "attention orders:0 waiting:mail.staff"; got != want {
					t.Fatalf("got  %s\nwant %s", got, want)
				}
				c := in.Cases[0]
				if c.Account != test.account || c.Reference != "R-1" || c.UAI.String() != "0990011Z" {
					t.Errorf("got a case of %s, %s, %s, want that of the form", c.Account, c.Reference, c.UAI)
				}
				for _, f := range c.Attempts[0].Findings {
					if f.Code == "bookseller.sender.unregistered" {
						t.Error("staff are held to be no sender of the account")
					}
				}
			}
			f := x.Forms[0]
			reply := e.Answer(order.ReplyAck, &order.Case{Code: "D-7K2Q9F"}, &order.Attempt{Order: &f.Order},
				&in.Message, "")
			if reply.To != test.to {
				t.Errorf("the answer goes to %q, want %q", reply.To, test.to)
			}
		})
	}
	e := registered(t)
	e.StaffAddresses = []string{"claire@team.local"}
	if got := e.Answer(order.ReplyLetter, &order.Case{Code: "D-7K2Q9F"}, &order.Attempt{},
		&order.Message{From: "claire@team.local"}, "Bonjour").To; got != "" {
		t.Errorf("a letter about no form goes to %q, want nobody", got)
	}
}
