package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"bdc/ingest/mailtest"
	"bdc/order"
	"bdc/sheet/form"
	"bdc/templates"
)

const sender = "bookseller@" + mailtest.Domain

// inbox is what waits to be taken in.
type inbox struct {
	mails [][]byte
	wrong int // of their orders are to be sent back
}

// mix is what the orders of an inbox have in common.
type mix struct {
	oneSchool  bool // all orders are for it; else each is for another
	wrongEvery int  // one in so many forms has wrong cells; 0 for none
}

// orderMails are n mails from one bookseller, each with a filled form. All but
// the wrong ones pass every check, and no two orders are the same.
func orderMails(n int, m mix) (inbox, error) {
	form, err := templates.Form()
	if err != nil {
		return inbox{}, err
	}
	in := inbox{mails: make([][]byte, n)}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range in.mails {
		school, wrong := firstSchool+i, m.wrongEvery > 0 && i%m.wrongEvery == 0
		if m.oneSchool {
			school = firstSchool
		}
		if wrong {
			in.wrong++
		}
		g.Go(func() error {
			workbook, err := filledForm(form, i, uai(school), wrong)
			in.mails[i] = mail(i, attachment{"BdC.xlsx", workbook})
			return err
		})
	}
	return in, g.Wait()
}

// bigMail is an order mail with a commitment beside the form, which makes it as
// large as a message may be.
func bigMail(size int) ([]byte, error) {
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	workbook, err := filledForm(form, 0, uai(firstSchool), false)
	if err != nil {
		return nil, err
	}
	room := size - len(mail(0, attachment{"BdC.xlsx", workbook})) - 1000 // and the second part's header
	pdf := make([]byte, room/78*57)                                      // a line of base64 is 78 octets and holds 57
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(pdf) // never fails
	copy(pdf, "%PDF-1.7\n")
	return mail(0, attachment{"BdC.xlsx", workbook}, attachment{"Engagement.pdf", pdf}), nil
}

// filledForm is the i-th order, for a school. A wrong one has three cells to
// correct: the school's code, a check digit and a quantity.
func filledForm(definition *order.Form, i int, school string, wrong bool) ([]byte, error) {
	values := map[string]string{}
	for _, f := range definition.Fields {
		values[f.ID] = f.Example
	}
	values[order.FieldReference] = "CMD-2026-" + strconv.Itoa(i)
	values[order.FieldUAI] = school
	lines := make([]map[string]string, orderLines)
	for n := range lines {
		lines[n] = map[string]string{}
		for _, c := range definition.Columns {
			lines[n][c.ID] = c.Example
		}
		lines[n][order.ColumnTitle] = lineTitle(n)
		lines[n][order.ColumnEAN] = lineEAN(i, n)
		lines[n][order.ColumnQuantity] = strconv.Itoa(1 + (i+n)%40)
	}
	if wrong {
		values[order.FieldUAI] = school[:7] + "Q" // no code ends in it
		code := lines[1][order.ColumnEAN]
		lines[1][order.ColumnEAN] = code[:12] + string('0'+(code[12]-'0'+1)%10)
		lines[2][order.ColumnQuantity] = "0"
	}
	return form.Fill(definition, values, lines)
}

// firstSchool is the number of the first order's school.
const firstSchool = 750000

// lineEAN and lineTitle are those of the n-th line of the i-th order.
func lineEAN(i, n int) string { return ean(9782090000000 + 10*int64(100*i+n)) }

func lineTitle(n int) string { return fmt.Sprintf("Histoire-Géographie 5e, édition %d", 1990+n) }

// uai is the code of a school of that number.
func uai(n int) string { return fmt.Sprintf("%07d%c", n, "ABCDEFGHJKLMNPRSTUVWXYZ"[n%23]) }

// ean sets the check digit, the last, of a number of thirteen digits.
func ean(n int64) string {
	digits := []byte(strconv.FormatInt(n, 10))
	sum := 0
	for i, d := range digits[:12] {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	digits[12] = '0' + byte((10-sum%10)%10)
	return string(digits)
}

// attachment is a file in a mail.
type attachment struct {
	name string
	data []byte
}

// mail is the i-th mail, in the shape that common mail programs send.
func mail(i int, files ...attachment) []byte {
	var m bytes.Buffer
	fmt.Fprintf(&m, "From: Librairie =?utf-8?q?des_=C3=89coles?= <%s>\r\nTo: <orders@%s>\r\nSubject: Commande %d\r\n"+
		"Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <order.%[3]d@%[2]s>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n"+
		"--=_part\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"+
		"Bonjour,\r\n\r\nVeuillez trouver ci-joint notre commande num=C3=A9ro %[3]d.\r\n\r\nCordialement\r\n", sender, mailtest.Domain, i)
	for _, f := range files {
		fmt.Fprintf(&m, "--=_part\r\nContent-Type: application/octet-stream; name=%q\r\n"+
			"Content-Disposition: attachment; filename=%[1]q\r\nContent-Transfer-Encoding: base64\r\n\r\n", f.name)
		for line := range slices.Chunk(f.data, 57) {
			m.WriteString(base64.StdEncoding.EncodeToString(line))
			m.WriteString("\r\n")
		}
	}
	m.WriteString("--=_part--\r\n")
	return m.Bytes()
}
