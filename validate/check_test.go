package validate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bdc/order"
	"bdc/templates"
	"bdc/validate/school"
)

// book is a registry of a few invented entries.
type book struct {
	schools  []order.School
	titles   []order.Title
	accounts []order.Account
	has      []string
}

func (b *book) Has(register string) bool { return slices.Contains(b.has, register) }

func (b *book) Schools(uai order.UAI) (sites []order.School, known bool) {
	for _, s := range b.schools {
		if s.UAI == uai {
			sites = append(sites, s)
		}
	}
	return sites, len(sites) > 0
}

func (b *book) Nearby(q school.Query) (found []order.School) {
	wanted := school.NewWanted(q)
	for _, s := range b.schools {
		if wanted.Compare(&s, school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town)).Plausible() {
			found = append(found, s)
		}
	}
	return found
}

func (b *book) Title(ean order.EAN) (order.Title, *order.Offer, bool) {
	for _, t := range b.titles {
		if t.EAN == ean {
			return t, nil, true
		}
		for i := range t.Offers {
			if t.Offers[i].EAN == ean {
				return t, &t.Offers[i], true
			}
		}
	}
	return order.Title{}, nil, false
}

func (b *book) Offer(reference string) (order.Title, *order.Offer, bool) {
	for _, t := range b.titles {
		for i := range t.Offers {
			if t.Offers[i].Reference == reference {
				return t, &t.Offers[i], true
			}
		}
	}
	return order.Title{}, nil, false
}

func (b *book) TitlesLike(name string) (found []order.Title) {
	for _, t := range b.titles {
		if titleOf(t.Name).like(titleOf(name)).whole > 0 {
			found = append(found, t)
		}
	}
	return found
}

func (b *book) Account(number string) (order.Account, bool) {
	for _, a := range b.accounts {
		if strings.TrimLeft(a.Number, "0") == strings.TrimLeft(number, "0") {
			return a, true
		}
	}
	return order.Account{}, false
}

func (b *book) Accounts(email string) (found []order.Account) {
	for _, a := range b.accounts {
		if slices.Contains(a.Emails, email) {
			found = append(found, a)
		}
	}
	return found
}

const (
	goodUAI     = "0750647W"
	privateUAI  = "0750003W"
	unknownUAI  = "0750001U"
	goodEAN     = "3133091195199"
	offerEAN    = "9782091194264"
	offerRef    = "9782091194264_001"
	physicalEAN = "9782091650012"
	unknownEAN  = "9782091650029"
	goodAccount = "01002001"
	deadAccount = "01002002"
	goodMail    = "commandes@librairie.example"
)

func testBook(t testing.TB) *book {
	t.Helper()
	return &book{
		schools: []order.School{
			{
				UAI: mustUAI(t, goodUAI), Name: "Lycée Turgot", Kind: "Lycée", Sector: "public", Postcode: "75003",
				Town: "Paris",
			},
			{
				UAI: mustUAI(t, privateUAI), Name: "Lycée Sainte-Anne", Kind: "Lycée", Sector: "privé",
				Postcode: "75006",
				Town:     "Paris 6e Arrondissement",
			},
		},
		titles: []order.Title{
			{EAN: mustEAN(t, goodEAN), Name: "Physique-Chimie 2de", Publisher: "Nathan", Offers: []order.Offer{
				{Reference: offerRef, EAN: mustEAN(t, offerEAN)},
			}},
			{
				EAN: mustEAN(t, physicalEAN), Name: "Manuel papier", Physical: true,
				Offers: []order.Offer{{Reference: "papier"}},
			},
		},
		accounts: []order.Account{
			{Number: goodAccount, Name: "Librairie des Écoles", Emails: []string{goodMail}},
			{Number: deadAccount, Name: "Librairie fermée", Emails: []string{goodMail}, Inactive: true},
		},
		has: []string{Directory, Catalogue, Accounts},
	}
}

func mustUAI(t testing.TB, s string) order.UAI {
	t.Helper()
	u, err := order.ParseUAI(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func mustEAN(t testing.TB, s string) order.EAN {
	t.Helper()
	e, err := order.ParseEAN(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func testForm(t testing.TB) *order.Form {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// goodDraft is a draft without a fault, of n lines: header values in column C,
// lines from row 31 on.
func goodDraft(form *order.Form, n int) *order.Draft {
	d := &order.Draft{
		Part: "bon.xlsx", Sheet: "BdC", Template: form.Version,
		Fields: map[string]order.Cell{}, Labels: map[string]order.Cell{}, Inputs: map[string]string{},
	}
	values := map[string]string{
		order.FieldBookseller: "Librairie des Écoles", order.FieldAccount: goodAccount, order.FieldBookMail: goodMail,
		order.FieldReference: "CMD-42", order.FieldDate: "15/06/2026", order.FieldUAI: goodUAI,
		order.FieldEstablishment: "Lycée Turgot", order.FieldAddress: "69 rue de Turbigo", order.FieldPostcode: "75003",
		order.FieldTown: "Paris", order.FieldSector: "Public", "contact_nom": "Dupont",
		order.FieldContactMail: "h.dupont@ac-paris.fr",
	}
	for i, field := range form.Fields {
		ref := fmt.Sprintf("C%d", i+3)
		d.Labels[field.ID] = order.Cell{Sheet: "BdC", Ref: fmt.Sprintf("B%d", i+3), Text: field.Label}
		d.Inputs[field.ID] = ref
		if v := values[field.ID]; v != "" {
			d.Fields[field.ID] = order.Cell{Sheet: "BdC", Ref: ref, Text: v}
		}
	}
	for i, column := range form.Columns {
		d.Labels[column.ID] = order.Cell{Sheet: "BdC", Ref: fmt.Sprintf("%c30", 'B'+i), Text: column.Label}
	}
	for i := range n {
		d.Lines = append(d.Lines, goodLine(d, 31+i))
	}
	return d
}

func goodLine(d *order.Draft, row int) order.DraftLine {
	l := order.DraftLine{Sheet: "BdC", Row: row, Cells: map[string]order.Cell{}}
	set := func(id, text string, kind order.Kind) {
		letters := strings.TrimRight(d.Labels[id].Ref, "0123456789")
		l.Cells[id] = order.Cell{Sheet: "BdC", Ref: fmt.Sprint(letters, row), Text: text, Kind: kind}
	}
	set(order.ColumnEAN, "3.133091195199E12", order.KindNumber)
	set(order.ColumnTitle, "PHYSIQUE-CHIMIE SIRIUS 2DE", order.KindText)
	set(order.ColumnPublisher, "Nathan", order.KindText)
	set(order.ColumnQuantity, "30", order.KindNumber)
	set(order.ColumnDuration, "1 an", order.KindText)
	set(order.ColumnLicence, "Élève", order.KindText)
	set(order.ColumnPrice, "7.4000000000000004", order.KindNumber)
	set(order.ColumnRemark, fmt.Sprint("2de ", row), order.KindText) // without which the lines would repeat each other
	return l
}

// told sums findings up as "code field value proposal".
func told(findings []order.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Code, f.Field, f.Value, f.Proposal)))
	}
	return list
}

// TestCheck walks through what one change to a good draft of two lines does.
func TestCheck(t *testing.T) {
	form := testForm(t)
	type change func(d *order.Draft, b *book, s *Sender)
	set := func(id, text string) change {
		return func(d *order.Draft, _ *book, _ *Sender) {
			if text == "" {
				delete(d.Fields, id)
				return
			}
			d.Fields[id] = order.Cell{Sheet: "BdC", Ref: d.Inputs[id], Text: text}
		}
	}
	all := func(changes ...change) change {
		return func(d *order.Draft, b *book, s *Sender) {
			for _, c := range changes {
				c(d, b, s)
			}
		}
	}
	line := func(id, text string, kind order.Kind) change {
		return func(d *order.Draft, _ *book, _ *Sender) {
			cell := d.Lines[1].Cells[id]
			if text == "" {
				delete(d.Lines[1].Cells, id)
				return
			}
			ref := strings.TrimRight(d.Labels[id].Ref, "0123456789") + "32"
			cell.Sheet, cell.Ref, cell.Text, cell.Kind = "BdC", ref, text, kind
			d.Lines[1].Cells[id] = cell
		}
	}
	without := func(register string) change {
		return func(_ *order.Draft, b *book, _ *Sender) {
			b.has = slices.DeleteFunc(b.has, func(s string) bool { return s == register })
			switch register {
			case Accounts:
				b.accounts = nil
			case Directory:
				b.schools = nil
			case Catalogue:
				b.titles = nil
			}
		}
	}
	sender := func(email string, anyone bool) change {
		return func(_ *order.Draft, _ *book, s *Sender) { *s = Sender{email, anyone} }
	}

	tests := []struct {
		name   string
		change change
		want   []string
	}{
		{"nothing", all(), nil},

		{"no UAI", set(order.FieldUAI, ""), []string{"uai.missing uai  0750647W"}},
		{"a dash for a UAI", set(order.FieldUAI, "-"), []string{"uai.missing uai - 0750647W"}},
		{"lower case UAI", set(order.FieldUAI, " 0750647w "), []string{"value.normalized uai  0750647w  0750647W"}},
		{"wrong letter", set(order.FieldUAI, "0750647A"), []string{"uai.key uai 0750647A 0750647W"}},
		{"short UAI", set(order.FieldUAI, "750647W"), []string{"uai.format uai 750647W 0750647W"}},
		{
			"right key, not in the directory", set(order.FieldUAI, unknownUAI),
			[]string{"uai.unknown uai 0750001U 0750647W"},
		},
		{"no directory", all(set(order.FieldUAI, unknownUAI), without(Directory)), nil},
		{
			"no UAI, box ticked", all(set(order.FieldUAI, ""), set(order.FieldNoUAI, "x")),
			[]string{"uai.none sans_uai x"},
		},
		{
			"no UAI, box says no", all(set(order.FieldUAI, ""), set(order.FieldNoUAI, "Non")),
			[]string{"uai.missing uai  0750647W"},
		},
		{"a UAI, and the box", set(order.FieldNoUAI, "Oui"), []string{"uai.none sans_uai Oui"}},
		{"its own UAI once more", set(order.FieldReference, "CMD 0750647W"), nil},
		{
			"wrong UAI and the box", all(set(order.FieldUAI, "0750647A"), set(order.FieldNoUAI, "Oui")),
			[]string{"uai.key uai 0750647A 0750647W"},
		},
		{"abroad, with a foreign code", all(set(order.FieldUAI, ""), set(order.FieldNoUAI, "Oui"),
			set(order.FieldPostcode, "SW7 2DG")), []string{"uai.none sans_uai Oui"}},
		{"abroad, without any code", all(set(order.FieldUAI, ""), set(order.FieldNoUAI, "Oui"),
			set(order.FieldPostcode, "")), []string{"uai.none sans_uai Oui"}},
		{
			"foreign code with a UAI", set(order.FieldPostcode, "SW7 2DG"),
			[]string{"postcode.format etablissement_code_postal SW7 2DG"},
		},

		{"no town", set(order.FieldTown, ""), []string{"value.completed etablissement_ville  Paris"}},
		{"contact's mail missing", set(order.FieldContactMail, ""), []string{"field.missing contact_email"}},
		{"school's mail instead", all(set(order.FieldContactMail, ""),
			set(order.FieldSchoolMail, "ce.0750647w@ac-paris.fr")), nil},
		{"no reference", set(order.FieldReference, ""), []string{"reference.missing libraire_reference"}},
		{"#N/A in a required field", func(d *order.Draft, _ *book, _ *Sender) {
			d.Fields[order.FieldTown] = order.Cell{
				Sheet: "BdC", Ref: d.Inputs[order.FieldTown], Text: "#N/A", Kind: order.KindError,
			}
		}, []string{"value.completed etablissement_ville #N/A Paris"}},
		{
			"another template", func(d *order.Draft, _ *book, _ *Sender) { d.Template = "BDC-2019.1" },
			[]string{"form.template.outdated  BDC-2019.1"},
		},
		{"no template", func(d *order.Draft, _ *book, _ *Sender) { d.Template = "" }, nil},

		{
			"account with a letter", set(order.FieldAccount, "A1002001"),
			[]string{"account.format libraire_compte A1002001"},
		},
		{
			"account in groups", set(order.FieldAccount, "01 002 001"),
			[]string{"value.normalized libraire_compte 01 002 001 01002001"},
		},
		{
			"account without its zero", set(order.FieldAccount, "1002001"),
			[]string{"value.normalized libraire_compte 1002001 01002001"},
		},
		{
			"account in groups without its zero", set(order.FieldAccount, "1.002.001"),
			[]string{"value.normalized libraire_compte 1.002.001 01002001"},
		},
		{
			"unknown account", set(order.FieldAccount, "99999"),
			[]string{"bookseller.account.unknown libraire_compte 99999"},
		},
		{"unknown account, any sender", all(set(order.FieldAccount, "99999"), sender("x@y.fr", true)), nil},
		{"no accounts imported", without(Accounts), []string{"bookseller.account.unknown libraire_compte 01002001"}},
		{
			"inactive account", set(order.FieldAccount, deadAccount),
			[]string{"bookseller.account.inactive libraire_compte 01002002"},
		},
		{"inactive account, any sender", all(set(order.FieldAccount, deadAccount), sender("x@y.fr", true)), nil},
		{
			"unregistered sender", sender("x@y.fr", false),
			[]string{"bookseller.sender.unregistered libraire_compte 01002001"},
		},
		{"unregistered sender, any", sender("x@y.fr", true), nil},
		{
			"unregistered sender without account", all(sender("x@y.fr", false), set(order.FieldAccount, "")),
			[]string{"field.missing libraire_compte"},
		},

		{"EAN of an offer", line(order.ColumnEAN, offerEAN, order.KindText), nil},
		{
			"EAN in groups", line(order.ColumnEAN, "313 3091 195 199", order.KindText),
			[]string{"value.normalized line_ean 313 3091 195 199 3133091195199"},
		},
		{
			"EAN with a wrong digit", line(order.ColumnEAN, "3133091195198", order.KindText),
			[]string{"line.ean.key line_ean 3133091195198 3133091195199"},
		},
		{
			"unknown EAN", line(order.ColumnEAN, unknownEAN, order.KindText),
			[]string{"line.ean.unknown line_ean 9782091650029 3133091195199"},
		},
		{
			"unknown EAN without a catalogue", all(line(order.ColumnEAN, unknownEAN, order.KindText),
				without(Catalogue)),
			nil,
		},
		{
			"lost EAN", line(order.ColumnEAN, "3,13E+12", order.KindText),
			[]string{"line.ean.lost line_ean 3,13E+12 3133091195199"},
		},
		{
			"paper book", line(order.ColumnEAN, physicalEAN, order.KindText),
			[]string{"line.product.physical line_ean 9782091650012"},
		},
		{"no EAN", line(order.ColumnEAN, "", 0), []string{"line.ean.missing line_ean  3133091195199"}},
		{
			"offer instead of EAN", all(line(order.ColumnEAN, "", 0),
				line(order.ColumnOffer, offerRef, order.KindText)),
			nil,
		},
		{"unknown offer instead of EAN", all(line(order.ColumnEAN, "", 0),
			line(order.ColumnOffer, "9_9", order.KindText)), []string{"line.offer.unknown line_offre 9_9"}},
		{"unknown offer beside an EAN", line(order.ColumnOffer, "Offre élève", order.KindText), []string{
			"value.normalized line_offre Offre élève Offreélève", "line.offer.ignored line_offre Offre élève",
		}},
		{
			"unknown offer beside an unknown EAN", all(line(order.ColumnEAN, unknownEAN, order.KindText),
				line(order.ColumnOffer, "9_9", order.KindText)),
			[]string{"line.ean.unknown line_ean 9782091650029 3133091195199"},
		},
		{
			"offer of a paper book", all(line(order.ColumnEAN, "", 0),
				line(order.ColumnOffer, "papier", order.KindText)),
			[]string{"line.product.physical line_offre papier"},
		},
		{"#N/A as offer", line(order.ColumnOffer, "#N/A", order.KindError), []string{"value.error line_offre #N/A"}},
		{"#N/A as title", line(order.ColumnTitle, "#N/A", order.KindError), nil},
		{"no quantity", line(order.ColumnQuantity, "", 0), []string{"line.quantity.missing line_quantite"}},
		{
			"quantity of none", line(order.ColumnQuantity, "0", order.KindNumber),
			[]string{"line.quantity.format line_quantite 0"},
		},
		{
			"quantity with its word", line(order.ColumnQuantity, "10 ex.", order.KindText),
			[]string{"value.normalized line_quantite 10 ex. 10"},
		},
		{
			"duration by its number", line(order.ColumnDuration, "3", order.KindNumber),
			[]string{"value.normalized line_duree 3 3 ans"},
		},
		{
			"unknown duration", line(order.ColumnDuration, "7 ans", order.KindText),
			[]string{"choice.unknown line_duree 7 ans"},
		},
		{
			"price in words", line(order.ColumnPrice, "voir devis", order.KindText),
			[]string{"line.price.format line_prix_ht voir devis"},
		},
		{
			"price in euros", line(order.ColumnPrice, "7,40 €", order.KindText),
			[]string{"value.normalized line_prix_ht 7,40 € 7,40"},
		},
		{"no line", func(d *order.Draft, _ *book, _ *Sender) { d.Lines = nil }, []string{"form.lines.none line_ean"}},
		{"no line, as the reader said", func(d *order.Draft, _ *book, _ *Sender) {
			d.Lines, d.Findings = nil, []order.Finding{{Code: CodeNoLines, Severity: order.Error}}
		}, []string{"form.lines.none"}},
		{
			"the same line twice, for one class", line(order.ColumnRemark, "2de 31", order.KindText),
			[]string{"line.repeated line_ean 3.133091195199E12"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, b, s := goodDraft(form, 2), testBook(t), Sender{Email: goodMail}
			tt.change(d, b, &s)
			o, findings, verdict := Check(form, d, b, s, Policy{})
			if got := told(findings); !slices.Equal(got, tt.want) {
				t.Errorf("findings: got %q, want %q", got, tt.want)
			}
			if want := order.Judge(findings); verdict != want || o.Verdict != want {
				t.Errorf("verdict: got %q and %q, want %q", verdict, o.Verdict, want)
			}
			for _, f := range findings[len(d.Findings):] {
				want := d.Inputs[f.Field]
				if strings.HasPrefix(string(f.Code), "line.") || strings.HasPrefix(f.Field, "line_") &&
					f.Code != CodeNoLines {
					want = strings.TrimRight(d.Labels[f.Field].Ref, "0123456789") + "32"
				} else if f.Code == CodeNoLines {
					want = d.Labels[order.ColumnEAN].Ref
				}
				if f.Sheet != "BdC" || f.Cell != want {
					t.Errorf("place of %s: got %s!%s, want BdC!%s", f.Code, f.Sheet, f.Cell, want)
				}
			}
		})
	}
}

func TestCheckMakesTheOrder(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	d.Fields[order.FieldSector] = order.Cell{Text: "Privé"}
	d.Lines[0].Cells[order.ColumnTitle] = order.Cell{Text: " "}
	o, findings, verdict := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	if want := "[establishment.sector.mismatch etablissement_statut Privé]"; verdict != order.Accepted ||
		fmt.Sprint(told(findings)) != want {
		t.Fatalf("verdict: got %s with %v, want accepted with %s", verdict, told(findings), want)
	}
	if len(o.Fields) != len(form.Fields) {
		t.Errorf("fields: got %d, want every one of %d", len(o.Fields), len(form.Fields))
	}
	for id, want := range map[string]string{
		order.FieldDate: "2026-06-15", order.FieldSector: "Privé", order.FieldNoUAI: "",
		order.FieldEstablishment: "Lycée Turgot",
	} {
		if got := o.Fields[id]; got != want {
			t.Errorf("field %s: got %q, want %q", id, got, want)
		}
	}
	got := fmt.Sprint(o.Part, " ", o.Account, " ", o.Reference, " ", o.UAI, " ", o.Establishment, " ", o.Postcode, " ",
		o.Town, " ", o.Sector)
	if want := "bon.xlsx 01002001 CMD-42 0750647W Lycée Turgot 75003 Paris privé"; got != want {
		t.Errorf("order: got %q, want %q", got, want)
	}
	if len(o.Lines) != 1 {
		t.Fatalf("lines: got %d, want 1", len(o.Lines))
	}
	l := o.Lines[0]
	if l.UnitPrice == nil || *l.UnitPrice != 740 {
		t.Errorf("price: got %v, want 740 cents", l.UnitPrice)
	}
	l.UnitPrice = nil
	want := order.Line{
		EAN: mustEAN(t, goodEAN), Quantity: 30, Title: "Physique-Chimie 2de", Publisher: "Nathan", Duration: "1 an",
		Licence: "Élève",
		Offer:   offerRef, Remark: "2de 31", Sheet: "BdC", Row: 31,
	}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("line: got %+v, want %+v", l, want)
	}
}

// TestSector: the form says it, else the directory.
func TestSector(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct {
		typed, uai, want string
		differs          bool
	}{
		{"Public", privateUAI, "public", true},
		{"privé sous contrat", goodUAI, "privé", true},
		{"public", goodUAI, "public", false},
		{"", privateUAI, "privé", false},
		{"", goodUAI, "public", false},
		{"", unknownUAI, "", false},
		{"agricole", privateUAI, "privé", false},
	} {
		d := goodDraft(form, 1)
		d.Fields[order.FieldSector] = order.Cell{Text: tt.typed}
		d.Fields[order.FieldUAI] = order.Cell{Text: tt.uai}
		o, findings, _ := Check(form, d, testBook(t), Sender{Any: true}, Policy{})
		if o.Sector != tt.want {
			t.Errorf("sector of %q at %s: got %q, want %q", tt.typed, tt.uai, o.Sector, tt.want)
		}
		said := slices.ContainsFunc(findings, func(f order.Finding) bool {
			return f.Code == CodeSector && f.Severity == order.Warning
		})
		if said != tt.differs {
			t.Errorf("sector of %q at %s: got %v, want the difference said: %t", tt.typed, tt.uai, told(findings),
				tt.differs)
		}
	}
}

// TestTypedTextStays: what could not be read is shown to people as it was typed.
func TestTypedTextStays(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	d.Fields[order.FieldUAI] = order.Cell{Text: " 07-50647 A"}
	d.Fields[order.FieldAccount] = order.Cell{Text: "compte à créer"}
	o, _, verdict := Check(form, d, nil, Sender{}, Policy{})
	if verdict != order.Rejected {
		t.Errorf("verdict: got %s, want rejected", verdict)
	}
	if got, want := o.Fields[order.FieldUAI], " 07-50647 A"; got != want {
		t.Errorf("UAI field: got %q, want %q", got, want)
	}
	if !o.UAI.IsZero() || o.Account != "" {
		t.Errorf("UAI and account: got %q and %q, want none", o.UAI, o.Account)
	}
}

// TestCheckWithoutRegistry: with nothing imported, look-ups are silent and no
// account is known.
func TestCheckWithoutRegistry(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	if _, findings, verdict := Check(form, d, nil, Sender{Any: true}, Policy{}); verdict != order.Accepted {
		t.Errorf("any sender: got %s with %v, want accepted", verdict, told(findings))
	}
	_, findings, verdict := Check(form, d, nil, Sender{Email: goodMail}, Policy{})
	if got := told(findings); verdict != order.Held || !slices.Equal(got,
		[]string{"bookseller.account.unknown libraire_compte 01002001"}) {
		t.Errorf("registered senders: got %s with %v, want held for the account", verdict, got)
	}
}

// TestCheckChangesNothing: the draft is the caller's, and may be checked again.
func TestCheckChangesNothing(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 3)
	d.Fields[order.FieldAccount] = order.Cell{Text: "1 002 001"}
	d.Findings = make([]order.Finding, 1, 64)
	d.Findings[0] = order.Finding{Code: "form.sheet.hidden", Severity: order.Warning}
	before := fmt.Sprintf("%+v", d)
	_, first, _ := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	_, second, _ := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	if got := fmt.Sprintf("%+v", d); got != before {
		t.Errorf("draft: got %s, want %s", got, before)
	}
	if got, want := told(second), told(first); !slices.Equal(got, want) {
		t.Errorf("second check: got %q, want %q", got, want)
	}
	if first[0].Code != "form.sheet.hidden" {
		t.Errorf("first finding: got %s, want the draft's own", first[0].Code)
	}
}

func BenchmarkCheck30Lines(b *testing.B) {
	form := testForm(b)
	d, reg := goodDraft(form, 30), testBook(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, v := Check(form, d, reg, Sender{Email: goodMail}, Policy{}); v != order.Accepted {
			b.Fatal(v)
		}
	}
}
