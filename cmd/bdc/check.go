package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/sheet/grid"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"

	"github.com/spf13/cobra"
)

// checked is what bdc check says of one form, or of a mail without any: one line
// of --json.
type checked struct {
	File     string          `json:"file"`
	Part     string          `json:"part"` // the attachment of a mail
	Verdict  order.Verdict   `json:"verdict"`
	Findings []order.Finding `json:"findings"`
	Order    *order.Order    `json:"order"`
	Reply    order.ReplyKind `json:"reply"`
	Reason   order.Code      `json:"reason"` // of the gravest finding, or why a mail is for people
}

// checkCommand is bdc check.
func checkCommand(e env) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FILE… [--json] [-c bdc.toml]",
		Short: "Examine .xlsx or .eml files, order nothing",
		Long: `Examine order forms, or mails with forms in them, as the daemon would, and order
nothing. Without a configuration any sender is accepted, and schools, titles and accounts
are not looked up. With -c, the registers, senders and rules of the configuration count.

Exit codes: 0 all would be accepted; 1 some would not.`,
		Example: `  bdc check BdC_Interforum_Librairie_CNS.xlsx
  bdc check commande.eml -c bdc.toml
  bdc check *.eml --json -c bdc.toml`,
		GroupID: groupForms,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				return usageError{errors.New("name the files to check")}
			}
			return runCheck(cmd.Context(), e, path, files, asJSON)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`, for its registers, senders and rules")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// runCheck examines files as the daemon would, and orders nothing.
func runCheck(ctx context.Context, e env, path string, files []string, asJSON bool) error {
	examiner, err := newExaminer(ctx, e, path)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	good := true
	for _, file := range files {
		data, err := readFile(file)
		if err != nil {
			return usageError{err}
		}
		for _, c := range check(examiner, file, data) {
			good = good && c.Verdict == order.Accepted
			if asJSON {
				err = enc.Encode(c)
			} else {
				err = c.print(e.stdout, examiner.Form)
			}
			if err != nil {
				return err
			}
		}
	}
	if !good {
		return errFound
	}
	return nil
}

// maxCheck is the size limit of a file, in octets. It is that of a mail: a larger file is
// refused for its size, as a mail would be.
const maxCheck = 25 << 20

// readFile reads at most a little more than the limit of a message.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxCheck+1))
}

// check examines one file: a mail, or anything else as a form.
func check(x *ingest.Examiner, file string, data []byte) []checked {
	if len(data) > maxCheck {
		return mailChecked(x, file, order.Mail{Raw: data, Size: int64(len(data)), TooLarge: true})
	}
	if strings.EqualFold(filepath.Ext(file), ".eml") || grid.Sniff(data) == "eml" {
		return mailChecked(x, file, order.Mail{Raw: data, Size: int64(len(data))})
	}
	var list []checked
	for _, form := range x.OpenFiles(ingest.File{Name: filepath.Base(file), Data: data}).Forms {
		c := formChecked(file, form)
		c.Part = ""
		list = append(list, c)
	}
	return list
}

func formChecked(file string, form ingest.Examined) checked {
	c := checked{
		File: file, Part: form.Part.Name, Verdict: form.Verdict, Findings: form.Findings,
		Reason: ingest.GravestCode(form.Findings),
	}
	if c.Findings == nil {
		c.Findings = []order.Finding{}
	}
	switch {
	case form.Draft == nil:
		c.Reply = order.ReplyUnreadable
	case form.Verdict == order.Accepted:
		c.Reply = order.ReplyAck
	case form.Verdict == order.Rejected:
		c.Reply = order.ReplyReport
	default:
		c.Reply = order.ReplyHeld
	}
	if form.Draft != nil {
		c.Order = &form.Order
	}
	return c
}

// mailChecked judges a mail as if no mail had come before it.
func mailChecked(x *ingest.Examiner, file string, mail order.Mail) []checked {
	exam := x.Open(mail)
	intake := x.Judge(exam, order.NoPast(len(exam.Query.Forms)), time.Now().UTC())
	if len(intake.Replies) > 0 && intake.Replies[0].Kind != order.ReplyNoForm &&
		len(exam.Forms) == len(intake.Replies[0].Results) && len(exam.Trouble) == 0 {
		list := make([]checked, len(exam.Forms))
		for i, r := range intake.Replies[0].Results {
			c := formChecked(file, exam.Forms[i])
			c.Reply, c.Findings, c.Verdict, c.Reason = r.Kind, r.Findings, order.Judge(r.Findings),
				ingest.GravestCode(r.Findings)
			if c.Findings == nil {
				c.Findings = []order.Finding{}
			}
			list[i] = c
		}
		return list
	}
	c := checked{File: file, Verdict: order.Held, Findings: []order.Finding{}, Reply: order.ReplyNone}
	if len(intake.Cases) > 0 {
		c.Reason = intake.Cases[0].Reason
		for _, a := range intake.Cases[0].Attempts {
			c.Findings = append(c.Findings, a.Findings...)
		}
	}
	if len(intake.Replies) > 0 {
		c.Reply = intake.Replies[0].Kind
	}
	return []checked{c}
}

// print writes the result for a person at a terminal.
func (c checked) print(w io.Writer, form *order.Form) error {
	name := c.File
	if c.Part != "" {
		name += " » " + order.Printable(c.Part)
	}
	why := ""
	if c.Reason != "" {
		why = " (" + string(c.Reason) + ")"
	}
	_, err := fmt.Fprintf(w, "%s: %s%s, reply: %s\n", name, c.Verdict, why, c.Reply)
	for _, f := range c.Findings {
		words := templates.Explain(form, f)
		where := order.Printable(strings.Trim(f.Sheet+" "+f.Cell, " "))
		_, e := fmt.Fprintf(w, "  %-8s %-24s %-22s %s\n", f.Severity, f.Code, where,
			strings.Join(strings.Fields(order.Printable(words.Wrong+" "+words.Fix+" "+words.Proposal)), " "))
		err = errors.Join(err, e)
	}
	return err
}

var _ validate.Registry = (*registry.Registry)(nil)
