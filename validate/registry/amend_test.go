package registry

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func anAccount() order.Account {
	return order.Account{Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@librairie.test"}, Domains: []string{"librairie.test"}, Postcode: "99010", Town: "Valmorin"}
}

func TestAmend(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	renamed := anAccount().Facts()
	renamed.Name, renamed.Postcode = " Librairie  nouvelle ", "1000"
	for _, tt := range []struct {
		name   string
		edit   order.AccountEdit
		want   func(a *order.Account)
		detail string // part of it
		err    string // part of it
	}{
		{"an address", order.AccountEdit{Add: []string{" Sam@Ailleurs.test"}}, func(a *order.Account) {
			a.Emails, a.Hand.Added = append(a.Emails, "sam@ailleurs.test"), []string{"sam@ailleurs.test"}
		}, "+sam@ailleurs.test", ""},
		{"a domain", order.AccountEdit{Add: []string{"@ailleurs.test"}}, func(a *order.Account) {
			a.Domains, a.Hand.Added = append(a.Domains, "ailleurs.test"), []string{"@ailleurs.test"}
		}, "+@ailleurs.test", ""},
		{"what is there", order.AccountEdit{Add: []string{"shop@librairie.test"}}, nil, "", ""},
		{"struck off", order.AccountEdit{Strike: []string{"shop@librairie.test", "@librairie.test", "absent@x.test"}}, func(a *order.Account) {
			a.Emails, a.Domains, a.Hand.Struck = []string{}, []string{}, []string{"shop@librairie.test", "@librairie.test"}
		}, "-shop@librairie.test, -@librairie.test", ""},
		{"facts", order.AccountEdit{Facts: &renamed, Seen: anAccount().Facts()}, func(a *order.Account) {
			a.Name, a.Postcode, a.Hand.Facts = "Librairie nouvelle", "01000", true
		}, "Librairie nouvelle", ""},
		{"facts as they are", order.AccountEdit{Facts: new(anAccount().Facts())}, nil, "", ""},
		{"facts seen otherwise", order.AccountEdit{Facts: &renamed, Seen: order.Facts{Name: "Autre"}}, nil, "", "changed meanwhile"},
		{"no name", order.AccountEdit{Facts: &order.Facts{}, Seen: anAccount().Facts()}, nil, "", "a un nom"},
		{"no address", order.AccountEdit{Add: []string{"sam"}}, nil, "", "n’est pas une adresse"},
		{"no domain", order.AccountEdit{Add: []string{"@sam"}}, nil, "", "n’est pas un domaine"},
		{"everybody’s domain", order.AccountEdit{Add: []string{"@orange.fr"}}, nil, "", "ouvert à tous"},
		{"no account", order.AccountEdit{Number: "9"}, nil, "", "no such account"},
	} {
		accounts := []order.Account{{Number: "01001000", Name: "Autre"}, anAccount()}
		if tt.edit.Number == "" {
			tt.edit.Number = "01002001"
		}
		tt.edit.Actor, tt.edit.At = "claire", at
		got, detail, err := Amend(accounts, tt.edit)
		if !reflect.DeepEqual(accounts[1], anAccount()) {
			t.Errorf("%s: the accounts given have become %+v", tt.name, accounts[1])
		}
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: got error %v, want one that says %q", tt.name, err, tt.err)
			}
			continue
		}
		want := anAccount()
		if tt.want != nil {
			want.Hand = &order.Hand{Actor: "claire", At: at}
			tt.want(&want)
		}
		if err != nil || !strings.Contains(detail, tt.detail) || (detail == "") != (tt.want == nil) {
			t.Errorf("%s: got detail %q and error %v, want %q", tt.name, detail, err, tt.detail)
			continue
		}
		if w, g := printedAccount(want), printedAccount(got[1]); g != w {
			t.Errorf("%s: got %s, want %s", tt.name, g, w)
		}
	}
	if _, _, err := Amend(nil, order.AccountEdit{Number: "1"}); !errors.Is(err, ErrNoAccount) {
		t.Errorf("nothing imported: got error %v, want ErrNoAccount", err)
	}
}

func printedAccount(a order.Account) string {
	data, err := Encode([]order.Account{a})
	if err != nil {
		return err.Error()
	}
	back, err := Decode[order.Account](data)
	if err != nil || len(back) != 1 {
		return "not to be read again"
	}
	var hand order.Hand
	if a.Hand != nil {
		hand = *back[0].Hand
	}
	b := back[0]
	b.Hand = nil
	return strings.Join([]string{b.Number, b.Name, b.Address, b.Postcode, b.Town, strings.Join(b.Emails, " "), strings.Join(b.Domains, " "), strings.Join(hand.Added, " "), strings.Join(hand.Struck, " "), hand.Actor, hand.At.String()}, "|")
}

// What people registered or struck off outlives an import; what else they changed
// is the file's again, and said.
func TestImportAfterHand(t *testing.T) {
	old := []order.Account{anAccount(), {Number: "01003000", Name: "Disparue", Emails: []string{}}, {Number: "01004000", Name: "Mal nommée", Emails: []string{}}}
	for _, e := range []order.AccountEdit{
		{Number: "01002001", Add: []string{"sam@ailleurs.test", "@nouveau.test"}, Strike: []string{"@librairie.test"}},
		{Number: "01003000", Add: []string{"a@b.test"}},
		{Number: "01004000", Facts: &order.Facts{Name: "Bien nommée"}, Seen: order.Facts{Name: "Mal nommée"}},
	} {
		var err error
		if old, _, err = Amend(old, e); err != nil {
			t.Fatal(err)
		}
	}
	const file = "Compte;Nom;E-mails;Domaines;CP;Ville\n01002001;Librairie d’essai;shop@librairie.test, sam@ailleurs.test;librairie.test;99010;Valmorin\n01004000;Mal nommée;;;;\n01005000;Neuve;n@n.test;;;\n"
	imported, _, err := ImportAccounts(context.Background(), strings.NewReader(file), "libraires.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	imported = Complete(old, imported)
	var report order.Import
	if err := Diff(old, imported, &report); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(imported[0].Emails, " ") + "|" + strings.Join(imported[0].Domains, " "); got != "shop@librairie.test sam@ailleurs.test|nouveau.test" {
		t.Errorf("got %q, want the address registered, and the domain struck off", got)
	}
	if h := imported[0].Hand; h == nil || strings.Join(h.Added, " ") != "@nouveau.test" || strings.Join(h.Struck, " ") != "@librairie.test" {
		t.Errorf("got %+v, want only what the file still has otherwise", h)
	}
	if imported[1].Hand != nil || imported[1].Name != "Mal nommée" {
		t.Errorf("got %+v, want the file's facts", imported[1])
	}
	if got := strings.Join(report.Overruled, "\n"); len(report.Overruled) != 2 || !strings.Contains(got, "01003000, Disparue : absent du fichier") || !strings.Contains(got, "01004000, Mal nommée : nom, adresse postale ou état repris") {
		t.Errorf("got %q, want the two that changed", got)
	}
	if report.Added != 1 || report.Removed != 1 || report.Changed != 2 {
		t.Errorf("got %d added, %d removed, %d changed, want 1, 1 and 2", report.Added, report.Removed, report.Changed)
	}
}
