package registry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func anAccount() order.Account {
	return order.Account{
		Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@librairie.test"},
		Domains: []string{"librairie.test"}, Postcode: "99010", Town: "Valmorin",
	}
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
		{
			"struck off",
			order.AccountEdit{Strike: []string{"shop@librairie.test", "@librairie.test", "absent@x.test"}},
			func(a *order.Account) {
				a.Emails, a.Domains, a.Hand.Struck = []string{}, []string{},
					[]string{"shop@librairie.test", "@librairie.test"}
			}, "-shop@librairie.test, -@librairie.test", "",
		},
		{"facts", order.AccountEdit{Facts: &renamed, Seen: anAccount().Facts()}, func(a *order.Account) {
			a.Name, a.Postcode, a.Hand.Facts = "Librairie nouvelle", "01000", true
		}, "Librairie nouvelle", ""},
		{"facts as they are", order.AccountEdit{Facts: new(anAccount().Facts())}, nil, "", ""},
		{
			"facts seen otherwise",
			order.AccountEdit{Facts: &renamed, Seen: order.Facts{Name: "Autre"}},
			nil, "",
			"changed meanwhile",
		},
		{"no name", order.AccountEdit{Facts: &order.Facts{}, Seen: anAccount().Facts()}, nil, "", "manque le nom"},
		{"an endless name", order.AccountEdit{
			Facts: &order.Facts{Name: strings.Repeat("é", 201)},
			Seen:  anAccount().Facts(),
		}, nil, "", "Le nom dépasse 200 caractères"},
		{
			"an endless address",
			order.AccountEdit{Add: []string{strings.Repeat("a", 250) + "@b.fr"}},
			nil, "",
			"n’est pas une adresse",
		},
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

// TestCreate: an account is created of what a person says, unless its number is
// somebody's.
func TestCreate(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	facts := order.Facts{Name: " Librairie  neuve ", Address: "1 rue du Port", Postcode: "1000", Town: "Bourg"}
	want := order.Account{
		Number: "01009009", Name: "Librairie neuve", Emails: []string{"a@neuve.test", "b@neuve.test"},
		Domains: []string{}, Address: "1 rue du Port", Postcode: "01000", Town: "Bourg",
		Hand: &order.Hand{Created: true, Added: []string{"a@neuve.test", "b@neuve.test"}, Actor: "claire", At: at},
	}
	for _, tt := range []struct {
		name string
		edit order.AccountEdit
		err  string // part of it
	}{
		{"all of it", order.AccountEdit{
			Number: "01 009 009",
			Add:    []string{"A@neuve.test", "b@neuve.test", "a@neuve.test"}, Facts: &facts,
		}, ""},
		{
			"a number that is taken",
			order.AccountEdit{Number: "01002001", Add: []string{"a@neuve.test"}, Facts: &facts},
			"existe déjà : c’est celui de « Librairie d’essai »",
		},
		{"a number that is taken but for its zeros", order.AccountEdit{
			Number: "1002001", Add: []string{"a@neuve.test"},
			Facts: &facts,
		}, "Le compte 01002001 existe déjà"},
		{"no number", order.AccountEdit{Add: []string{"a@neuve.test"}, Facts: &facts}, "n’est pas un numéro de compte"},
		{
			"zeros",
			order.AccountEdit{Number: "000", Add: []string{"a@neuve.test"}, Facts: &facts},
			"n’est pas un numéro de compte",
		},
		{
			"letters",
			order.AccountEdit{Number: "nouveau", Add: []string{"a@neuve.test"}, Facts: &facts},
			"n’est pas un numéro de compte",
		},
		{"an endless number", order.AccountEdit{
			Number: strings.Repeat("9", 16), Add: []string{"a@neuve.test"},
			Facts: &facts,
		}, "n’est pas un numéro de compte"},
		{
			"no name",
			order.AccountEdit{Number: "9", Add: []string{"a@neuve.test"}, Facts: &order.Facts{}},
			"manque le nom",
		},
		{"no address", order.AccountEdit{Number: "9", Facts: &facts}, "manque l’adresse e-mail"},
		{"endless addresses", order.AccountEdit{Number: "9", Add: hundredOne(), Facts: &facts}, "100 adresses au plus"},
		{
			"a bad address",
			order.AccountEdit{Number: "9", Add: []string{"neuve"}, Facts: &facts},
			"n’est pas une adresse",
		},
	} {
		accounts := []order.Account{anAccount()}
		tt.edit.New, tt.edit.Actor, tt.edit.At = true, "claire", at
		got, detail, err := Amend(accounts, tt.edit)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.As(err, new(*EditError)) {
				t.Errorf("%s: got error %v, want one that says %q", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil || len(got) != 2 || !reflect.DeepEqual(got[1], want) {
			t.Errorf("%s: got %+v and error %v, want %+v", tt.name, got, err, want)
		}
		if want := "01009009: nom « Librairie neuve », adresse « 1 rue du Port », code postal « 01000 », ville « " +
			"Bourg », +a@neuve.test, +b@neuve.test"; detail != want {
			t.Errorf("%s: got detail %q, want %q", tt.name, detail, want)
		}
	}
}

func hundredOne() (list []string) {
	for i := range 101 {
		list = append(list, fmt.Sprintf("a%d@neuve.test", i))
	}
	return list
}

// An account that a person created outlives an import that lacks it; once a file
// has it, it is the file's, with the addresses that were registered.
func TestImportAfterCreation(t *testing.T) {
	created, _, err := Amend([]order.Account{anAccount()}, order.AccountEdit{
		Number: "01009009", New: true,
		Add: []string{"a@neuve.test"}, Facts: &order.Facts{Name: "Neuve", Town: "Bourg"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const lacks = "Compte;Nom;E-mails\n01002001;Librairie d’essai;shop@librairie.test\n"
	for _, tt := range []struct {
		name, file string
		want       func(a order.Account) bool
		overruled  int
	}{
		{"a file that lacks it", lacks, func(a order.Account) bool { return a.Name == "Neuve" && a.Hand.Created }, 0},
		{"a file that has it", lacks + "01009009;Librairie neuve;b@neuve.test\n", func(a order.Account) bool {
			return a.Name == "Librairie neuve" && a.Town == "" &&
				strings.Join(a.Emails, " ") == "b@neuve.test a@neuve.test" && !a.Hand.Created
		}, 1},
		{"a file that has it as it is", "Compte;Nom;E-mails;Ville\n01002001;Librairie d’essai;shop@librairie.test;\n" +
			"01009009;Neuve;a@neuve.test;Bourg\n", func(a order.Account) bool { return a.Hand == nil }, 0},
	} {
		imported, _, err := ImportAccounts(context.Background(), strings.NewReader(tt.file), "libraires.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		imported = Complete(created, imported)
		var report order.Import
		if err := Diff(created, imported, &report); err != nil {
			t.Fatal(err)
		}
		if len(imported) != 2 || !tt.want(imported[1]) || report.Removed != 0 || len(report.Overruled) != tt.overruled {
			t.Errorf("%s: got %+v, %d removed, overruled %q", tt.name, imported, report.Removed, report.Overruled)
		}
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
	return strings.Join([]string{
		b.Number, b.Name, b.Address, b.Postcode, b.Town, strings.Join(b.Emails, " "),
		strings.Join(b.Domains, " "), strings.Join(hand.Added, " "), strings.Join(hand.Struck, " "), hand.Actor,
		hand.At.String(),
	}, "|")
}

// What people registered or struck off outlives an import; what else they changed
// is the file's again, and said.
func TestImportAfterHand(t *testing.T) {
	old := []order.Account{
		anAccount(),
		{Number: "01003000", Name: "Disparue", Emails: []string{}},
		{Number: "01004000", Name: "Mal nommée", Emails: []string{}},
	}
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
	const file = "Compte;Nom;E-mails;Domaines;CP;Ville\n01002001;Librairie d’essai;shop@librairie.test, " +
		"sam@ailleurs.test;librairie.test;99010;Valmorin\n01004000;Mal nommée;;;;\n01005000;Neuve;n@n.test;;;\n"
	imported, _, err := ImportAccounts(context.Background(), strings.NewReader(file), "libraires.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	imported = Complete(old, imported)
	var report order.Import
	if err := Diff(old, imported, &report); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(imported[0].Emails, " ") + "|" + strings.Join(imported[0].Domains, " ")
	if got != "shop@librairie.test sam@ailleurs.test|nouveau.test" {
		t.Errorf("got %q, want the address registered, and the domain struck off", got)
	}
	if h := imported[0].Hand; h == nil || strings.Join(h.Added, " ") != "@nouveau.test" ||
		strings.Join(h.Struck, " ") != "@librairie.test" {
		t.Errorf("got %+v, want only what the file still has otherwise", h)
	}
	if imported[1].Hand != nil || imported[1].Name != "Mal nommée" {
		t.Errorf("got %+v, want the file's facts", imported[1])
	}
	if got := strings.Join(report.Overruled, "\n"); len(report.Overruled) != 2 ||
		!strings.Contains(got, "01003000, Disparue : absent du fichier") ||
		!strings.Contains(got, "01004000, Mal nommée : nom, adresse postale ou état repris") {
		t.Errorf("got %q, want the two that changed", got)
	}
	if report.Added != 1 || report.Removed != 1 || report.Changed != 2 {
		t.Errorf("got %d added, %d removed, %d changed, want 1, 1 and 2", report.Added, report.Removed, report.Changed)
	}
}
