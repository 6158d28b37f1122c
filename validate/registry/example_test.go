package registry_test

import (
	"context"
	"fmt"
	"strings"

	"bdc/validate/registry"
)

func ExampleImportAccounts() {
	file := strings.NewReader("N° de compte;Nom;E-mails\n01002001;Librairie des Écoles;commandes@ecoles.example\n" +
		"L42;Autre;\n01002002;Livres;x@livres.example\n")
	accounts, report, err := registry.ImportAccounts(context.Background(), file, "libraires.csv", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Entries, report.Skipped)
	account, _ := registry.New(nil, nil, accounts).Account("1002001")
	fmt.Println(account.Number, account.Name)
	// Output:
	// 2 [ligne 3 : « L42 » n’est pas un numéro de compte]
	// 01002001 Librairie des Écoles
}
