package ingest

import (
	"testing"

	"bdc/order"
)

// A result names its workbook, and says whether that is the current form.
func TestJudgeNamesTheWorkbookAndItsAge(t *testing.T) {
	form := filled(t, nil, "28")
	for _, current := range []bool{true, false} {
		e := newExaminer(t)
		if !current {
			next := *e.Form
			next.Version = "BDC-2099.1"
			e.Form = &next
		}
		x := e.Open(mail(1, "", attachment{"BdC.xlsx", form}))
		intake := e.Judge(x, nothing(x.Query), at)
		if len(intake.Replies) != 1 || len(intake.Replies[0].Results) != 1 {
			t.Fatalf("got replies %+v, want one with one result", intake.Replies)
		}
		r := intake.Replies[0].Results[0]
		if r.Outdated == current || r.Workbook != order.Sum(form) {
			t.Errorf("got outdated %v, workbook %s; want %v, %s", r.Outdated, r.Workbook, !current, order.Sum(form))
		}
	}
}
