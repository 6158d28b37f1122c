package ingest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bdc/order"
)

// What an OK is made of, in small letters without accents and punctuation: whole
// phrases, and nothing between them. A word that is in none of them is a doubt.
const (
	yesWords = `ok|o k|oki|okay|okey|dac|d'?accord|oui|c'est (?:bon|ok|d'accord|correct|exact|bien ca|parfait)|ca marche|tout est (?:bon|ok|correct)|` +
		`(?:je|nous|on) (?:vous )?(?:confirme|confirmons|valide|validons|accepte|acceptons|approuve|approuvons)|confirme|valide|accepte|j'accepte|j'approuve|` +
		`(?:je suis|nous sommes|on est) (?:tout a fait |bien )?d'accord|bon pour accord|vous avez (?:mon|notre) accord|` +
		`(?:je|nous) (?:vous )?(?:donne|donnons|confirme|confirmons) (?:mon|notre) accord`
	whatWords = `(?:pour|avec|a)? ?(?:accepter )?(?:toutes )?(?:vos|ces|les|cette|la|votre) (?:corrections?|modifications?|propositions?|changements?)(?: (?:proposee?s?|indiquee?s?|ci-dessous|en rouge))?|` +
		`pour (?:moi|nous|accord|accepter)|de (?:mon|notre) cote|bien sur|tout a fait|parfait|tres bien|entendu|bien`
	thanksWords = `(?:un |avec )?(?:grand )?merci(?: (?:beaucoup|bien|a vous|d'avance|encore|infiniment|pour (?:votre (?:aide|retour|message|reactivite|reponse)|tout)))*|(?:je|nous) vous (?:en )?(?:remercie|remercions)(?: (?:beaucoup|d'avance|pour votre (?:aide|retour|message|reactivite|reponse)))?|en vous remerciant(?: (?:par avance|d'avance))?|avec (?:mes|nos) remerciements`
	helloWords  = `bonjour|bonsoir|rebonjour|re-bonjour|re bonjour|bjr|salut|hello|madame|monsieur|mesdames|messieurs|madame monsieur|mme|m|mr|a tous|a toutes et a tous|chere?|l'equipe|toute l'equipe`
	byeWords    = `(?:(?:bien|tres|plus) )?cordialement|cdt|cdlt|cldt|bav|bien a (?:vous|toi)|(?:(?:mes|nos|avec (?:mes|nos)|sinceres|meilleures|cordiales|respectueuses) )*salutations(?: (?:distinguees|les meilleures|cordiales|respectueuses))?|` +
		`respectueusement|sincerement|amicalement|(?:je vous souhaite |nous vous souhaitons |en vous souhaitant )?(?:une )?(?:tres )?(?:bonne|belle|excellente) (?:fin de )?(?:journee|soiree|semaine|apres-midi|matinee)|(?:bon|excellent) (?:week-end|weekend|we|apres-midi)|a (?:bientot|vous)|` +
		`(?:je vous prie|nous vous prions|veuillez|vous voudrez bien) (?:d'|de |bien )?(?:agreer|recevoir|croire)(?: (?:madame|monsieur|mesdames|messieurs|l'expression|a l'expression|l'assurance|en l'assurance|de|mes|nos|en|a|sentiments|salutations|distingues|distinguees|meilleurs|meilleures|les|respectueux|respectueuses|considerations?|ma|notre|consideration|distinguee))*`
)

var (
	yesPhrase  = regexp.MustCompile(`(?:^| )(?:` + yesWords + `)(?: |$)`)
	byePhrase  = regexp.MustCompile(`(?:^| )(?:` + byeWords + `)$`)
	anyPhrases = regexp.MustCompile(`^(?:(?:` + strings.Join([]string{yesWords, whatWords, thanksWords, helloWords, byeWords}, "|") + `)(?: |$))+$`)
	greeting   = regexp.MustCompile(`^(?:` + helloWords + `)(?: (?:` + helloWords + `))*(?: |$)`)

	// remark finds the words that make what looks like a signature more than one.
	remark = regexp.MustCompile(`(?:^|[^\pL])(?:mais|sauf|excepte|hormis|non|pas|plus|jamais|aucune?|ni|ne|n'\pL+|si|s'il|sinon|seulement|uniquement|condition|reserve|attention|attendez|attendre|merci|urgent|svp|` +
		`quantites?|qtes?|nb|nbre|nombre|lignes?|ean|uai|rne|case|prix|remise|licences?|exemplaires?|ex|titres?|eleves?|manuels?|commandes?|factur\pL*|devis|references?|ref|dossier|fichier|bon de|bdc|pj|ci-joint\pL*|joint\pL*|` +
		`corrig\pL*|correct\pL*|modifi\pL*|chang\pL*|rempla\pL*|ajout\pL*|supprim\pL*|retir\pL*|annul\pL*|renvo\pL*|envoy?e\pL*|enverr\pL*|voir|voici|verifi\pL*|erreur|faux|fausse|plutot|aussi|egalement|ensuite|puis|apres|avant|quand|lorsque|des que|demain|` +
		`pass(?:er|ez)|met(?:tre|tez)|pren(?:dre|ez)|gard(?:er|ez)|laiss(?:er|ez)|utilis(?:er|ez)|not(?:er|ez)|indiqu\pL*|precis\pL*|complet\pL*|expedi\pL*|livr(?:er|ez)|serv(?:ir|ez)|appel\pL*|rappel\pL*|telephon(?:er|ez)|contact(?:er|ez)|ecri(?:re|vez)|repon\pL*|dites?|dire|enseignants?|durees?|ans?|` +
		`refus\pL*|stop\pL*|arret\pL*|suspen\pL*|bloqu\pL*|doubl\pL*|problemes?|doutes?|questions?|revoir|partie|partiel\pL*|presque|juste|seule?s?|moitie|transmis\pL*|attente|impossible|inutile|oubli\pL*|trop|moins|` +
		`pouvez|pourriez|voulez|veuillez|faites|faire|fait|est|sont|etait|sera|seront|suis|sommes|avez|avons|ai|faut|doit|devez|je|j'\pL+|nous|vous|on|il|elle|ils|que|qu'\pL+|qui|dont|car|parce|puisque|donc|cependant|toutefois|neanmoins|pourtant|par contre|ps|nb)(?:[^\pL]|$)`)
	device = regexp.MustCompile(`^(?:(?:envoye|sent) (?:de|depuis|a partir de|from)(?: mon| ma| my| l'application)? [\pL0-9 .'-]{2,40}|(?:obtenir|telecharger|telechargez|get) outlook (?:pour|for) (?:ios|android|mac)|outlook (?:pour|for) (?:ios|android))(?: ?<https?://\S+>)?$`)
	// footer is what many have below their signature, and remark would doubt.
	footer = regexp.MustCompile(`^(?:(?:suivez|retrouvez|rejoignez)[- ]nous (?:aussi )?sur (?:facebook|instagram|linkedin|x|twitter|tiktok|youtube|notre (?:site|page))(?:[ ,/|&:]+(?:et )?(?:facebook|instagram|linkedin|x|twitter|tiktok|youtube|(?:https?://|www\.)\S+))*|` +
		`(?:pensez a|preserv(?:ez|ons)|proteg(?:ez|eons)) l'environnement(?: avant d'imprimer(?: ce (?:message|mail|courriel|e-mail))?)?|n'imprimez ce (?:message|mail|courriel|e-mail) que si (?:c'est )?necessaire)[.! ]*$`)
	address   = regexp.MustCompile(`@|www\.|https?:|^(?:tel(?:ephone)?|mob(?:ile)?|port(?:able)?|fax)(?:[^\pL]|$)`)
	lone      = regexp.MustCompile(`^(?:[0-9]{1,6}|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent)$`)
	doubt     = regexp.MustCompile(`…|\.\.|:'?-?\(`)
	smiley    = regexp.MustCompile(`(?:^|\s)[:;]-?\)|👍(?:[\x{1F3FB}-\x{1F3FF}])?|🙂|😊`)
	forwarded = regexp.MustCompile(`(?i)^\s*(?:tr|fw|fwd|wg)\s*:`)
)

// maxSignature is how many lines may follow an OK, and maxLine how long they may
// be, in characters; maxAssent bounds it all, in octets.
const (
	maxAssent    = 2 << 10
	maxSignature = 8
	maxLine      = 100
)

// assents reports whether a sender's own text says OK, and nothing that anybody
// could mean anything else by: phrases that agree, greet, thank and take leave, then
// perhaps a signature.
func assents(own string) bool {
	if len(own) > maxAssent {
		return false
	}
	said, signed := false, 0
	leave := false // has been taken: a signature may follow
	for _, line := range strings.Split(own, "\n") {
		line = strings.TrimSpace(line)
		folded := strings.TrimSpace(strings.Join(strings.Fields(order.Fold(line)), " "))
		switch {
		case folded == "" || device.MatchString(folded):
		case signed > 0 || said && !phrases(line):
			if isRule(folded) {
				leave = true
				continue
			}
			if signed++; signed > maxSignature || !signature(line, folded, leave || signed > 1) {
				return false
			}
		case isRule(folded) || !phrases(line):
			return false
		default:
			p := plain(line)
			said = said || yesPhrase.MatchString(p)
			leave = leave || said && byePhrase.MatchString(p)
		}
	}
	return said
}

// isRule tells a line of dashes, such as the "-- " above a signature.
func isRule(s string) bool { return strings.Trim(s, "-_=*") == "" }

// plain is a line without case, accents, and punctuation that means nothing. A
// question mark stays, three dots and a sad face become one, and quantities stay: no
// phrase has them.
func plain(line string) string {
	line = strings.NewReplacer("–", " ", "—", " ").Replace(line) // no hyphens, as they would become
	line = smiley.ReplaceAllString(doubt.ReplaceAllString(order.Fold(line), "?"), " ")
	line = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,;:!«»\"“”*_()", r) {
			return ' '
		}
		return r
	}, line)
	return strings.Trim(strings.Join(strings.Fields(line), " "), "- ")
}

// phrases reports whether a line is made of known phrases, behind a greeting that
// may name somebody.
func phrases(line string) bool {
	p := plain(line)
	if anyPhrases.MatchString(p) {
		return true
	}
	hello, rest, _ := strings.Cut(line, ",")
	if h := plain(hello); greeting.MatchString(h) && isName(strings.Fields(hello), 4) {
		r := plain(rest)
		return r == "" || anyPhrases.MatchString(r)
	}
	return false
}

// isName reports whether up to so many words could be somebody's: each with a
// capital, and none that says anything. The first may be a greeting.
func isName(words []string, most int) bool {
	if len(words) == 0 || len(words) > most {
		return false
	}
	for _, w := range words {
		w = strings.Trim(w, ".,;:!*_()–—-")
		first := []rune(w + " ")[0]
		if !unicode.IsUpper(first) && !slices.Contains([]string{"", "de", "du", "la", "le", "des", "d'", "et"}, w) || strings.ContainsAny(w, "?0123456789") || remark.MatchString(order.Fold(w)) {
			return false
		}
	}
	return true
}

// signature reports whether a line could be one of a signature. Before leave was
// taken, only a name begins one.
func signature(line, folded string, left bool) bool {
	if left && footer.MatchString(folded) {
		return true
	}
	if len([]rune(line)) > maxLine || strings.ContainsAny(line, "?!…") || remark.MatchString(folded) || yesPhrase.MatchString(folded) || lone.MatchString(folded) {
		return false
	}
	first := []rune(line)[0]
	return left && (!unicode.IsLower(first) || address.MatchString(folded)) || isName(strings.Fields(line), 5)
}

// onlyLogos reports whether a mail came with no file but what signatures have in
// them: small pictures.
func (x *Exam) onlyLogos() bool {
	const maxLogo = 100 << 10
	return !slices.ContainsFunc(x.Message.Parts, func(p order.Part) bool {
		return p.Size > maxLogo || !slices.Contains([]string{"png", "jpeg", "gif"}, p.Type)
	})
}
