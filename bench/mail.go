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

// sender is the address of the bookseller who sends all mails.
const sender = "bookseller@" + mailtest.Domain

// inbox holds the order mails that a contender finds when it starts.
type inbox struct {
	mails [][]byte
	wrong int // how many of them have a form with wrong cells
}

// mix says what the forms of an inbox are like.
type mix struct {
	oneSchool  bool // all orders are for the same school; else each is for another one
	wrongEvery int  // every n-th form has wrong cells; 0 for none
}

// orderMails makes n mails, each with a filled form. Every form passes all checks, except
// those that the mix makes wrong. No two orders are the same.
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

// bigMail makes an order mail with a second attachment, a PDF of the school's commitment.
// That makes the mail slightly smaller than size octets.
func bigMail(size int) ([]byte, error) {
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	workbook, err := filledForm(form, 0, uai(firstSchool), false)
	if err != nil {
		return nil, err
	}
	// 1000 octets are for the header of the second attachment.
	room := size - len(mail(0, attachment{"BdC.xlsx", workbook})) - 1000
	pdf := make([]byte, room/78*57) // a line of base64 takes 78 octets and holds 57
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
		values[order.FieldUAI] = school[:7] + "Q" // no school's code ends in Q
		code := lines[1][order.ColumnEAN]
		lines[1][order.ColumnEAN] = code[:12] + string('0'+(code[12]-'0'+1)%10)
		lines[2][order.ColumnQuantity] = "0"
	}
	return form.Fill(definition, values, lines)
}

// firstSchool is the number of the first order's school. The schools of the others follow.
const firstSchool = 750000

// lineEAN returns the EAN of the n-th line of the i-th order.
func lineEAN(i, n int) string { return ean(9782090000000 + 10*int64(100*i+n)) }

// lineTitle returns the title of the n-th line of every order.
func lineTitle(n int) string { return fmt.Sprintf("Histoire-Géographie 5e, édition %d", 1990+n) }

// uai returns the code of the school with that number.
func uai(n int) string { return fmt.Sprintf("%07d%c", n, "ABCDEFGHJKLMNPRSTUVWXYZ"[n%23]) }

// ean returns n, which has thirteen digits, with the last one replaced by the check digit.
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

// mail makes the i-th mail, in the form in which common mail programs send one.
func mail(i int, files ...attachment) []byte {
	var m bytes.Buffer
	fmt.Fprintf(&m, "From: Librairie =?utf-8?q?des_=C3=89coles?= <%s>\r\nTo: <orders@%s>\r\nSubject: Commande %d\r\n"+
		"Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <order.%[3]d@%[2]s>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n"+
		"--=_part\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"+
		"Bonjour,\r\n\r\nVeuillez trouver ci-joint notre commande num=C3=A9ro %[3]d.\r\n\r\nCordialement\r\n",
		sender, mailtest.Domain, i)
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
