package templates

import (
	"time"

	"bdc/order"
)

// Sample is a reply to show, or to try words on. Nobody in it exists.
type Sample struct {
	Name    string // the kind of the reply, or what is particular about it
	Reply   order.Reply
	Options Options // all but the opening hours
}

// Samples are a reply of each kind, and those that look otherwise: to a corrected
// form, and to a mail with several forms.
func Samples() []Sample {
	var (
		uai, _    = order.ParseUAI("0990011Z") // of no real département
		number    = "CNS-2026-000042"
		at        = time.Date(2026, 11, 21, 9, 12, 0, 0, time.UTC)
		sheet     = "Bon de commande"
		other     = "D-3CDFGH"
		marked    = Returned{Name: "BdC Lovelace-à corriger.xlsx", Own: true}
		formName  = Options{FormName: BlankName}
		personal  = "L’établissement nous demande d’attendre son bon d’engagement.\nRevenez vers nous dès que vous l’avez."
		normalize = order.Finding{Code: "value.normalized", Severity: order.Fixed, Field: order.ColumnQuantity, Sheet: sheet, Cell: "E28", Value: "28 ex.", Proposal: "28"}
		warning   = order.Finding{Code: "choice.unknown", Severity: order.Warning, Field: "contact_fonction", Sheet: sheet, Cell: "C22", Value: "CDI"}
	)
	form := order.Result{
		Part: "BdC Lovelace.xlsx", Sheet: sheet, Order: -1, Case: "D-7K2Q9F", Bookstore: "Librairie d’essai", Reference: "CMD-2026-0042",
		School: "Collège Ada Lovelace", UAI: uai,
	}
	of := func(kind order.ReplyKind, change func(*order.Result)) order.Result {
		r := form
		r.Kind = kind
		if change != nil {
			change(&r)
		}
		return r
	}
	ack := of(order.ReplyAck, func(r *order.Result) {
		r.Number, r.Case, r.Lines, r.Findings = number, "", sampleLines(sheet), []order.Finding{normalize, warning}
	})
	corrected := of(order.ReplyAck, func(r *order.Result) {
		r.Number, r.Lines, r.Unlisted = number, sampleLines(sheet), 2
		r.Changes = []order.Change{
			{Field: order.FieldUAI, Before: "0990011B", After: "0990011Z", Staff: true},
			{Field: order.ColumnQuantity, Row: 29, Line: "Français 5e", Before: "une dizaine", After: "12"},
			{Row: 30, Line: "Histoire 4e", Before: "3133091003036 × 3"},
		}
	})
	report := of(order.ReplyReport, func(r *order.Result) {
		r.Findings = []order.Finding{
			{Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Sheet: sheet, Cell: "C13", Value: "0990011B", Proposal: "0990011Z"},
			{Code: "line.quantity.format", Severity: order.Error, Field: order.ColumnQuantity, Sheet: sheet, Cell: "E29", Value: "une dizaine", Args: map[string]string{"maximum": "1000000"}},
			warning,
		}
	})
	unreadable := of(order.ReplyUnreadable, func(r *order.Result) {
		*r = order.Result{
			Part: "BdC Lovelace.xls", Kind: r.Kind, Order: -1, Case: other, Findings: []order.Finding{{Code: "form.unreadable.xls", Severity: order.Error}},
		}
	})
	held := of(order.ReplyHeld, func(r *order.Result) { r.Case = "D-4RTVWX" })
	duplicate := of(order.ReplyDuplicate, func(r *order.Result) { r.Number, r.Case, r.First = "CNS-2026-000007", "", at.AddDate(0, 0, -3) })

	one := func(name string, o Options, words string, results ...order.Result) Sample {
		return Sample{name, order.Reply{
			Kind: results[0].Kind, To: "commandes@librairie.example", Subject: "Commande Collège Ada Lovelace", CreatedAt: at, Results: results, Personal: words,
		}, o}
	}
	return []Sample{
		one("ack", Options{}, "", ack),
		one("corrected", Options{}, "", corrected),
		one("report", Options{Returned: map[int]Returned{0: marked}}, "", report),
		one("held", Options{}, "", held),
		one("duplicate", Options{}, "", duplicate),
		one("unreadable", formName, "", unreadable),
		one("noform", formName, "", order.Result{Kind: order.ReplyNoForm, Order: -1, Case: form.Case}),
		one("refused", Options{}, personal, of(order.ReplyRefused, nil)),
		one("letter", Options{}, personal, order.Result{Kind: order.ReplyLetter, Order: -1, Case: form.Case}),
		one("several", Options{FormName: BlankName, Returned: map[int]Returned{0: marked}}, "", report, ack, unreadable, held, duplicate),
	}
}

// sampleLines are the lines of an order.
func sampleLines(sheet string) []order.Line {
	var lines []order.Line
	for i, l := range []struct {
		ean, title string
		quantity   int
		price      order.Cents
	}{
		{"3133091001018", "Mathématiques 6e", 28, 450},
		{"3133091002022", "Français 5e", 12, 499},
	} {
		ean, _ := order.ParseEAN(l.ean) // a test holds them to it
		lines = append(lines, order.Line{
			EAN: ean, Quantity: l.quantity, Title: l.title, Duration: "1 an", Licence: "Élève", UnitPrice: &l.price, Sheet: sheet, Row: 28 + i,
		})
	}
	return lines
}
