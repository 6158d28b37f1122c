package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/registers"
	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/notify"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/store"
	"bdc/templates"
	"bdc/turn"
)

// shelf is a record with one workbook and one order.
type shelf struct {
	workbook []byte
	order    order.Order
}

func (s shelf) Blob(_ context.Context, hash order.Hash) ([]byte, error) {
	if hash != order.Sum(s.workbook) {
		return nil, store.ErrNotFound
	}
	return s.workbook, nil
}

func (s shelf) Order(_ context.Context, number string) (order.Order, error) {
	if number != s.order.Number {
		return order.Order{}, store.ErrNotFound
	}
	return s.order, nil
}

func newComposer(t *testing.T, r record) composer {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := templates.NewRenderer(form)
	if err != nil {
		t.Fatal(err)
	}
	marker, err := newMarker(form, turn.New(2))
	if err != nil {
		t.Fatal(err)
	}
	return composer{
		form: form, renderer: renderer, marker: marker, record: r,
		log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

func TestMain(m *testing.M) {
	// The composer under test starts this program to mark workbooks.
	if len(os.Args) == 2 && os.Args[1] == Annotate {
		if err := mark.RunChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// anyExaminer is an examiner without registers, which accepts every sender.
func anyExaminer(t *testing.T) *ingest.Examiner {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	x := &ingest.Examiner{
		Form: form, Registry: registers.New(nil).Snapshot, AnySender: true,
		Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
	x.Policy.Today = time.Now()
	return x
}

// examined is a workbook as the inbox sees it.
func examined(t *testing.T, workbook []byte) ingest.Examined {
	t.Helper()
	x := anyExaminer(t)
	forms := x.OpenFiles(ingest.File{Name: "Commande Turgot.xlsx", Data: workbook}).Forms
	if len(forms) != 1 || forms[0].Draft == nil {
		t.Fatalf("got %d forms", len(forms))
	}
	return forms[0]
}

// wrongWorkbook is a form with a wrong UAI and without a town.
func wrongWorkbook(t *testing.T) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	data, err := form.Fill(definition, map[string]string{
		order.FieldBookseller: "Librairie d’essai", order.FieldAccount: "01002001",
		order.FieldBookMail: "bookseller@test.local", order.FieldReference: "R-1",
		order.FieldUAI: "0990011A", order.FieldEstablishment: "Collège Ada Lovelace",
		order.FieldAddress: "1 rue du Tilleul", order.FieldPostcode: "99010",
	}, []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28"}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestComposerReturnsTheMarkedWorkbook(t *testing.T) {
	workbook := wrongWorkbook(t)
	form := examined(t, workbook)
	c := newComposer(t, shelf{workbook: workbook})
	result := order.Result{
		Kind: order.ReplyReport, Part: "Commande Turgot.xlsx", Workbook: order.Sum(workbook),
		Case: "D-7K2Q9F", Order: -1, Findings: form.Findings,
	}
	letter, err := c.Compose(t.Context(), order.Reply{ID: 1, Kind: order.ReplyReport, Results: []order.Result{result}})
	if err != nil {
		t.Fatal(err)
	}
	const name = "Commande Turgot-à corriger.xlsx"
	if len(letter.Attachments) != 1 || letter.Attachments[0].Name != name {
		t.Fatalf("got attachments %v, want %s", names(letter), name)
	}
	if !strings.Contains(letter.HTML, "Votre fichier est joint") || !strings.Contains(letter.HTML, name) {
		t.Error("the letter does not tell of its workbook")
	}
	back := examined(t, letter.Attachments[0].Data)
	if back.Draft.Case != "D-7K2Q9F" || !slices.EqualFunc(back.Findings, form.Findings,
		func(a, b order.Finding) bool { return a.Code == b.Code && a.Cell == b.Cell }) {
		t.Errorf("sent back as it is, the workbook has case %q and findings %v; want those of the first time, %v",
			back.Draft.Case, back.Findings, form.Findings)
	}
}

// What cannot be had is left out, and not promised.
func TestComposerWithoutTheWorkbook(t *testing.T) {
	form := examined(t, wrongWorkbook(t))
	c := newComposer(t, shelf{})
	for name, result := range map[string]order.Result{
		"erased": {Kind: order.ReplyReport, Part: "a.xlsx", Workbook: "0123", Findings: form.Findings},
		"none":   {Kind: order.ReplyReport, Findings: form.Findings},
		"order":  {Kind: order.ReplyAck, Outdated: true, Number: "CNS-2026-000009"},
	} {
		t.Run(name, func(t *testing.T) {
			letter, err := c.Compose(t.Context(), order.Reply{Kind: result.Kind, Results: []order.Result{result}})
			if err != nil {
				t.Fatal(err)
			}
			if len(letter.Attachments) > 0 || strings.Contains(letter.Text, "joint à ce message") {
				t.Errorf("got attachments %v and the text\n%s", names(letter), letter.Text)
			}
		})
	}
}

func TestComposerEnclosesTheBlankForm(t *testing.T) {
	for _, kind := range []order.ReplyKind{order.ReplyUnreadable, order.ReplyNoForm} {
		letter, err := newComposer(t, shelf{}).Compose(t.Context(),
			order.Reply{Kind: kind, Results: []order.Result{{Kind: kind, Order: -1}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(letter); !slices.Equal(got, []string{templates.BlankName}) ||
			!strings.Contains(letter.Text, templates.BlankName) {
			t.Errorf("%s: got attachments %v", kind, got)
		}
	}
}

// An order that came on another form is answered with the current one, filled.
func TestComposerEnclosesTheCurrentForm(t *testing.T) {
	price := order.Cents(450)
	school, err := order.ParseUAI("0990011Z")
	if err != nil {
		t.Fatal(err)
	}
	ean, err := order.ParseEAN("3133091001018")
	if err != nil {
		t.Fatal(err)
	}
	o := order.Order{
		Number: "CNS-2026-000001", UAI: school, Fields: map[string]string{
			order.FieldUAI:   "0990011Z",
			order.FieldNoUAI: "", order.FieldTown: "Valmorin", order.FieldDate: "2026-06-15",
		},
		Lines: []order.Line{{EAN: ean, Quantity: 28, Title: "Mathématiques 6e", UnitPrice: &price}},
	}
	letter, err := newComposer(t, shelf{order: o}).Compose(t.Context(),
		order.Reply{Kind: order.ReplyAck, Results: []order.Result{{
			Kind: order.ReplyAck, Number: o.Number,
			Outdated: true, Lines: o.Lines,
		}}})
	if err != nil {
		t.Fatal(err)
	}
	const name = "BdC_Interforum_Librairie_CNS-CNS-2026-000001.xlsx"
	if got := names(letter); !slices.Equal(got, []string{name}) || !strings.Contains(letter.Text, name) {
		t.Fatalf("got attachments %v and the text\n%s", got, letter.Text)
	}
	d := examined(t, letter.Attachments[0].Data).Draft
	line := d.Lines[0].Cells
	if d.Fields[order.FieldUAI].Text != "0990011Z" || d.Fields[order.FieldTown].Text != "Valmorin" ||
		d.Fields[order.FieldDate].Text != "2026-06-15" ||
		line[order.ColumnEAN].Text != "3133091001018" || line[order.ColumnQuantity].Text != "28" ||
		line[order.ColumnPrice].Text != "4.5" {
		t.Errorf("got fields %v and line %v", d.Fields, line)
	}
}

// Forms of one workbook go back in one, those of different workbooks in as many.
func TestComposerGroupsByWorkbook(t *testing.T) {
	workbook := wrongWorkbook(t)
	form := examined(t, workbook)
	result := order.Result{
		Kind: order.ReplyReport, Part: "a.xlsx", Workbook: order.Sum(workbook), Case: "D-7K2Q9F",
		Findings: form.Findings,
	}
	other := result
	other.Part = "dossier/a.xlsx"
	letter, err := newComposer(t, shelf{workbook: workbook}).Compose(t.Context(),
		order.Reply{Kind: order.ReplyReport, Results: []order.Result{result, other}})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(letter); len(got) != 2 || got[0] == got[1] {
		t.Errorf("got attachments %v, want two of different names", got)
	}
	if got := byWorkbook([]order.Result{
		{Part: "a", Workbook: "1"},
		{Part: "b", Workbook: "2"},
		{Part: "a", Workbook: "1"},
	}); len(got) != 2 || !slices.Equal(got[0], []int{0, 2}) {
		t.Errorf("got groups %v", got)
	}
}

func names(l notify.Letter) []string {
	var list []string
	for _, a := range l.Attachments {
		list = append(list, a.Name)
	}
	return list
}
