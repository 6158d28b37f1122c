package templates

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"bdc/order"
)

// staffReplies returns mails to staff in which strangers typed words, by the names of their
// golden files.
func staffReplies(words string) map[string]order.Reply {
	at := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return at.Add(-d) }
	busy := order.Digest{
		From: ago(24 * time.Hour), Until: at, Received: 61, Accepted: 48, SentBack: 7, Held: 3, Repeated: 1, Bounced: 2,
		Failed:  1,
		Waiting: 3, Oldest: ago(75 * time.Hour), Hours: 72, Late: 1, Near: 2, Unsent: 4,
		Cases: []order.DigestRow{
			{
				Name: "D-7K2Q9F", Since: ago(75 * time.Hour), Bookseller: "Librairie des Écoles",
				School: "Lycée Turgot", Subject: words,
			},
			{Name: "D-234679", Since: ago(26 * time.Hour), Bookseller: words, Subject: "Ouverture de compte"},
			{Name: "D-CDFGHJ", Since: ago(20 * time.Minute), Bookseller: "contact@librairie.example"},
		},
		LateRows: []order.DigestRow{
			{Name: "CNS-2026-000012", Since: ago(80 * time.Hour), Bookseller: "Librairie des Écoles", School: words},
		},
		NearRows: []order.DigestRow{
			{
				Name: "CNS-2026-000031", Since: ago(65 * time.Hour), Bookseller: "La Plume",
				School: "Collège Jean-Moulin",
			},
			{Name: "CNS-2026-000033", Since: ago(61 * time.Hour), Bookseller: "La Plume", School: "Lycée Voltaire"},
		},
		Troubles: []order.Alert{
			{Cause: order.CauseInbox, Begun: ago(3 * time.Hour), Words: words},
			{
				Cause: order.CauseOutbox, Begun: ago(11 * time.Hour), Ended: ago(10*time.Hour + 20*time.Minute),
				Words: "connection refused",
			},
		},
	}
	return map[string]order.Reply{
		"digest": {Kind: order.ReplyDigest, Digest: &busy},
		"digest-calm": {
			Kind: order.ReplyDigest, Digest: &order.Digest{From: ago(24 * time.Hour), Until: at, Hours: 72},
		},
		"digest-bare": {
			Kind: order.ReplyDigest,
			Digest: &order.Digest{
				From: ago(24 * time.Hour), Until: at, Accepted: 1, Waiting: 1, Oldest: ago(time.Hour),
			},
		},
		"alert": {
			Kind:  order.ReplyAlert,
			Alert: &order.Alert{Cause: order.CauseInbox, Begun: ago(6 * time.Minute), Words: words},
		},
		"alert-over": {
			Kind:  order.ReplyAlert,
			Alert: &order.Alert{Cause: order.CauseInbox, Begun: ago(2 * time.Hour), Ended: at, Words: words},
		},
		"alert-outbox": {
			Kind: order.ReplyAlert,
			Alert: &order.Alert{
				Cause: order.CauseOutbox, Begun: ago(51 * time.Hour), Ended: at, Words: "dial tcp: connection refused",
			},
		},
	}
}

func mustRenderStaff(t *testing.T, r order.Reply) (subject, text, page string) {
	t.Helper()
	renderer, err := NewStaffRenderer("https://bdc.example.org/")
	if err != nil {
		t.Fatal(err)
	}
	subject, text, page, err = renderer.Render(r)
	if err != nil {
		t.Fatal(err)
	}
	return subject, text, page
}

func TestStaffGolden(t *testing.T) {
	for name, reply := range staffReplies("535 5.7.8 identification refusée") {
		t.Run(name, func(t *testing.T) {
			subject, text, page := mustRenderStaff(t, reply)
			golden(t, "staff-"+name+".txt", "Objet : "+subject+"\n\n"+text)
			golden(t, "staff-"+name+".html", page)
		})
	}
}

// Whatever strangers typed, mails to staff show it on one line and not as markup.
func TestStaffInjection(t *testing.T) {
	calm := staffReplies("mot")
	for name, reply := range staffReplies(hostile) {
		subject, text, page := mustRenderStaff(t, reply)
		_, _, want := mustRenderStaff(t, calm[name])
		if got, want := pageTags(t, page), pageTags(t, want); !slices.Equal(got, want) {
			t.Errorf("%s: got the tags\n%v\nwant\n%v", name, got, want)
		}
		for part, s := range map[string]string{"subject": subject, "text": text, "HTML": page} {
			if i := strings.IndexFunc(s, unwanted); i >= 0 {
				t.Errorf("%s: got %q in the %s", name, s[i:min(i+8, len(s))], part)
			}
		}
		if strings.Contains(subject, "\n") || utf8.RuneCountInString(subject) > maxSubject {
			t.Errorf("%s: got the subject %q", name, subject)
		}
	}
}

// pageTags returns the tags of a page, with the names of their attributes, as a browser
// reads them.
func pageTags(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	z := html.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken, html.CommentToken, html.DoctypeToken:
			name := kind.String() + " " + token.Data
			for _, a := range token.Attr {
				name += " " + a.Key
			}
			all = append(all, name)
		}
	}
	if len(all) < 10 {
		t.Fatalf("got %d tags of a page: %q", len(all), page)
	}
	return all
}

func TestStaffWordsOfEachCause(t *testing.T) {
	seen := map[string]bool{}
	for _, cause := range order.Causes() {
		words := wordsOf(cause)
		noAdvice := words.Means == "" || words.Todo == ""
		if words.Broken == "" || words.Fine == "" || noAdvice != (cause == order.CauseOutbox) || seen[words.Broken] {
			t.Errorf("%s: got the words %+v, want its own", cause, words)
		}
		seen[words.Broken] = true
	}
}

func TestStaffRefusesOtherReplies(t *testing.T) {
	r, err := NewStaffRenderer("")
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range []order.Reply{
		{}, {Kind: order.ReplyAck}, {Kind: order.ReplyDigest}, {Kind: order.ReplyAlert, Digest: &order.Digest{}},
	} {
		if _, _, _, err := r.Render(reply); !errors.Is(err, ErrNoReply) {
			t.Errorf("%+v: got %v, want an error that wraps ErrNoReply", reply, err)
		}
	}
}

func TestFrenchSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		20 * time.Second: "moins d’une minute", time.Minute: "1\u00a0minute", 45 * time.Minute: "45\u00a0minutes",
		65 * time.Minute: "1\u00a0h\u00a005",
		47 * time.Hour:   "47\u00a0h\u00a000", 71 * time.Hour: "2\u00a0jours",
	} {
		if got := frenchSpan(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
