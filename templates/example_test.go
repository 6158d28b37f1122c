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
		Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Cell: "C13", Value: "0750647X", Proposal: "0750647W",
	})
	all := strings.Join([]string{words.Wrong, "Pour corriger : " + words.Fix, words.Proposal}, "\n")
	fmt.Println(strings.ReplaceAll(all, "\u00a0", " ")) // no-break spaces, as French typography wants them
	// Output:
	// La lettre finale du code UAI ne correspond pas à ses chiffres : il s’y trouve une faute de frappe.
	// Pour corriger : Vérifiez les 7 chiffres et la lettre auprès de l’établissement ou dans l’annuaire de l’Éducation nationale.
	// Si les 7 chiffres sont justes, le code est « 0750647W ».
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
