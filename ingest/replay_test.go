package ingest

import (
	"testing"

	"bdc/order"
	"bdc/validate"
	"bdc/validate/registry"
)

// TestReplay examines what a mail came to again, with nothing or something
// changed since.
func TestReplay(t *testing.T) {
	good, wrong := filled(t, nil, "28"), filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")
	correction := order.Correction{Field: order.FieldUAI, Text: "0990011Z"}
	unknown := registry.New([]order.School{{UAI: mustUAI(t, "0990022L"), Name: "Lycée général Émilie du Châtelet"}},
		nil, nil)
	tests := []struct {
		name     string
		workbook []byte
		change   func(*Examiner, *order.Attempt)
		want     Replayed // but for the findings
	}{
		{"nothing changed", good, nil, Replayed{Before: order.Accepted, After: order.Accepted}},
		{"a wrong form, nothing changed", wrong, nil, Replayed{Before: order.Rejected, After: order.Rejected}},
		{
			"a file that cannot be read", good[:len(good)/2], nil,
			Replayed{Before: order.Rejected, After: order.Rejected},
		},
		{"held by the record alone", good, func(_ *Examiner, a *order.Attempt) {
			a.Findings = append(a.Findings, order.Finding{Code: codeReused, Severity: order.Hold},
				order.Finding{Code: codeNearly, Severity: order.Hold}, hold(codePoison))
		}, Replayed{Before: order.Accepted, After: order.Accepted}},
		{"a directory came", good, func(e *Examiner, _ *order.Attempt) {
			e.Registry = func() validate.Registry { return unknown }
		}, Replayed{Before: order.Accepted, After: order.Held, Changed: true}},
		{"a rule is milder", wrong, func(e *Examiner, _ *order.Attempt) {
			e.Policy.Severity = func(code order.Code, s order.Severity) order.Severity {
				if code == "uai.key" {
					return order.Hold
				}
				return s
			}
		}, Replayed{Before: order.Rejected, After: order.Held, Changed: true}},
		{"a corrected form stays corrected", wrong, func(_ *Examiner, a *order.Attempt) {
			a.Corrections, a.Findings = []order.Correction{correction}, nil
		}, Replayed{Before: order.Accepted, After: order.Accepted}},
		{
			"a form on another sheet", good, func(_ *Examiner, a *order.Attempt) { a.Sheet = "ailleurs" },
			Replayed{Before: order.Accepted, After: order.Rejected, Changed: true},
		},
		{"a file that can be read now", good, func(_ *Examiner, a *order.Attempt) {
			a.Order, a.Sheet, a.Findings = nil, "",
				[]order.Finding{{Code: "form.unreadable.timeout", Severity: order.Error}}
		}, Replayed{Before: order.Rejected, After: order.Accepted, Changed: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newExaminer(t)
			x := e.Open(mail(1, "", attachment{"BdC.xlsx", test.workbook}))
			j := judgement{Intake: order.Intake{Message: x.Message, At: at}}
			a := j.attempt(x.Forms[0])
			if test.change != nil {
				test.change(e, &a)
			}
			got := e.Replay(a, &x.Message, test.workbook)
			findings := len(got.Gone) + len(got.Added)
			got.Gone, got.Added = nil, nil
			if got.Before != test.want.Before || got.After != test.want.After || got.Changed != test.want.Changed ||
				(findings > 0) != test.want.Changed {
				t.Errorf("got %+v with %d findings of difference, want %+v", got, findings, test.want)
			}
		})
	}
}

// TestAttemptOf finds an order's form again among several of its workbook.
func TestAttemptOf(t *testing.T) {
	e, good := newExaminer(t), filled(t, nil, "28")
	x := e.Open(mail(1, "", attachment{"BdC.xlsx", good}))
	o := x.Forms[0].Order
	if a := e.AttemptOf(&o, good); a.Draft != 0 || a.Message != x.Message.Key || a.Workbook != order.Sum(good) {
		t.Errorf("got draft %d of %v in %s", a.Draft, a.Message, a.Workbook)
	}
	o.Lines[0].Row += 100
	if r := e.Replay(e.AttemptOf(&o, good), &x.Message, good); r.After != order.Rejected {
		t.Errorf("a form that is no longer there came to %+v", r)
	}
}

func mustUAI(t *testing.T, s string) order.UAI {
	t.Helper()
	u, err := order.ParseUAI(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
