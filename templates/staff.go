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

// StaffRenderer writes the mails to our staff: digests and alerts. It is safe for
// concurrent use.
type StaffRenderer struct {
	url  string // of the console, without a slash at its end; "" for mails without links
	text *texttemplate.Template
	html *htmltemplate.Template
}

// NewStaffRenderer parses the embedded templates of the mails to staff. The mails link to
// the console at url; with "" they have no links.
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

// Render writes a digest or an alert: its subject, its body as plain text, and the same
// body as HTML. Nothing that a stranger typed can add a line to the subject or markup to
// the HTML, and each typed value is cut to a fixed length. The error wraps ErrNoReply if
// the reply is neither a digest nor an alert.
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

// execute writes the plain text and the HTML of a mail by the templates of that name.
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

// alertMail is the value on which the templates of an alert are executed.
type alertMail struct {
	Subject string
	Title   string // what is wrong or, if Over, what works again
	Over    bool   // the trouble is over
	From    string // when the trouble began
	To      string // when it ended; "" unless Over
	Lasted  string // how long it lasted; "" unless Over
	Trouble string // what is or was wrong
	Means   string // what it means for the messages
	Todo    string // what staff can do
	Then    string // what happens now that it is over
	Words   string // what the mail server, or our own measuring, said
	URL     string // of the console, or ""
}

// newAlertMail prepares an alert for the templates.
func newAlertMail(a order.Alert, url string) alertMail {
	words := wordsOf(a.Cause)
	for _, text := range []*string{&words.Broken, &words.Fine, &words.Means, &words.Todo, &words.Then} {
		*text = noBreak.Replace(*text)
	}
	m := alertMail{
		Title: words.Broken, From: frenchTime(a.Begun.In(order.Paris)), Means: words.Means, Todo: words.Todo,
		Then:  words.Then,
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

// capital makes the first letter of s, which must be an ASCII letter, a capital.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// maxShownWords is how many characters a mail shows of what a server said.
const maxShownWords = 500

// digestMail is the value on which the templates of a digest are executed. Where it has a
// field of the same name as order.Digest, its own holds the same fact as text and is the
// one that the templates see.
type digestMail struct {
	order.Digest
	Subject    string
	Day        string // the day of the digest
	Start, End string // of the time that the digest is about
	BackedUp   string // when the last good backup was made; "" for never
	Oldest     string // since when the oldest open case waits; "" if none does
	OldestIs   string // how long that is
	Cases      []digestRow
	LateRows   []digestRow
	NearRows   []digestRow
	Troubles   []alertMail
	URL        string // of the console, or ""
}

// digestRow is one case or order in a list of a digest.
type digestRow struct {
	Name  string // the code of the case, or the number of the order
	Path  string // of its page in the console
	Since string // since when it waits
	What  string // the bookseller, the school and the subject, as far as they are known
}

// newDigestMail prepares a digest for the templates.
func newDigestMail(d order.Digest, url string) digestMail {
	m := digestMail{
		Digest: d, Day: frenchDay(d.Until.In(order.Paris)), Start: frenchTime(d.From.In(order.Paris)),
		End: frenchTime(d.Until.In(order.Paris)), URL: url,
	}
	if d.Waiting > 0 {
		m.Oldest, m.OldestIs = frenchTime(d.Oldest.In(order.Paris)), frenchSpan(d.Until.Sub(d.Oldest))
	}
	if !d.BackedUp.IsZero() {
		m.BackedUp = frenchTime(d.BackedUp.In(order.Paris))
	}
	m.Cases = digestRows(d.Cases, "/dossiers/", "depuis le ")
	m.LateRows = digestRows(d.LateRows, "/commandes/", "reçue le ")
	m.NearRows = digestRows(d.NearRows, "/commandes/", "reçue le ")
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

// digestRows prepares a list for the templates. folder is the path of the console's pages
// of such things, since the words before the time.
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

// LateCount returns the number of late orders in words: « 12 », or « plus de 12 » if the
// counting stopped there.
func (m digestMail) LateCount() string {
	if m.LateMore {
		return "plus de " + strconv.Itoa(m.Late)
	}
	return strconv.Itoa(m.Late)
}

// digestList is the value on which the template of a list in the HTML is executed.
type digestList struct {
	URL  string
	Rows []digestRow
}

// List returns rows together with the URL that their links begin with.
func (m digestMail) List(rows []digestRow) digestList { return digestList{m.URL, rows} }

// Calm reports whether there was no bounce, no failed reply and no trouble.
func (m digestMail) Calm() bool { return m.Bounced+m.Failed+len(m.Troubles) == 0 }

// counted puts a number before a noun, which it gives the ending of the plural if needed.
func counted(n int, noun string) string {
	return strconv.Itoa(n) + "\u00a0" + noun + plural(n)
}

// frenchSpan writes a duration in minutes, in hours and minutes, or from two days on in
// whole days.
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

// causeWords are the words of the alerts of one cause.
type causeWords struct {
	Broken string // what is wrong
	Fine   string // that it is no longer so
	Means  string // what it means for the messages; "" if no mail can be sent while it lasts
	Todo   string // what staff can do; "" if no mail can be sent while it lasts
	Then   string // what happens when it is over; "" if nothing needs saying
}

// wordsOf returns the words of a cause, also of one that it does not know.
func wordsOf(c order.Cause) causeWords {
	switch c {
	case order.CauseInbox:
		return causeWords{
			"la boîte de réception est injoignable", "la boîte de réception répond de nouveau",
			"Les messages qui arrivent ne sont ni lus ni traités. Aucun n’est perdu : ils attendent dans la boîte.",
			"Les tentatives de connexion continuent d’elles-mêmes. Si le serveur refuse l’identification, " +
				"vérifiez dans la configuration le mot de passe ou l’autorisation d’accès.",
			"Les messages arrivés entre-temps sont traités maintenant.",
		}
	case order.CauseRefused:
		return causeWords{
			"la boîte de réception refuse le mot de passe", "la boîte de réception accepte de nouveau le mot de passe",
			"Les messages qui arrivent ne sont ni lus ni traités. Aucun n’est perdu : ils attendent dans la boîte. " +
				"Pour ne pas bloquer le compte, les essais sont de plus en plus espacés, jusqu’à un quart d’heure.",
			"Vérifiez le mot de passe dans la configuration, ou l’autorisation d’accès. Si vous le changez dans la " +
				"configuration, redémarrez ; s’il est changé sur le serveur, « bdc resume » fait essayer " +
				"tout de suite.",
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
	case order.CauseFetch:
		return causeWords{
			"un message ne peut pas être lu", "tous les messages de la boîte peuvent être lus",
			"Le serveur de messagerie annonce un message, et ne le livre pas. Chaque message dans ce cas a son " +
				"dossier dans la console ; les autres sont traités.",
			"Ouvrez-le dans la boîte aux lettres, saisissez la commande à la main, puis rangez-le dans un autre " +
				"dossier de la boîte.", "",
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
			"Regardez ce qui était en train de partir, puis libérez l’envoi dans la console, " +
				"ou par la commande « bdc outbox release ».",
			"Les réponses qui attendaient partent maintenant.",
		}
	case order.CauseSignIn:
		return causeWords{
			"l’autorisation d’accès à la messagerie ne se renouvelle plus",
			"l’autorisation d’accès à la messagerie se renouvelle de nouveau",
			"Quand l’autorisation actuelle aura expiré, plus aucun message ne sera lu ni envoyé.",
			"Vérifiez l’application déclarée chez le fournisseur et, s’il le faut, autorisez-la de nouveau.", "",
		}
	case order.CauseExpiry:
		return causeWords{
			"l’accès à la messagerie expire bientôt", "l’accès à la messagerie est prolongé",
			"Après l’échéance, plus aucun message ne sera lu ni envoyé.",
			"Renouvelez-le chez le fournisseur, et inscrivez-le dans la configuration.", "",
		}
	case order.CauseOwner:
		return causeWords{
			"le fichier de données n’est peut-être pas le bon", "le fichier de données est reconnu par la boîte",
			"La boîte de réception dit appartenir à un autre fichier de données, ou celui-ci est une copie. Pour " +
				"que rien ne soit traité deux fois, aucun message n’est lu et aucune réponse ne part : tout attend.",
			"Vérifiez quel fichier de données est le bon. « bdc restore » met en place une copie, et " +
				"« bdc inbox claim » donne la boîte au fichier en service.",
			"Les messages et les réponses qui attendaient sont traités maintenant.",
		}
	case order.CauseDeed:
		return causeWords{
			"le message de service de la boîte a été supprimé", "le message de service de la boîte est à sa place",
			"Un petit message, dans un dossier de la boîte aux lettres (« bdc » en général), dit quel fichier de " +
				"données la dessert. Le programme l’a écrit de nouveau, et tout continue.",
			"Demandez aux personnes qui utilisent cette boîte de laisser ce dossier et ses messages en place.", "",
		}
	case order.CauseDisk:
		return causeWords{
			"il ne reste presque plus de place sur le disque", "il y a de nouveau de la place sur le disque",
			"Faute de place, plus aucun message ne pourra être enregistré. " +
				"Aucun ne serait perdu : ils attendraient dans la boîte.",
			"Libérez de la place sur le disque du fichier de données.", "",
		}
	case order.CauseData:
		return causeWords{
			"le fichier de données est en panne", "le fichier de données fonctionne de nouveau",
			"Tant qu’il ne peut pas être écrit, aucun message n’est enregistré. " +
				"Aucun n’est perdu : ils attendent dans la boîte.",
			"S’il n’y a plus de place, libérez-en ; si le disque n’accepte plus d’écriture, réparez-le. " +
				"Si le fichier est abîmé, « bdc verify » dit quelles commandes sont touchées, " +
				"et « bdc restore » remet une sauvegarde en place.",
			"La réception a repris d’elle-même : les messages arrivés entre-temps sont traités maintenant.",
		}
	case order.CausePlace:
		return causeWords{
			"le fichier de données a été retiré ou remplacé", "le fichier de données est de nouveau à sa place",
			"Plus rien n’est enregistré, et seuls les messages à l’équipe, comme celui-ci, partent encore. " +
				"Les messages qui arrivent attendent dans la boîte.",
			"La commande « bdc status » dit où a été mis à l’abri ce que contenait le fichier. " +
				"Arrêtez le programme, remettez ce fichier à sa place, ou une sauvegarde par « bdc restore », " +
				"puis relancez le programme.", "",
		}
	case order.CauseBackup:
		return causeWords{
			"la sauvegarde régulière a échoué", "la sauvegarde régulière est faite de nouveau",
			"Les commandes sont enregistrées, mais aucune nouvelle sauvegarde n’est faite. Les anciennes sont gardées.",
			"Vérifiez le dossier des sauvegardes : sa place libre, ses droits, et que son disque est monté. " +
				"Les tentatives continuent d’elles-mêmes.", "",
		}
	}
	other := quote(clean(string(c), maxShown))
	return causeWords{Broken: "incident " + other, Fine: "fin de l’incident " + other}
}
