package registry

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"bdc/order"
)

func accountsOf(ctx context.Context, text string) ([]order.Account, order.Import, error) {
	return ImportAccounts(ctx, strings.NewReader(text), "libraires.csv", nil)
}

const accountHeader = "N° de compte;Nom;E-mails;Domaines;Adresse;CP;Ville;Actif\n"

func TestAccountsOfRows(t *testing.T) {
	text := accountHeader +
		"01 002 001;Librairie des Écoles;\"A@Ecoles.example, b@ecoles.example;c@x.fr a@ecoles.example\";" +
		"@ecoles.example;1 rue A;1000;Bourg;oui\n" +
		"01002002;Fermée;;;;;;Non\n" +
		"01002001;LIBRAIRIE DES ECOLES;d@x.fr;ecoles.example autre.example;;;;\n"
	got, report := importRows(t, text, accountsOf)
	want := []order.Account{
		{
			Number: "01002001", Name: "Librairie des Écoles",
			Emails:  []string{"a@ecoles.example", "b@ecoles.example", "c@x.fr", "d@x.fr"},
			Domains: []string{"ecoles.example", "autre.example"}, Address: "1 rue A", Postcode: "01000", Town: "Bourg",
		},
		{Number: "01002002", Name: "Fermée", Inactive: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if report.Rows != 3 || report.Entries != 2 || report.SkippedN != 0 {
		t.Errorf("got %d rows, %d entries, skipped %q; want 3, 2, none", report.Rows, report.Entries, report.Skipped)
	}
}

func TestAccountsLeftOut(t *testing.T) {
	text := accountHeader + "01002001;A;;;;;;\n01002002;B;;;;;;\n"
	tests := []struct{ row, want string }{
		{"L42;X;;;;;;", "« L42 » n’est pas un numéro de compte"},
		{";X;;;;;;", "«  » n’est pas un numéro de compte"},
		{"42;;a@x.fr;;;;;", "le compte 42 n’a pas de nom"},
		{"42;X;a@x.fr b@x;;;;;", "« b@x » n’est pas une adresse e-mail"},
		{"42;X;;a@x.fr;;;;", "« a@x.fr » n’est pas un domaine"},
		{"42;X;;x.fr, Gmail.com;;;;", "« gmail.com » est ouvert à tous : inscrivez des adresses, pas ce domaine"},
		{"42;X;;;;;;parfois", "« parfois » ne dit pas si le compte est actif (oui ou non)"},
		{"01002001;Autre;a@x.fr;;;;;", "le compte 01002001 est déjà celui de « A »"},
		{"01002001;A;a@x.fr;;;;;non", "le compte 01002001 est actif sur une ligne et inactif sur une autre"},
	}
	for _, tt := range tests {
		accounts, report := importRows(t, text+tt.row+"\n", accountsOf)
		if got := strings.Join(report.Skipped, "; "); got != "ligne 4 : "+tt.want || len(accounts) != 2 ||
			accounts[0].Emails != nil {
			t.Errorf("%q: got %d accounts and %q, want 2 and %q", tt.row, len(accounts), got, tt.want)
		}
	}
}

// FuzzImportAccounts: whatever the bytes, no panic; what is kept can be stored
// and found.
func FuzzImportAccounts(f *testing.F) {
	f.Add([]byte(accountHeader + "01002001;Librairie;a@x.fr, b@x.fr;@y.fr;1 rue A;1000;Bourg;oui\n" +
		"01002001;librairie;c@x.fr;;;;;\n"))
	f.Add([]byte("compte,nom,mail\n1,A,a@x.fr\n2,B,b@x.fr\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		accounts, report, err := ImportAccounts(context.Background(), strings.NewReader(string(data)), "f.csv", nil)
		checkImport(t, accounts, report, err)
		if err != nil {
			return
		}
		reg := New(nil, nil, accounts)
		for _, a := range accounts {
			if got, known := reg.Account(a.Number); !known || got.Number != a.Number {
				t.Errorf("Account(%q): got %v, want what was imported", a.Number, got)
			}
			for _, email := range a.Emails {
				if len(reg.Accounts(email)) == 0 {
					t.Errorf("Accounts(%q): got none, want %s", email, a.Number)
				}
			}
		}
	})
}
