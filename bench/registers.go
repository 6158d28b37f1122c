package main

import (
	"fmt"
	"strings"

	"bdc/order"
	"bdc/validate/registry"
)

// How many entries the registers have.
const (
	schools     = 12_000
	booksellers = 300
)

// register is a CSV file for bdc import: the register's name and the file's text.
type register struct{ name, text string }

// registers makes the three registers. They have, among others, the schools, the titles
// and the bookseller of the first n orders.
func registers(form *order.Form, n int) []register {
	example := map[string]string{}
	for _, f := range form.Fields {
		example[f.ID] = f.Example
	}
	var directory, catalogue, accounts strings.Builder
	directory.WriteString("Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;" +
		"Adresse_1;Code_postal;Nom_commune;date_ouverture;etat\n")
	for i := range schools {
		name := fmt.Sprintf("Collège %d", i)
		postcode, town := fmt.Sprintf("75%03d", i%1000), fmt.Sprintf("Ville %d", i%977)
		if i < n {
			name = example[order.FieldEstablishment]
			postcode, town = example[order.FieldPostcode], example[order.FieldTown]
		}
		fmt.Fprintf(&directory, "%s;%s;Lycée;Public;%d rue du Tilleul;%s;%s;1975-09-01;OUVERT\n",
			uai(firstSchool+i), name, i, postcode, town)
	}
	catalogue.WriteString("EAN;Titre;Éditeur;Format;Référence offre;Durée;Licence;Quantité minimale;Prix HT;TVA\n")
	for i := range n {
		for l := range orderLines {
			code := lineEAN(i, l)
			fmt.Fprintf(&catalogue, "%s;%s;Nathan;Numérique;%[1]s_001;1 an;Élève;1;4,50;5,5\n", code, lineTitle(l))
		}
	}
	accounts.WriteString("N° de compte;Nom;E-mails;Domaines;Adresse;Code postal;Ville;Actif\n")
	fmt.Fprintf(&accounts, "%s;%s;%s;;1 rue Haute;75001;Paris;oui\n",
		example[order.FieldAccount], example[order.FieldBookseller], sender)
	for i := range booksellers {
		fmt.Fprintf(&accounts, "%08d;Librairie %d;librairie%[2]d@test.local;;%[2]d rue Haute;75001;Paris;oui\n",
			2_000_000+i, i)
	}
	return []register{
		{registry.Directory, directory.String()},
		{registry.Catalogue, catalogue.String()},
		{registry.Accounts, accounts.String()},
	}
}
