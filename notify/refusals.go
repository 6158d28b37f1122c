package notify

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// When the same refusal of different recipients is taken for trouble of our account.
const (
	refusalSpan    = 10 * time.Minute
	refusalDomains = 3
)

// refusals remembers what servers said of mails that they refused for good, though not for
// the recipient's sake: if they say the same to the recipients of several domains, it is not
// these mails but our account that they refuse. It is safe for concurrent use.
type refusals struct {
	mu    sync.Mutex
	words map[string]*refusal // by what was said, without what differs from mail to mail
}

// refusal is what was said, and of which mails within the last refusalSpan.
type refusal struct {
	ours bool // several domains met with it, and no mail was taken since
	of   []refused
}

type refused struct {
	at      time.Time
	domain  string
	reply   uint64
	givenUp bool // the store knows that it was given up
	spent   bool // it was taken for our account's trouble, and then a mail was taken
}

// concernUs notes a permanent refusal of a reply, and reports whether it is taken for
// trouble of our account.
func (r *refusals) concernUs(e *Error, j *job, now time.Time) bool {
	_, detail, _ := strings.Cut(e.Enhanced, ".")
	area, _, _ := strings.Cut(detail, ".")
	switch {
	case area == "1" || area == "2": // the recipient's address or mailbox (RFC 3463)
		return false
	case detail == "3.4" || e.Code == 552 && strings.Contains(strings.ToLower(e.Words), "size"): // of this mail
		return false
	case e.Step == Rcpt && area != "7": // nothing was said of a policy
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune(now)
	if r.words == nil {
		r.words = map[string]*refusal{}
	}
	key := gist(e)
	said := r.words[key]
	if said == nil {
		said = &refusal{}
		r.words[key] = said
	}
	domain := recipient(j)[strings.LastIndexByte(j.To, '@')+1:]
	said.of = slices.DeleteFunc(said.of, func(f refused) bool { return f.reply == j.ID })
	said.of = append(said.of, refused{at: now, domain: domain, reply: j.ID})
	domains := map[string]bool{}
	for _, f := range said.of {
		if !f.spent {
			domains[f.domain] = true
		}
	}
	said.ours = said.ours || len(domains) >= refusalDomains
	return said.ours
}

// prune forgets what is older than refusalSpan, but that it is taken for our account's.
func (r *refusals) prune(now time.Time) {
	for key, said := range r.words {
		said.of = slices.DeleteFunc(said.of, func(f refused) bool { return now.Sub(f.at) >= refusalSpan })
		if len(said.of) == 0 && !said.ours {
			delete(r.words, key)
		}
	}
}

// taken notes that the server has taken a mail: what it refuses from now on is judged anew.
// What was taken for our account's trouble before counts no more.
func (r *refusals) taken() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, said := range r.words {
		for i := range said.of {
			said.of[i].spent = said.of[i].spent || said.ours
		}
		said.ours = false
	}
}

// gaveUp notes replies that the store has given up.
func (r *refusals) gaveUp(replies ...uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, said := range r.words {
		for i := range said.of {
			if slices.Contains(replies, said.of[i].reply) {
				said.of[i].givenUp = true
			}
		}
	}
}

// wronged returns, once each, the replies that were given up before it was known that the
// trouble is our account's.
func (r *refusals) wronged() (replies []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, said := range r.words {
		for i := range said.of {
			if f := &said.of[i]; (said.ours || f.spent) && f.givenUp {
				f.givenUp = false
				replies = append(replies, f.reply)
			}
		}
	}
	slices.Sort(replies)
	return replies
}

// gist is an answer without what differs from mail to mail: addresses, host names, and
// whatever has a digit, such as the ids of queues.
func gist(e *Error) string {
	words := strings.FieldsFunc(strings.ToLower(e.Words), unicode.IsSpace)
	words = slices.DeleteFunc(words, func(word string) bool {
		word = strings.Trim(word, ".,:;!?()[]<>\"'")
		return strings.ContainsAny(word, "@.0123456789") || strings.Contains(word, "://")
	})
	return (&Error{Code: e.Code, Enhanced: e.Enhanced, Words: strings.Join(words, " ")}).Answer()
}
