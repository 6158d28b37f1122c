package templates

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"path"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"bdc/order"
)

//go:embed staff
var staffFS embed.FS

// StaffRenderer writes the mails to staff. It is safe for concurrent use.
type StaffRenderer struct {
	url  string // of the console, without a slash at its end; "" where it has none to show
	text *texttemplate.Template
	html *htmltemplate.Template
}

// NewStaffRenderer parses the templates of the mails to staff, which link to the
// console at url, if there is one. It fails only when one of them is wrong.
func NewStaffRenderer(url string) (*StaffRenderer, error) {
	r := &StaffRenderer{
		url:  strings.TrimRight(url, "/"),
		text: texttemplate.New("staff").Funcs(texttemplate.FuncMap{"s": plural, "wrap": wrapped}),
		html: htmltemplate.New("staff").Funcs(htmltemplate.FuncMap{"s": plural}),
	}
	files, err := staffFS.ReadDir("staff")
	if err != nil {
		return nil, fmt.Errorf("staff templates: %w", err)
	}
	for _, file := range files {
		source, err := staffFS.ReadFile(path.Join("staff", file.Name()))
		if err == nil && path.Ext(file.Name()) == ".html" {
			_, err = r.html.New(file.Name()).Parse(noBreak.Replace(string(source)))
		} else if err == nil {
			_, err = r.text.New(file.Name()).Parse(noBreak.Replace(string(source)))
		}
		if err != nil {
			return nil, fmt.Errorf("staff templates: %w", err)
		}
	}
	return r, nil
}

// Render writes a digest or an alert: its subject, its plain text and its HTML,
// which say the same. What strangers wrote in it is bounded as Renderer.Render
// says. The error wraps ErrNoReply when the reply is neither.
func (r *StaffRenderer) Render(reply order.Reply) (subject, text, html string, err error) {
	switch {
	case reply.Kind == order.ReplyDigest && reply.Digest != nil:
		page := newDigestMail(*reply.Digest, r.url)
		return r.execute("digest", page.Subject, page)
	case reply.Kind == order.ReplyAlert && reply.Alert != nil:
		page := newAlertMail(*reply.Alert, r.url)
		return r.execute("alert", page.Subject, page)
	}
	return "", "", "", fmt.Errorf("reply %d, kind %q: %w", reply.ID, reply.Kind, ErrNoReply)
}

func (r *StaffRenderer) execute(name, subject string, page any) (_, text, html string, err error) {
	var t, h strings.Builder
	if err := r.text.ExecuteTemplate(&t, name+".txt", page); err != nil {
		return "", "", "", fmt.Errorf("write text of the %s: %w", name, err)
	}
	if err := r.html.ExecuteTemplate(&h, name+".html", page); err != nil {
		return "", "", "", fmt.Errorf("write HTML of the %s: %w", name, err)
	}
	return subject, tidy(t.String()), h.String(), nil
}

// alertMail is what the templates of an alert show.
type alertMail struct {
	Subject string
	Title   string
	Over    bool
	From    string
	To      string // "" while it goes on
	Lasted  string
	Trouble string // the title while it went on
	Means   string
	Todo    string
	Then    string // what happens now that it is over
	Words   string // the server's
	URL     string
}

func newAlertMail(a order.Alert, url string) alertMail {
	words := wordsOf(a.Cause)
	for _, text := range []*string{&words.Broken, &words.Fine, &words.Means, &words.Todo, &words.Then} {
		*text = noBreak.Replace(*text)
	}
	m := alertMail{
		Title: words.Broken, From: frenchTime(a.Begun.In(order.Paris)), Means: words.Means, Todo: words.Todo, Then: words.Then,
		Words: clean(a.Words, maxShownWords), URL: url,
	}
	tag := "Alerte"
	if !a.Ended.IsZero() {
		tag, m.Title, m.Over = "Rétabli", words.Fine, true
		m.To, m.Lasted = frenchTime(a.Ended.In(order.Paris)), frenchSpan(a.Ended.Sub(a.Begun))
	}
	m.Subject = "[BdC] " + tag + "\u00a0: " + m.Title
	m.Title, m.Trouble = capital(m.Title), capital(words.Broken)
	return m
}

// capital begins a sentence with words that begin with a plain letter.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// maxShownWords bounds a server's words, in characters.
const maxShownWords = 500

// digestMail is what the templates of a digest show.
type digestMail struct {
	order.Digest
	Subject  string
	Day      string
	Start    string
	End      string
	Oldest   string
	OldestIs string // how old
	Cases    []digestRow
	LateRows []digestRow
	NearRows []digestRow
	Troubles []alertMail
	URL      string
}

// digestRow is one case or order.
type digestRow struct {
	Name  string
	Path  string // in the console
	Since string
	What  string
}

func newDigestMail(d order.Digest, url string) digestMail {
	m := digestMail{
		Digest: d, Day: frenchDay(d.Until.In(order.Paris)), Start: frenchTime(d.From.In(order.Paris)), End: frenchTime(d.Until.In(order.Paris)), URL: url,
	}
	if d.Waiting > 0 {
		m.Oldest, m.OldestIs = frenchTime(d.Oldest.In(order.Paris)), frenchSpan(d.Until.Sub(d.Oldest))
	}
	m.Cases = digestRows(d.Cases, "/dossiers/", "depuis le ")
	m.LateRows, m.NearRows = digestRows(d.LateRows, "/commandes/", "reçue le "), digestRows(d.NearRows, "/commandes/", "reçue le ")
	for _, a := range d.Troubles {
		m.Troubles = append(m.Troubles, newAlertMail(a, url))
	}
	parts := []string{counted(d.Accepted, "commande"), counted(d.Waiting, "dossier") + " en attente"}
	if d.Late > 0 {
		parts = append(parts, m.LateCount()+"\u00a0ouverture"+plural(d.Late)+" en retard")
	}
	if len(d.Troubles) > 0 {
		parts = append(parts, counted(len(d.Troubles), "incident"))
	}
	m.Subject = "[BdC] " + m.Day + "\u00a0: " + strings.Join(parts, ", ")
	return m
}

func digestRows(rows []order.DigestRow, folder, since string) []digestRow {
	var list []digestRow
	for _, r := range rows {
		name := clean(r.Name, maxShown)
		list = append(list, digestRow{
			Name: name, Path: folder + name, Since: since + frenchTime(r.Since.In(order.Paris)),
			What: joined(clean(r.Bookseller, maxShown), clean(r.School, maxShown), quote(clean(r.Subject, maxShown))),
		})
	}
	return list
}

// LateCount is how many orders are late, as far as they were counted.
func (m digestMail) LateCount() string {
	if m.LateMore {
		return "plus de " + strconv.Itoa(m.Late)
	}
	return strconv.Itoa(m.Late)
}

// digestList is what a list of the HTML shows.
type digestList struct {
	URL  string
	Rows []digestRow
}

// List is a list with links.
func (m digestMail) List(rows []digestRow) digestList { return digestList{m.URL, rows} }

// Calm reports whether nothing went wrong.
func (m digestMail) Calm() bool { return m.Bounced+m.Failed+len(m.Troubles) == 0 }

// counted puts a number before a noun.
func counted(n int, noun string) string {
	return strconv.Itoa(n) + "\u00a0" + noun + plural(n)
}

// frenchSpan is how long something lasted, or lasts.
func frenchSpan(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 1:
		return "moins d’une minute"
	case minutes < 60:
		return counted(minutes, "minute")
	case minutes < 48*60:
		return fmt.Sprintf("%d\u00a0h\u00a0%02d", minutes/60, minutes%60)
	}
	return counted(minutes/(24*60), "jour")
}

// causeWords are what staff read of one cause.
type causeWords struct {
	Broken, Fine string // what happens, and that it doesn't any more
	Means, Todo  string // while it goes on; "" for what can't be mailed then
	Then         string // when it is over; "" where there is no more to say
}

func wordsOf(c order.Cause) causeWords {
	switch c {
	case order.CauseInbox:
		return causeWords{
			"la boîte de réception est injoignable", "la boîte de réception répond de nouveau",
			"Les messages qui arrivent ne sont ni lus ni traités. Aucun n’est perdu : ils attendent dans la boîte.",
			"Les tentatives de connexion continuent d’elles-mêmes. Si le serveur refuse l’identification, vérifiez dans la configuration le mot de passe ou l’autorisation d’accès.",
			"Les messages arrivés entre-temps sont traités maintenant.",
		}
	case order.CauseMoves:
		return causeWords{
			"les messages traités restent dans la boîte de réception", "les messages traités sont de nouveau rangés",
			"Les messages sont lus et traités, une seule fois, mais ne peuvent pas être rangés dans leurs dossiers.",
			"Vérifiez le quota et les droits du compte de messagerie.", "",
		}
	case order.CauseBacklog:
		return causeWords{
			"les messages s’accumulent", "les messages ne s’accumulent plus",
			"Les messages arrivent plus vite qu’ils ne sont traités : les réponses tardent.",
			"Si l’afflux est inattendu, regardez ce que contient la boîte de réception.", "",
		}
	case order.CauseOutbox:
		return causeWords{
			"les réponses ne partent pas", "les réponses partent de nouveau", "", "",
			"Aucune réponse n’est perdue : celles qui attendaient partent maintenant, les plus anciennes d’abord.",
		}
	case order.CausePause:
		return causeWords{
			"l’envoi des réponses est suspendu", "l’envoi des réponses a repris",
			"Toutes les réponses aux libraires attendent. Les messages à l’équipe, comme celui-ci, partent quand même.",
			"Regardez ce qui était en train de partir, puis libérez l’envoi dans la console, ou par la commande « bdc outbox release ».",
			"Les réponses qui attendaient partent maintenant.",
		}
	case order.CauseSignIn:
		return causeWords{
			"l’autorisation d’accès à la messagerie ne se renouvelle plus", "l’autorisation d’accès à la messagerie se renouvelle de nouveau",
			"Quand l’autorisation actuelle aura expiré, plus aucun message ne sera lu ni envoyé.",
			"Vérifiez l’application déclarée chez le fournisseur et, s’il le faut, autorisez-la de nouveau.", "",
		}
	case order.CauseExpiry:
		return causeWords{
			"l’accès à la messagerie expire bientôt", "l’accès à la messagerie est prolongé",
			"Après l’échéance, plus aucun message ne sera lu ni envoyé.",
			"Renouvelez-le chez le fournisseur, et inscrivez-le dans la configuration.", "",
		}
	case order.CauseDisk:
		return causeWords{
			"il ne reste presque plus de place sur le disque", "il y a de nouveau de la place sur le disque",
			"Faute de place, plus aucun message ne pourra être enregistré. Aucun ne serait perdu : ils attendraient dans la boîte.",
			"Libérez de la place sur le disque du fichier de données.", "",
		}
	}
	other := quote(clean(string(c), maxShown))
	return causeWords{Broken: "incident " + other, Fine: "fin de l’incident " + other}
}
