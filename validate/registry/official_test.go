package registry

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
)

func TestX(t *testing.T) {
	for _, f := range []string{"annuaire/fr-en-annuaire-education-lycees.csv", "annuaire/fr-en-adresse-geolocalisation-colleges.csv"} {
		b, err := os.ReadFile("../../../shared/data/" + f)
		if err != nil {
			t.Skip(err)
		}
		s, rep, err := ImportDirectory(context.Background(), bytes.NewReader(b), f, nil)
		fmt.Println(len(s), rep, err)
		for i := range 3 {
			fmt.Printf("%+v\n", s[i*500])
		}
	}
	b, _ := os.ReadFile("../../../shared/data/catalogue/idf-2021-titres.csv")
	s, rep, err := ImportCatalogue(context.Background(), bytes.NewReader(b), "c", nil)
	fmt.Println(len(s), rep, err)
	for i := range 3 {
		fmt.Printf("%+v\n", s[i*100])
	}
}
