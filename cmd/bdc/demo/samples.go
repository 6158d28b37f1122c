package demo

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"strings"
	"time"

	"bdc/order"
	"bdc/sheet/form"
)

//go:embed data/*.csv
var data embed.FS

// Register returns the sample file of a register: "annuaire", "catalogue" or
// "libraires".
func Register(name string) ([]byte, error) { return data.ReadFile("data/" + name + ".csv") }

// Sample is one message of the demo's inbox.
type Sample struct {
	What string // what it shows, in French
	Raw  []byte // the message, as a server would store it
}

// The names of the users of the demo's console: Sales and Colleague decide, Reader only
// looks, and Admin also imports registers and changes accounts.
const (
	Sales     = "claire"
	Colleague = "paul"
	Reader    = "ines"
	Admin     = "ada"
)

// Senders of the samples. The stranger's address belongs to no account.
const (
	ecoles   = "Librairie des Écoles <commandes@librairie-ecoles.demo.invalid>"
	page     = "Claire Morel <claire@page-blanche.demo.invalid>"
	quai     = "Librairie du Quai <bonjour@librairie-du-quai.demo.invalid>"
	stranger = "Sam Legrand <sam@ailleurs.demo.invalid>"
)

type (
	values map[string]string
	lines  []map[string]string
)

// The registered booksellers and two of the schools, as their forms say them.
var (
	fromEcoles = values{
		order.FieldBookseller: "Librairie des Écoles", order.FieldAccount: "01002001",
		order.FieldBookMail: "commandes@librairie-ecoles.demo.invalid",
	}
	fromPage = values{
		order.FieldBookseller: "La Page Blanche", order.FieldAccount: "01002002",
		order.FieldBookMail: "claire@page-blanche.demo.invalid",
	}
	fromQuai = values{
		order.FieldBookseller: "Librairie du Quai", order.FieldAccount: "01002003",
		order.FieldBookMail: "bonjour@librairie-du-quai.demo.invalid",
	}

	lovelace = school("0990011Z", "Collège Ada Lovelace", "1 rue du Tilleul", "99010", "Valmorin", "Public")
	chatelet = school("0990022L", "Lycée général Émilie du Châtelet", "12 avenue des Cerisiers", "99020",
		"Saint-Aubin-le-Haut", "Public")
	papin = school("0990033Y", "Lycée professionnel Denis Papin", "4 quai de la Forge", "99030", "Port-Clairvaux",
		"Public")
	margarete = school("0990044K", "Collège Sainte-Marguerite", "8 place de l’Église", "99040",
		"Bellerive", "Privé")
	germain = school("0990055X", "Lycée polyvalent Sophie Germain", "27 boulevard des Arts", "99050", "Montrenard",
		"Public")
	galois = school("0990066J", "Collège Évariste Galois", "3 chemin des Noyers", "99010", "Valmorin", "Public")
)

func school(uai, name, street, postcode, town, sector string) values {
	return values{
		order.FieldUAI: uai, order.FieldEstablishment: name, order.FieldAddress: street, order.FieldPostcode: postcode,
		order.FieldTown:   town,
		order.FieldSector: sector, order.FieldSchoolMail: "ce." + strings.ToLower(uai) + "@demo.invalid",
		"contact_civilite": "Mme", "contact_nom": "Dupont",
		"contact_prenom": "Hélène", order.FieldContactMail: "helene.dupont@demo.invalid", "acces_mode": "GAR",
	}
}

// with joins values; later ones win.
func with(all ...values) values {
	joined := values{}
	for _, v := range all {
		maps.Copy(joined, v)
	}
	return joined
}

func reference(r string) values {
	return values{order.FieldReference: r, order.FieldDate: "21/11/2026"}
}

func line(ean, title, quantity string) map[string]string {
	return map[string]string{
		order.ColumnEAN: ean, order.ColumnTitle: title, order.ColumnQuantity: quantity, order.ColumnDuration: "1 an",
		order.ColumnLicence: "Élève",
	}
}

// Samples returns the messages of the demo's inbox, in the order of arrival. The
// workbooks in them are filled by form, the definition of the order form.
func Samples(form *order.Form) ([]Sample, error) {
	b := builder{form: form, at: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	maths := lines{
		line("3133091001018", "Mathématiques 6e — Manuel numérique", "28"),
		line("3133091002022", "Mathématiques 5e — Manuel numérique", "31"),
	}
	perfect := b.filled(with(fromEcoles, lovelace, reference("CMD-2026-0101")), maths)
	b.mail("Une commande parfaite", ecoles, "Commande collège Ada Lovelace", hello, file("BdC_Lovelace.xlsx", perfect))
	resend := b.last()

	b.mail("UAI en minuscules, EAN avec des espaces", page, "BdC lycée du Châtelet", hello,
		file("BdC_Chatelet.xlsx", b.filled(
			with(fromPage, chatelet, reference("PB-778"), values{order.FieldUAI: " 0990022l"}),
			lines{line("3133 0910 0606 8", "SVT 1re", "24"), line("3133091007072", "Philosophie Tle", "30 ex.")})))

	b.mail("Une lettre fausse dans l’UAI", quai, "Bon de commande Papin", hello, file("BdC_Papin.xlsx", b.filled(
		with(fromQuai, papin, reference("Q-2026-12"), values{order.FieldUAI: "0990033B"}),
		lines{line("3133091006068", "SVT 1re", "22")})))

	b.mail("Un titre inconnu", ecoles, "Commande Sainte-Marguerite", hello, file("BdC_Sainte-Marguerite.xlsx", b.filled(
		with(fromEcoles, margarete, reference("CMD-2026-0102")),
		lines{line("3133091003036", "Français 4e", "26"), line("3133091012120", "Latin 4e", "9")})))

	b.mail("Un produit physique", page, "commande manuels", hello, file("BdC_Germain.xlsx", b.filled(
		with(fromPage, germain, reference("PB-779")),
		lines{
			line("9782099001113", "Mathématiques 6e — Manuel papier", "28"),
			line("3133091006068", "SVT 1re", "28"),
		})))

	b.mail("Deux bons dans un message", quai, "Deux commandes", hello,
		file("BdC_Papin.xlsx", b.filled(with(fromQuai, papin, reference("Q-2026-13")),
			lines{line("3133091005054", "Physique-Chimie 2de", "18")})),
		file("BdC_Germain.xlsx", b.filled(with(fromQuai, germain, reference("Q-2026-14")),
			lines{line("3133091006068", "SVT 1re", "35")})))

	inner := b.message(ecoles, "Commande Galois", hello, file("BdC_Galois.xlsx", b.filled(
		with(fromEcoles, galois, reference("CMD-2026-0103")), lines{line("3133091008086", "Anglais 6e", "25")})))
	b.mail("Un message transféré en pièce jointe", ecoles, "TR: Commande Galois",
		"Bonjour,\r\n\r\nVoir le message joint.\r\n", attached{"Commande Galois.eml", "message/rfc822", inner})

	b.mail("Une question, sans pièce jointe", page, "Conditions commerciales",
		"Bonjour,\r\n\r\nPouvez-vous m’envoyer vos conditions commerciales 2027 ?\r\n\r\nClaire Morel\r\n")

	b.at = b.at.Add(time.Minute)
	b.samples = append(b.samples, Sample{
		"Une réponse automatique d’absence",
		[]byte("Auto-Submitted: auto-replied\r\n" +
			string(b.message(quai, "Absence du bureau",
				"Bonjour,\r\n\r\nLa librairie est fermée jusqu’au 24 novembre.\r\n"))),
	})

	b.samples = append(b.samples, Sample{"La première commande, envoyée une seconde fois", resend})

	b.mail("La même commande dans un nouveau message", ecoles, "Relance : commande Ada Lovelace", hello,
		file("BdC_Lovelace.xlsx", perfect))

	b.mail("Un classeur, deux feuilles, deux commandes", page, "Deux établissements", hello,
		file("BdC_deux_feuilles.xlsx", b.handmade(
			handmadeSheet(form, with(fromPage, lovelace, reference("PB-780")),
				lines{line("3133091009090", "Allemand 5e", "17")}),
			handmadeSheet(form, with(fromPage, galois, reference("PB-781")),
				lines{line("3133091003036", "Français 4e", "29")}))))

	b.mail("Un fichier abîmé", ecoles, "Commande Châtelet", hello,
		file("BdC_Chatelet.xlsx", perfect[:len(perfect)*2/3]))

	b.mail("Un expéditeur inconnu", stranger, "Commande", hello, file("BdC.xlsx", b.filled(
		with(fromEcoles, chatelet, reference("S-1")), lines{line("3133091006068", "SVT 1re", "12")})))

	return b.samples, b.err
}

const hello = "Bonjour,\r\n\r\nVeuillez trouver ci-joint notre bon de commande.\r\n\r\nBien cordialement\r\n"

// builder makes messages, a minute apart, and keeps the first error.
type builder struct {
	form    *order.Form
	at      time.Time
	n       int
	samples []Sample
	err     error
}

func (b *builder) filled(v values, l lines) []byte {
	out, err := form.Fill(b.form, v, l)
	if err != nil && b.err == nil {
		b.err = err
	}
	return out
}

type attached struct {
	name, kind string
	data       []byte
}

func file(name string, data []byte) attached {
	return attached{name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", data}
}

func (b *builder) mail(what, from, subject, text string, files ...attached) {
	b.samples = append(b.samples, Sample{what, b.message(from, subject, text, files...)})
}

func (b *builder) last() []byte { return b.samples[len(b.samples)-1].Raw }

// message is a mail as a bookseller's program would send it.
func (b *builder) message(from, subject, text string, files ...attached) []byte {
	b.n++
	b.at = b.at.Add(time.Minute)
	name, address, _ := strings.Cut(strings.TrimSuffix(from, ">"), " <")
	var m bytes.Buffer
	fmt.Fprintf(&m, "From: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <demo-%d@%s>\r\n"+
		"MIME-Version: 1.0\r\n",
		mime.QEncoding.Encode("utf-8", name), address, User, mime.QEncoding.Encode("utf-8", subject),
		b.at.Format(time.RFC1123Z), b.n, address[strings.IndexByte(address, '@')+1:])
	const plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	if len(files) == 0 {
		m.WriteString(plain + text)
		return m.Bytes()
	}
	boundary := fmt.Sprintf("=_demo_%d", b.n)
	fmt.Fprintf(&m, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\n%s%s\r\n", boundary, boundary, plain,
		text)
	for _, f := range files {
		if f.kind == "message/rfc822" { // never encoded (RFC 2046, 5.2.1)
			fmt.Fprintf(&m, "--%s\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=%q\r\n"+
				"\r\n%s\r\n", boundary, f.name, f.data)
			continue
		}
		fmt.Fprintf(&m, "--%s\r\nContent-Type: %s; name=%q\r\nContent-Disposition: attachment; filename=%q\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n",
			boundary, f.kind, f.name, f.name)
		code := base64.StdEncoding.EncodeToString(f.data)
		for len(code) > 76 {
			m.WriteString(code[:76] + "\r\n")
			code = code[76:]
		}
		m.WriteString(code + "\r\n")
	}
	fmt.Fprintf(&m, "--%s--\r\n", boundary)
	return m.Bytes()
}
