package templates

import (
	"slices"
	"time"

	"bdc/order"
)

// Sample is an invented reply, for previews and for trying out templates. The people and
// schools in it don't exist.
type Sample struct {
	Name    string // the kind of the reply, or what is special about it
	Reply   order.Reply
	Options Options // OpeningHours is 0: whoever renders the sample sets it
}

// Samples returns a reply to a bookseller of each kind and of each variant of a kind.
// Together they execute every branch of the embedded templates.
func Samples() []Sample {
	var (
		uai, _   = order.ParseUAI("0990011Z") // of no real département
		number   = "CNS-2026-000042"
		at       = time.Date(2026, 11, 21, 9, 12, 0, 0, time.UTC)
		sheet    = "Bon de commande"
		other    = "D-3CDFGH"
		marked   = Enclosure{Name: "BdC Lovelace-à corriger.xlsx", Own: true}
		filled   = Enclosure{Name: "BdC_Interforum_Librairie_CNS-à corriger.xlsx"}
		formName = Options{FormName: BlankName}
		personal = "L’établissement nous demande d’attendre son bon d’engagement.\n" +
			"Revenez vers nous dès que vous l’avez."
		normalize = order.Finding{
			Code: "value.normalized", Severity: order.Fixed, Field: order.ColumnQuantity, Sheet: sheet, Cell: "E28",
			Value: "28 ex.", Proposal: "28",
		}
		warning = order.Finding{
			Code: "choice.unknown", Severity: order.Warning, Field: "contact_fonction", Sheet: sheet, Cell: "C22",
			Value: "CDI",
		}
		key = order.Finding{
			Code: "uai.key", Severity: order.Error, Field: order.FieldUAI, Sheet: sheet, Cell: "C13", Value: "0990011B",
			Proposal: "0990011Z",
		}
	)
	form := order.Result{
		Part: "BdC Lovelace.xlsx", Sheet: sheet, Order: -1, Case: "D-7K2Q9F", Bookstore: "Librairie d’essai",
		Reference: "CMD-2026-0042",
		School:    "Collège Ada Lovelace", UAI: uai,
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
			{Row: 31, Line: "Anglais 3e", After: "3133091004040 × 5"},
		}
	})
	outdated := of(order.ReplyAck, func(r *order.Result) {
		r.Number, r.Case, r.Lines = number, "", sampleLines(sheet)
		r.Lines[0].ListPrice, r.Lines[1].UnitPrice = r.Lines[0].UnitPrice, nil
		r.Lines[0].ListTitle = "MATHEMATIQUES MISSION INDIGO 6E - ED. 2020"
		r.Findings = []order.Finding{
			{
				Code: "form.label.read", Severity: order.Fixed, Field: order.FieldUAI, Sheet: sheet, Cell: "A13",
				Proposal: "UAI",
			},
			{
				Code: "line.price.mismatch", Severity: order.Warning, Field: order.ColumnPrice, Sheet: sheet,
				Cell: "H28", Value: "4,20", Proposal: "4,50 €",
			},
			{Code: "form.template.outdated", Severity: order.Warning, Sheet: sheet},
		}
	})
	report := of(order.ReplyReport, func(r *order.Result) {
		r.Findings = []order.Finding{
			key,
			{
				Code: "line.quantity.format", Severity: order.Error, Field: order.ColumnQuantity, Sheet: sheet,
				Cell: "E29", Value: "une dizaine", Args: map[string]string{"maximum": "1000000"},
			},
			warning,
		}
	})
	offered := of(order.ReplyReport, func(r *order.Result) {
		r.Offered = true
		r.Findings = []order.Finding{key, {
			Code: "line.ean.missing", Severity: order.Error, Field: order.ColumnEAN, Sheet: sheet, Cell: "A29",
			Proposal: "3133091002022", Args: map[string]string{"title": "Français 5e"},
		}}
	})
	refilled := of(order.ReplyReport, func(r *order.Result) { r.Offered, r.Findings = true, []order.Finding{key} })
	apart := of(order.ReplyReport, func(r *order.Result) {
		r.Findings = []order.Finding{
			{Code: "field.missing", Severity: order.Error, Field: order.FieldContactMail, Sheet: sheet},
			{
				Code: "postcode.format", Severity: order.Error, Field: order.FieldPostcode, Sheet: "Établissement",
				Cell: "B4", Value: "9900",
			},
		}
	})
	unreadable := of(order.ReplyUnreadable, func(r *order.Result) {
		*r = order.Result{
			Part: "BdC Lovelace.xls", Kind: r.Kind, Order: -1, Case: other,
			Findings: []order.Finding{{Code: "form.unreadable.xls", Severity: order.Error}},
		}
	})
	held := of(order.ReplyHeld, func(r *order.Result) { r.Case = "D-4RTVWX" })
	lettered := of(order.ReplyHeld, func(r *order.Result) {
		r.Findings = []order.Finding{{Code: codeLetter, Severity: order.Hold, Value: "Plutôt 25 pour les 5e."}}
	})
	duplicate := of(order.ReplyDuplicate,
		func(r *order.Result) { r.Number, r.Case, r.First = "CNS-2026-000007", "", at.AddDate(0, 0, -3) })

	// More lines and findings than a mail lists. They are all alike, so that the trial of
	// templates finds what each says in those that are listed.
	long := of(order.ReplyAck, func(r *order.Result) {
		r.Number, r.Case, r.Lines = number, "", slices.Repeat(sampleLines(sheet)[:1], maxLines+1)
	})
	unpriced := func(r *order.Result) {
		r.Number, r.Case, r.Lines = "CNS-2026-000043", "", sampleLines(sheet)[:1]
		r.Lines[0].UnitPrice = nil
	}
	many := func(r *order.Result) { r.Findings = slices.Repeat([]order.Finding{key}, maxPoints+1) }

	one := func(name string, o Options, words string, results ...order.Result) Sample {
		return Sample{name, order.Reply{
			Kind: results[0].Kind, To: "commandes@librairie.example", Subject: "Commande Collège Ada Lovelace",
			CreatedAt: at, Results: results, Personal: words,
		}, o}
	}
	return []Sample{
		one("ack", Options{}, "", ack),
		one("corrected", Options{}, "", corrected),
		one("outdated",
			Options{Enclosures: map[int]Enclosure{0: {Name: "BdC_Interforum_Librairie_CNS-" + number + ".xlsx"}}}, "",
			outdated),
		one("report", Options{Enclosures: map[int]Enclosure{0: marked}}, "", report),
		one("offered", Options{Enclosures: map[int]Enclosure{0: marked}}, "", offered),
		one("filled", Options{Enclosures: map[int]Enclosure{0: filled}}, "", refilled),
		one("held", Options{}, "", held),
		one("held-letter", Options{}, "", lettered),
		one("duplicate", Options{}, "", duplicate),
		one("unreadable", formName, "", unreadable),
		one("noform", formName, "", order.Result{Kind: order.ReplyNoForm, Order: -1, Case: form.Case}),
		one("refused", Options{}, personal, of(order.ReplyRefused, nil)),
		one("letter", Options{}, personal, order.Result{Kind: order.ReplyLetter, Order: -1, Case: form.Case}),
		one("several", Options{FormName: BlankName, Enclosures: map[int]Enclosure{0: marked}}, "", apart, ack,
			unreadable, held, duplicate),
		one("long", Options{}, "", long, of(order.ReplyAck, unpriced), of(order.ReplyReport, many),
			of(order.ReplyReport, many)),
		one("long-marked", Options{Enclosures: map[int]Enclosure{0: marked, 1: marked}}, "",
			of(order.ReplyReport, many), of(order.ReplyReport, many)),
	}
}

// sampleLines returns the lines of an order.
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
		ean, _ := order.ParseEAN(l.ean) // a test makes sure that they parse
		lines = append(lines, order.Line{
			EAN: ean, Quantity: l.quantity, Title: l.title, Duration: "1 an", Licence: "Élève", UnitPrice: &l.price,
			VAT: order.SingleVAT(55), Sheet: sheet, Row: 28 + i,
		})
	}
	return lines
}

// StaffSamples returns a mail to staff of each kind: a digest of a day with trouble and one
// of a day without, and for each cause of alerts the alert and the mail that says it is
// over. For an outbox that can't send (order.CauseOutbox) there is only the latter, since
// the alert itself could not be sent.
func StaffSamples() []Sample {
	until := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return until.Add(-d) }
	busy := order.Digest{
		BackedUp: ago(6 * time.Hour),
		From:     ago(24 * time.Hour), Until: until, Received: 61, Accepted: 48, SentBack: 7, Held: 3, Repeated: 1,
		Bounced: 2, Failed: 1,
		Waiting: 2, Oldest: ago(75 * time.Hour), Hours: 72, Late: 1, Near: 1, Unsent: 4,
		Cases: []order.DigestRow{
			{
				Name: "D-7K2Q9F", Since: ago(75 * time.Hour), Bookseller: "Librairie d’essai",
				School: "Collège Ada Lovelace", Subject: "Commande Collège Ada Lovelace",
			},
			{
				Name: "D-4RTVWX", Since: ago(20 * time.Minute), Bookseller: "contact@librairie.example",
				Subject: "Ouverture de compte",
			},
		},
		LateRows: []order.DigestRow{
			{
				Name: "CNS-2026-000007", Since: ago(80 * time.Hour), Bookseller: "Librairie d’essai",
				School: "Collège Ada Lovelace",
			},
		},
		NearRows: []order.DigestRow{
			{
				Name: "CNS-2026-000042", Since: ago(65 * time.Hour), Bookseller: "Librairie d’essai",
				School: "Lycée Grace Hopper",
			},
		},
		Troubles: []order.Alert{
			{Cause: order.CauseInbox, Begun: ago(3 * time.Hour), Words: "535 5.7.8 authentication failed"},
			{
				Cause: order.CauseOutbox, Begun: ago(11 * time.Hour), Ended: ago(10*time.Hour + 20*time.Minute),
				Words: "connection refused",
			},
		},
	}
	calm := order.Digest{From: ago(24 * time.Hour), Until: until, Received: 12, Accepted: 12, Hours: 72}
	samples := []Sample{
		{Name: "digest", Reply: order.Reply{Kind: order.ReplyDigest, Digest: &busy}},
		{Name: "digest-calm", Reply: order.Reply{Kind: order.ReplyDigest, Digest: &calm}},
	}
	for _, cause := range order.Causes() {
		a := order.Alert{Cause: cause, Begun: ago(2 * time.Hour), Words: sampleWords(cause)}
		over := a
		over.Ended = until
		if cause != order.CauseOutbox {
			samples = append(samples, Sample{
				Name: "alert-" + string(cause), Reply: order.Reply{Kind: order.ReplyAlert, Alert: &a},
			})
		}
		samples = append(samples, Sample{
			Name: "alert-" + string(cause) + "-over", Reply: order.Reply{Kind: order.ReplyAlert, Alert: &over},
		})
	}
	return samples
}

// sampleWords returns what a mail server, or our own measuring, says about a trouble.
func sampleWords(cause order.Cause) string {
	switch cause {
	case order.CauseInbox, order.CauseRefused, order.CauseOutbox:
		return "535 5.7.8 authentication failed"
	case order.CauseMoves:
		return "NO [OVERQUOTA] Quota exceeded"
	case order.CauseBacklog:
		return "1200 messages à traiter"
	case order.CauseFetch:
		return "1 message que le serveur ne livre pas"
	case order.CauseOwner:
		return "la boîte nomme la génération 312, et ce fichier la génération 287"
	case order.CauseDisk:
		return "180 Mo libres sur le disque des données"
	case order.CauseData:
		return "the data file can't be written: write bdc.db: no space left on device"
	case order.CausePlace:
		return "the data file is no longer in its place: another file is at bdc.db"
	case order.CauseBackup:
		return "stat /var/backups/bdc: no such file or directory"
	}
	return ""
}
