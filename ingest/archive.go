package ingest

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
)

// archive is a zip that may hold forms: a workbook is a zip too, and what bounds
// the one bounds the other. A zip within it is not entered.
type archive struct {
	data     []byte
	lim      sheet.Limits
	most     int   // forms taken out
	inflated int64 // so far, of all entries
}

// refused is the error of a zip, or an entry, that cannot be read; it carries the
// finding that its sender is told.
type refused struct{ order.Finding }

func (r refused) Error() string { return string(r.Code) }

func refuse(code order.Code) error {
	return refused{order.Finding{Code: code, Severity: order.Error}}
}

// exceeded refuses a zip that goes beyond a limit, called as that of a workbook.
func exceeded(limit string, most, actual int64) error {
	return refused{order.Finding{
		Code: order.Code("form.limit." + limit), Severity: order.Error,
		Args: map[string]string{
			"limit": strconv.FormatInt(most, 10), "actual": strconv.FormatInt(actual, 10),
		},
	}}
}

// errMany: a zip holds more forms than a message may.
var errMany = errors.New("too many forms")

// zipEntry begins an entry in the directory of a zip (APPNOTE.TXT, 4.3.12).
var zipEntry = []byte("PK\x01\x02")

// forms calls found for each spreadsheet in the zip, and unreadable for each
// entry that is called one and cannot be read. It returns a refused error for a
// zip that is not to be read at all, or any further; errMany after the most forms.
func (a *archive) forms(found func(File), unreadable func(name string, f order.Finding)) error {
	// Counted before archive/zip makes a value of some 300 bytes for each.
	if n := bytes.Count(a.data, zipEntry); n > a.lim.Entries {
		return exceeded("entries", int64(a.lim.Entries), int64(n))
	}
	z, err := zip.NewReader(bytes.NewReader(a.data), int64(len(a.data)))
	if err != nil {
		return refuse("form.unreadable.damaged")
	}
	n := 0
	for _, entry := range z.File {
		name := entryName(entry)
		if name == "" {
			continue
		}
		data, err := a.read(entry, name)
		var r refused
		switch {
		case errors.As(err, &r) && strings.HasPrefix(string(r.Code), "form.limit."):
			return err
		case err == nil && data == nil:
			continue
		}
		if n++; n > a.most {
			return errMany
		}
		if err != nil {
			unreadable(name, r.Finding)
		} else {
			found(File{Name: name, Data: data})
		}
	}
	return nil
}

// entryName is the name of a file in a zip; "" for what is none, such as a
// folder or what macOS puts beside a file. Names that are no UTF-8 are in the
// code page of French Windows's consoles, as its own zips have them.
func entryName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 {
		if s, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") {
		return ""
	}
	name = mime.CleanName(name)
	if isShadowName(name) {
		return ""
	}
	return name
}

// read returns the bytes of an entry that could be a form, else nil. Its size is
// counted before room is made for it. The error is a refused one.
func (a *archive) read(entry *zip.File, name string) ([]byte, error) {
	const encryptedFlag = 1 // APPNOTE.TXT, 4.4.4
	named := couldBeForm(order.Part{Name: name})
	if entry.Flags&encryptedFlag != 0 {
		if named {
			return nil, refuse("form.unreadable.encrypted")
		}
		return nil, nil
	}
	if !named {
		head, err := a.head(entry)
		if err != nil || !couldBeZipped(head) {
			return nil, nil // a picture, a PDF: whatever it is, it only accompanies
		}
	}
	size, err := a.measure(entry)
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	r, err := entry.Open()
	if err == nil {
		_, err = io.ReadFull(r, data)
		err = errors.Join(err, r.Close())
	}
	if err != nil {
		return nil, refuse("form.unreadable.damaged")
	}
	if !couldBeForm(order.Part{Name: name, Type: grid.Sniff(data)}) {
		return nil, nil
	}
	return data, nil
}

// couldBeZipped tells by its head what may turn out to be a workbook without the
// name of one: a zip, or an OLE file.
func couldBeZipped(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0"))
}

func (a *archive) head(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close() // nothing was written
	head := make([]byte, 4)
	_, err = io.ReadFull(r, head)
	return head, err
}

// measure inflates an entry and keeps nothing of it but its size.
func (a *archive) measure(entry *zip.File) (int64, error) {
	r, err := entry.Open()
	if err != nil {
		return 0, refuse("form.unreadable.damaged")
	}
	defer r.Close() // nothing was written
	size, buf := int64(0), make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		size += int64(n)
		a.inflated += int64(n)
		switch whole := int64(len(a.data)); {
		case a.inflated > a.lim.Unzipped:
			return 0, exceeded("unzipped", a.lim.Unzipped, a.inflated)
		case a.inflated > a.lim.Ratio*whole:
			return 0, exceeded("ratio", a.lim.Ratio, (a.inflated+whole-1)/whole)
		}
		switch {
		case err == io.EOF:
			return size, nil
		case errors.Is(err, zip.ErrChecksum):
			return 0, refuse("form.unreadable.crc")
		case err != nil:
			return 0, refuse("form.unreadable.damaged")
		}
	}
}

// archive examines the forms in a zip, and reports whether there was anything to
// say about it: a zip of something else only accompanies the message.
func (e *Examiner) archive(x *Exam, part order.Part, f File) bool {
	before := len(x.Forms)
	a := archive{data: f.Data, lim: e.Sheet, most: e.Mime.Attachments}
	err := a.forms(func(inner File) {
		e.form(x, x.add(inner), inner)
	}, func(name string, why order.Finding) {
		x.addUnreadable(order.Part{Name: name, Type: "unknown"}, why)
	})
	var r refused
	switch {
	case errors.Is(err, errMany):
		x.Trouble = append(x.Trouble, order.Finding{
			Code: "message.limit.attachments", Severity: order.Hold,
			Args: map[string]string{"limit": strconv.Itoa(a.most)},
		})
	case errors.As(err, &r):
		x.addUnreadable(part, r.Finding)
	}
	return len(x.Forms) > before
}

// addUnreadable notes a file that should have been a form.
func (x *Exam) addUnreadable(part order.Part, why order.Finding) {
	findings := []order.Finding{why}
	x.Forms = append(x.Forms, Examined{Part: part, Findings: findings, Verdict: order.Judge(findings)})
}
