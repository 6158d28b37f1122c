package ingest

import (
	"context"
	"slices"
	"time"

	"bdc/order"
)

// TakeUp makes the intake of a message that lies in one of our folders, so that it was dealt
// with, though the record, which was restored from a copy, does not know it. A person has
// to decide about it: nothing is ordered, and nobody gets an answer. lies is the folder.
// told is what copies of our replies to the message tell, one list for each reply, the
// oldest first.
//
// Each form of the message becomes a case, which has the code of its former case, if a copy
// tells it: so a later answer of the bookseller finds the case.
func (e *Examiner) TakeUp(
	x *Exam, past order.Past, at time.Time, lies order.Folder, told [][]order.Told,
) order.Intake {
	j := judgement{
		Intake: order.Intake{
			Message: x.Message, At: at, Folder: lies, Query: TakeUpQuery(x), Past: past,
		},
		ownText: x.ownText,
	}
	forms := x.Forms
	if x.isFormless() || x.Bounced {
		forms = nil
	}
	usual := e.usual(x)
	about := toldOfForms(max(len(forms), 1), told)
	for i := range max(len(forms), 1) {
		why := hold(order.ReasonTakeUp)
		up := &order.TakeUp{Folder: lies, Told: about[i], Usual: usual}
		if number := up.Number(); number != "" {
			why.Args = map[string]string{"number": number}
		}
		c := j.newCase(order.ReasonTakeUp, order.Waiting)
		if code := formerCase(about[i]); code != "" && !slices.ContainsFunc(j.Cases, hasCode(code)) {
			c.Code = code
		}
		c.TakeUp, c.Attempts = up, []order.Attempt{j.bare(why)}
		if len(forms) > 0 {
			a := j.attempt(forms[i])
			a.Findings = append([]order.Finding{why}, a.Findings...)
			a.Verdict = order.Judge(a.Findings)
			// Without its reference, no later form of the same order continues the case: what is
			// acknowledged already is for a person to compare.
			c.Attempts[0], c.Account, c.UAI = a, forms[i].Order.Account, forms[i].Order.UAI
		}
		j.Cases = append(j.Cases, c)
	}
	j.Outcome = j.outcome()
	return j.Intake
}

// usual is the reason for which a message, as a new one, would be a case that no program
// answers; "" if its forms would be decided on. It is what Judge would find, if the message
// is no answer to one of ours that the record knows.
func (e *Examiner) usual(x *Exam) order.Code {
	switch {
	case len(x.Trouble) > 0:
		return x.Trouble[0].Code
	case x.Automatic != "" && x.Bounced:
		return order.ReasonBounced
	case x.Automatic != "":
		return codeAutomatic
	case x.Unanswerable != "":
		return x.Unanswerable
	case x.isFormless():
		return x.findingWithoutForm().Code
	case x.Message.From == "":
		return codeNoSender
	}
	return ""
}

// Anew examines the attempt of a case « À reprendre » as one that came just now: it returns
// the attempt with its findings and verdict, which are no longer those of ReasonTakeUp.
// Message m is the one that it came with, and workbook the bytes of its file, nil for an
// attempt without an order. The errors are those of Recheck.
func (e *Examiner) Anew(ctx context.Context, c *order.Case, a order.Attempt, m *order.Message, workbook []byte,
	record PastReader,
) (order.Attempt, error) {
	if a.Order != nil {
		var err error
		if a, err = e.Recheck(ctx, a, m, workbook, record); err != nil {
			return a, err
		}
	}
	findings := slices.DeleteFunc(slices.Clone(a.Findings), IsTakeUp)
	if c.TakeUp != nil && c.TakeUp.Usual != "" {
		findings = append([]order.Finding{hold(c.TakeUp.Usual)}, findings...)
	}
	a.Findings = findings
	if a.Part != "" {
		a.Verdict = order.Judge(a.Standing())
	}
	return a, nil
}

// IsTakeUp reports whether a finding says that its message is to be taken up.
func IsTakeUp(f order.Finding) bool { return f.Code == order.ReasonTakeUp }

// TakeUpQuery is what to ask the record before TakeUp is called: only whether it knows the
// content of the message.
func TakeUpQuery(x *Exam) order.Query { return order.Query{Content: x.Query.Content} }

// unexaminedTakeUp is TakeUp of a message that ended the program too often when it was
// examined. It reads nothing of the message.
func unexaminedTakeUp(key order.Key, at time.Time, lies order.Folder) order.Intake {
	in := poisonIntake(key, at)
	in.Folder = lies
	for i := range in.Cases {
		in.Cases[i].Reason, in.Cases[i].TakeUp = order.ReasonTakeUp, &order.TakeUp{Folder: lies}
	}
	return in
}

// toldOfForms says what was told of each of n forms. The program's own reply has a result
// for each form, in their order; a person's has one, which names the form's case.
func toldOfForms(n int, replies [][]order.Told) [][]order.Told {
	about := make([][]order.Told, n)
	for _, reply := range replies {
		if len(reply) == n {
			for i, t := range reply {
				about[i] = append(about[i], t)
			}
			continue
		}
		for _, t := range reply {
			of := slices.IndexFunc(about, func(list []order.Told) bool {
				return t.Case != "" && slices.ContainsFunc(list, func(o order.Told) bool { return o.Case == t.Case })
			})
			for i := range about {
				if of < 0 || i == of {
					about[i] = append(about[i], t)
				}
			}
		}
	}
	return about
}

// formerCase is the latest code of a case that was told; "" for none.
func formerCase(told []order.Told) string {
	for _, t := range slices.Backward(told) {
		if t.Case != "" {
			return t.Case
		}
	}
	return ""
}

func hasCode(code string) func(order.Case) bool {
	return func(c order.Case) bool { return c.Code == code }
}

// withoutCases returns what was told without the codes of cases.
func withoutCases(told [][]order.Told) [][]order.Told {
	plain := make([][]order.Told, len(told))
	for i, reply := range told {
		for _, t := range reply {
			t.Case = ""
			plain[i] = append(plain[i], t)
		}
	}
	return plain
}
