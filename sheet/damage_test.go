package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/sheettest"
)

// A form cut short anywhere is refused, and never read as a shorter order.
func TestTruncatedFormIsNeverAShorterOrder(t *testing.T) {
	form := sheettest.Form(t)
	data := filledForm(t, form, 30)
	codes := map[order.Code]int{}
	for i := range 1000 {
		n := len(data) * i / 1000
		book := Read("bdc.xlsx", data[:n], form, DefaultLimits())
		if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Severity != order.Error {
			t.Fatalf("cut at %d of %d: got %d drafts, findings %v; want none and one error", n, len(data),
				len(book.Drafts), book.Findings)
		}
		codes[book.Findings[0].Code]++
	}
	if codes["form.unreadable.truncated"] < 990 {
		t.Errorf("got %v, want nearly all of them to be form.unreadable.truncated", codes)
	}
}

// A part cut short, its zip being whole, is damaged.
func TestTruncatedPart(t *testing.T) {
	form := sheettest.Form(t)
	z, err := zip.NewReader(bytes.NewReader(filledForm(t, form, 30)), int64(len(filledForm(t, form, 30))))
	if err != nil {
		t.Fatal(err)
	}
	var entries []sheettest.Entry
	for _, f := range z.File {
		var b bytes.Buffer
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, sheettest.Entry{Name: f.Name, Text: b.String()})
	}
	for i, e := range entries {
		if !strings.HasPrefix(e.Name, "xl/") || strings.Contains(e.Name, "theme") {
			continue // not read
		}
		for cut := range 50 {
			if need.Brief() && cut%5 > 0 {
				continue
			}
			n := len(e.Text) * cut / 50
			damaged := append([]sheettest.Entry{}, entries...)
			damaged[i].Text = e.Text[:n]
			book := Read("bdc.xlsx", sheettest.Zip(t, damaged...), form, DefaultLimits())
			if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Code != "form.unreadable.damaged" {
				t.Errorf("%s cut at %d: got %d drafts, findings %v; want form.unreadable.damaged", e.Name, n,
					len(book.Drafts), book.Findings)
			}
		}
		missing := append(append([]sheettest.Entry{}, entries[:i]...), entries[i+1:]...)
		if book := Read("bdc.xlsx", sheettest.Zip(t, missing...), form, DefaultLimits()); len(book.Drafts) > 0 {
			t.Errorf("without %s: got %d drafts, want none", e.Name, len(book.Drafts))
		}
	}
}

// Any byte of a form may be wrong: what is read then is either refused or the
// very same order.
func TestFlippedByte(t *testing.T) {
	form := sheettest.Form(t)
	data := filledForm(t, form, 30)
	want := fmt.Sprintf("%+v", Read("bdc.xlsx", data, form, DefaultLimits()).Drafts)
	refused := map[order.Code]int{}
	step := 31
	if need.Brief() {
		step = 151
	}
	for i := 0; i < len(data); i += step {
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		book := Read("bdc.xlsx", bad, form, DefaultLimits())
		if len(book.Findings) == 1 {
			refused[book.Findings[0].Code]++
			continue
		}
		if got := fmt.Sprintf("%+v", book.Drafts); got != want {
			t.Fatalf("byte %d of %d flipped: got another order, want the same or none:\n%s\n%s",
				i, len(data), got, want)
		}
	}
	if refused["form.unreadable.crc"] == 0 || refused["form.unreadable.damaged"] == 0 {
		t.Errorf("got %v, want some form.unreadable.crc and some form.unreadable.damaged", refused)
	}
}
