package main

import (
	"strings"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// TestMailsAreOrders checks that each mail holds one order that bdc accepts, and that no
// two orders are the same.
func TestMailsAreOrders(t *testing.T) {
	in, err := orderMails(3, mix{})
	if err != nil {
		t.Fatal(err)
	}
	big, err := bigMail(maxMail)
	if err != nil {
		t.Fatal(err)
	}
	if len(big) > maxMail || len(big) < maxMail-maxMail/100 {
		t.Errorf("the big mail has %d octets, want just under %d", len(big), maxMail)
	}
	examine := examiner(t)
	seen := map[string]bool{}
	for i, raw := range append(in.mails, big) {
		x := examine(raw)
		if len(x.Forms) != 1 || x.Forms[0].Verdict != order.Accepted || len(x.Trouble) > 0 {
			t.Fatalf("mail %d comes to %d forms, trouble %v, want one accepted form: %+v",
				i, len(x.Forms), x.Trouble, x.Forms)
		}
		ord := x.Forms[0].Order
		if len(ord.Lines) != orderLines {
			t.Errorf("the order of mail %d has %d lines, want %d", i, len(ord.Lines), orderLines)
		}
		if identity := ord.Identity(); i < len(in.mails) && seen[identity] {
			t.Errorf("mail %d orders the same as another", i)
		} else {
			seen[identity] = true
		}
	}
}

// TestWrongMailsAreSentBack checks that bdc finds three errors in each wrong form and
// accepts the others, which are all for one school.
func TestWrongMailsAreSentBack(t *testing.T) {
	in, err := orderMails(10, mix{oneSchool: true, wrongEvery: 5})
	if err != nil {
		t.Fatal(err)
	}
	examine, schools, wrong := examiner(t), map[order.UAI]bool{}, 0
	for i, raw := range in.mails {
		f := examine(raw).Forms[0]
		if f.Verdict != order.Rejected {
			schools[f.Order.UAI] = true
			continue
		}
		wrong++
		errs := 0
		for _, found := range f.Findings {
			if found.Severity == order.Error {
				errs++
			}
		}
		if errs != 3 {
			t.Errorf("mail %d has %d errors, want 3: %+v", i, errs, f.Findings)
		}
	}
	if wrong != 2 || in.wrong != 2 || len(schools) != 1 {
		t.Errorf("%d mails are sent back, %d of them expected, for %d schools, want 2, 2 and 1",
			wrong, in.wrong, len(schools))
	}
}

// TestRegistersKnowTheOrders checks that bdc, with the registers, accepts every order.
func TestRegistersKnowTheOrders(t *testing.T) {
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	in, err := orderMails(2, mix{})
	if err != nil {
		t.Fatal(err)
	}
	files := registers(form, len(in.mails))
	schools, _, err := registry.ImportDirectory(t.Context(), strings.NewReader(files[0].text), "annuaire.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	titles, _, err := registry.ImportCatalogue(t.Context(), strings.NewReader(files[1].text), "catalogue.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	accounts, _, err := registry.ImportAccounts(t.Context(), strings.NewReader(files[2].text), "libraires.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	examine := examinerOf(t, registry.New(schools, titles, accounts))
	for i, raw := range in.mails {
		if f := examine(raw).Forms[0]; f.Verdict != order.Accepted {
			t.Errorf("order %d is %s, want it accepted: %+v", i, f.Verdict, f.Findings)
		}
	}
}

func examiner(t *testing.T) func(raw []byte) *ingest.Exam {
	t.Helper()
	return examinerOf(t, &registry.Registry{})
}

func examinerOf(t *testing.T, known *registry.Registry) func(raw []byte) *ingest.Exam {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	e := ingest.Examiner{
		Form: form, Registry: func() validate.Registry { return known }, AnySender: true, Domain: "test.local",
		Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
	return func(raw []byte) *ingest.Exam {
		return e.Open(order.Mail{
			Raw: raw, Size: int64(len(raw)), Received: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		})
	}
}
