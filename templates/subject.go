package templates

import (
	"regexp"
	"slices"
	"strings"

	"bdc/order"
)

// maxSubject bounds a subject, in characters. It folds into a few header lines.
const maxSubject = 200

var (
	// ourTag is what an earlier answer of ours put in front of a subject, with our Re:.
	ourTag = regexp.MustCompile(`(?i)\[\s*(?:CNS-\d|à corriger|en cours d.examen|déjà reçue|fichier illisible|sans bon de commande|commande refusée|dossier D-)[^\[\]]*\](?:\s*Re:)?`)
	// replyPrefix is what mail programs put in front of an answer, again and
	// again: Re: (most), RE : (Outlook in French), Rép. : (Apple's), AW: (German).
	replyPrefix = regexp.MustCompile(`(?i)^(?:re|ré|rép|aw)\.?(?:\[\d+\])?\s*:\s*`)
	// otherTag is somebody else's.
	otherTag = regexp.MustCompile(`^\[[^\[\]]+\]`)
)

// subjectOf is the bookseller's subject, answered once, behind what became of
// the forms: « [À corriger D-7K2Q9F] Re: Commande du lycée Turgot ».
func subjectOf(subject string, results []order.Result) string {
	const maxCodes = 3 // per kind: the mail itself lists them all
	var tags []string
	// What asks most of the bookseller comes first.
	for _, kind := range []order.ReplyKind{order.ReplyReport, order.ReplyUnreadable, order.ReplyNoForm, order.ReplyRefused, order.ReplyHeld, order.ReplyLetter, order.ReplyDuplicate, order.ReplyAck} {
		var codes []string
		found := false
		for _, r := range results {
			if r.Kind != kind {
				continue
			}
			found = true
			code := r.Case
			if kind == order.ReplyAck || kind == order.ReplyDuplicate {
				code = r.Number
			}
			if code = clean(code, 20); code != "" && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		if !found {
			continue
		}
		if len(codes) > maxCodes {
			codes = append(codes[:maxCodes], "…")
		}
		if tag := strings.TrimSpace(tagWords(kind) + " " + strings.Join(codes, ", ")); tag != "" {
			tags = append(tags, "["+tag+"]")
		}
	}

	// Ten times what is kept leaves room for the tags of many answers.
	subject = clean(subject, 10*maxSubject)
	for before := ""; before != subject; {
		before = subject
		subject = clean(ourTag.ReplaceAllString(subject, " "), 10*maxSubject)
		subject = replyPrefix.ReplaceAllString(subject, "")
		// A gateway puts « [EXTERNE] » in front each time.
		if tag := otherTag.FindString(subject); tag != "" {
			if rest := replyPrefix.ReplaceAllString(strings.TrimLeft(subject[len(tag):], " "), ""); strings.HasPrefix(rest, tag) {
				subject = rest
			}
		}
	}
	if subject == "" {
		subject = "Votre bon de commande"
	}
	tags = append(tags, "Re: "+subject)
	return clean(strings.Join(tags, " "), maxSubject)
}

// tagWords is what stands before the code in the subject's tag. An order's
// number says by itself that it is recorded.
func tagWords(kind order.ReplyKind) string {
	switch kind {
	case order.ReplyReport:
		return "À corriger"
	case order.ReplyUnreadable:
		return "Fichier illisible"
	case order.ReplyNoForm:
		return "Sans bon de commande"
	case order.ReplyHeld:
		return "En cours d’examen"
	case order.ReplyDuplicate:
		return "Déjà reçue"
	case order.ReplyRefused:
		return "Commande refusée"
	case order.ReplyLetter:
		return "Dossier"
	}
	return ""
}
