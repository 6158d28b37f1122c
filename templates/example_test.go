package templates_test

import (
	"fmt"
	"strings"

	"bdc/order"
	"bdc/templates"
)

func ExampleExplain() {
	form, err := templates.Form()
	if err != nil {
		fmt.Println(err)
		return
	}
	words := templates.Explain(form, order.Finding{
		Code: "line.ean.key", Severity: order.Error, Field: order.ColumnEAN, Cell: "A28",
		Value: "3133091001019", Proposal: "3133091001018", Args: map[string]string{"title": "Mathématiques 6e"},
	})
	all := strings.Join([]string{words.Wrong, "Pour corriger : " + words.Fix, words.Proposal}, "\n")
	fmt.Println(strings.ReplaceAll(all, "\u00a0", " ")) // no-break spaces, as French typography wants them
	// Output:
	// Le dernier chiffre de l’EAN ne correspond pas aux précédents : il s’y trouve une faute de frappe.
	// Pour corriger : Vérifiez les 13 chiffres de l’EAN au catalogue.
	// Il s’agit peut-être de « 3133091001018 » (Mathématiques 6e).
}

func ExampleRenderer_Render() {
	form, err := templates.Form()
	if err != nil {
		fmt.Println(err)
		return
	}
	renderer, err := templates.NewRenderer(form)
	if err != nil {
		fmt.Println(err)
		return
	}
	reply := order.Reply{
		Kind: order.ReplyHeld, Subject: "RE: Commande Lycée Turgot",
		Results: []order.Result{{Kind: order.ReplyHeld, Case: "D-7K2Q9F", School: "Lycée Turgot"}},
	}
	subject, text, _, err := renderer.Render(reply, templates.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(subject)
	fmt.Println(strings.Split(text, "\n")[2])
	// Output:
	// [En cours d’examen D-7K2Q9F] Re: Commande Lycée Turgot
	// Nous avons bien reçu votre commande et nous vous en remercions.
}
